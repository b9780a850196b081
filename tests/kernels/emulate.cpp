// Law: the emulation runs kernels as a card would, and ends a program whose threads wait for each
// other in vain.
#include "kernels/cuda.h"
#include "tests/kernels/support.h"

#include <sys/wait.h>
#include <thread>
#include <unistd.h>

static __global__ void fill_index(int n, int *out) {
    const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < n) out[i] = i;
}

// A tree in shared memory, and then shuffles.
static __global__ void block_sums(const float *x, float *sums) {
    DYNAMIC_SHARED(float, part);
    const unsigned i = threadIdx.x;
    part[i] = x[blockIdx.x * blockDim.x + i];
    __syncthreads();
    for (unsigned stride = blockDim.x / 2; stride >= 32; stride /= 2) {
        if (i < stride) part[i] += part[i + stride];
        __syncthreads();
    }
    if (i < 32) {
        float sum = part[i];
        for (int lanes = 16; lanes > 0; lanes /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, lanes);
        if (i == 0) sums[blockIdx.x] = sum;
    }
}

template <class T, int OFFSET> static __global__ void votes(T *out) {
    const unsigned lane = threadIdx.x % 32, odd = __ballot_sync(0xffffffffu, lane & 1);
    T sum = (T)(odd == 0xaaaaaaaau) + __shfl_down_sync(0xffffffffu, (T)lane, OFFSET) + (T)__syncthreads_count(lane < 3);
    if (lane < 16) {
        sum += __shfl_sync(0xffffu, (T)lane, 5);
    } else {
        sum += __shfl_sync(0xffff0000u, (T)lane, 20);
    }
    if (threadIdx.y == 1) out[lane] = sum;
}

static void laws_of_launches(int seed) {
    struct device *d = open_device(seed & 1);
    int *ints = (int *)device_alloc(d, 1000 * sizeof(int));
    LAUNCH(fill_index, 4, 256, 0, d, 1000, ints);
    for (int i = 0; i < 1000; i++) EXPECT_INT(ints[i], i);
    float *x = (float *)device_alloc(d, 5 * 256 * 4), *sums = (float *)device_alloc(d, 5 * 4);
    uint64_t random = (uint64_t)seed;
    double expected[5] = {0};
    for (int i = 0; i < 5 * 256; i++) expected[i / 256] += x[i] = random_float(&random);
    LAUNCH(block_sums, 5, 256, 256 * sizeof(float), d, x, sums);
    for (int i = 0; i < 5; i++) EXPECT_NEAR(sums[i], expected[i], 1e-4);
    LAUNCH((votes<int, 3>), dim3(2, 2), dim3(32, 2), 0, d, ints);
    for (int lane = 0; lane < 32; lane++)
        EXPECT_INT(ints[lane], 1 + (lane + 3 < 32 ? lane + 3 : lane) + 6 + (lane < 16 ? 5 : 20));
    device_free(d, ints), device_free(d, x), device_free(d, sums);
    device_close(d);
}

// Kernels that would hang on a card, or that read too early.

static __global__ void some_return(int *out) {
    if (threadIdx.x == 7) return;
    __syncthreads();
    out[threadIdx.x] = 1;
}
static __global__ void half_barrier(int *out) {
    if (threadIdx.x < 32)
        __syncthreads();
    else
        __syncwarp();
    if (threadIdx.x >= 32) __shfl_sync(0xffffffffu, 1, threadIdx.x == 40 ? 0 : 1), __syncwarp(1u << threadIdx.x % 32);
    out[threadIdx.x] = 1;
}
static __global__ void lanes_differ(int *out) {
    if (threadIdx.x & 1)
        __syncwarp();
    else
        out[threadIdx.x] = __shfl_sync(0xffffffffu, 1, 0);
}
static __global__ void no_such_lane(int *out) { out[threadIdx.x] = __shfl_sync(0xffffffffu, 1, 0); }
static __global__ void beyond_shared(int *out) {
    DYNAMIC_SHARED(volatile unsigned char, bytes);
    bytes[*out + threadIdx.x] = 0;
}
static __global__ void reads_early(float *out) {
    DYNAMIC_SHARED(float, part);
    part[threadIdx.x] = 1;
    out[threadIdx.x] = part[blockDim.x - 1 - threadIdx.x];
}

static bool dies(void (*kernel)(int *), unsigned threads, int value) {
    const pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        int out[64] = {value};
        LAUNCH(kernel, 1, threads, 8, nullptr, out);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void laws_of_faults(void) {
    EXPECT(!dies([](int *out) { out[threadIdx.x] = 1; }, 64, 0));
    EXPECT(dies(some_return, 64, 0));
    EXPECT(dies(half_barrier, 64, 0));
    EXPECT(dies(lanes_differ, 32, 0));
    EXPECT(dies(no_such_lane, 31, 0));
    EXPECT(!dies(beyond_shared, 1, 7));
    EXPECT(dies(beyond_shared, 1, 8));
    float early[64];
    LAUNCH(reads_early, 1, 64, 64 * sizeof(float), nullptr, early);
    EXPECT(isnan(early[0]) && early[63] == 1);
}

static void laws_of_halves(void) {
    for (unsigned bits = 0; bits < 65536; bits++) {
        __half h;
        __nv_bfloat16 b;
        h.bits = b.bits = (unsigned short)bits;
        const float x = __half2float(h), y = __bfloat162float(b);
        if (isnan(x))
            EXPECT((bits & 0x7fff) > 0x7c00);
        else
            EXPECT_INT(__float2half(x).bits, bits);
        if (isnan(y))
            EXPECT((bits & 0x7fff) > 0x7f80);
        else
            EXPECT_INT(__float2bfloat16(y).bits, bits);
        if (isnan(x) || (bits & 0x7fff) >= 0x7bff) continue;
        const int exponent = (int)(bits >> 10 & 31), mantissa = (int)(bits & 1023); // by definition
        const double exact = exponent ? ldexp(1024 + mantissa, exponent - 25) : ldexp(mantissa, -24);
        EXPECT(fabs(x) == exact);
        __half next;
        next.bits = (unsigned short)(bits + 1);
        const float middle = (float)((x + (double)__half2float(next)) / 2); // exact: one bit more
        EXPECT_INT(__float2half(middle).bits, bits & 1 ? bits + 1 : bits);
        EXPECT_INT(__float2half(nextafterf(middle, x)).bits, bits);
        EXPECT_INT(__float2half(nextafterf(middle, 2 * middle)).bits, bits + 1);
    }
    EXPECT(isinf(__half2float(__float2half(65520.f))) && __half2float(__float2half(65519.f)) == 65504);
    EXPECT_INT(__float2bfloat16(1 + 0x1p-8f).bits, 0x3f80); // a tie goes to even
    EXPECT_INT(__float2bfloat16(1 + 0x3p-8f).bits, 0x3f82);
    EXPECT(isnan(__half2float(__float2half(NAN))) && isnan(__bfloat162float(__float2bfloat16(NAN))));
}

int main(void) {
    laws_of_faults(); // first: it forks
    laws_of_halves();
    laws_of_launches(1);
    std::thread other(laws_of_launches, 2);
    for (int i = 0; i < 5; i++) laws_of_launches(3 + i);
    other.join();
    return TEST_END();
}
