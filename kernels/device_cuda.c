// device.h over the CUDA runtime.
//
// One stream a handle, and a small ring of pinned memory between host arrays and the card:
//
//   upload:    host --memcpy--> buffer --DMA, in stream order--> card   returns after the memcpy
//   download:  card --DMA, in stream order--> buffer --memcpy--> host   waits for the DMA
//
// Invariants
// 1. The host writes a buffer only after the buffer's event says that the last upload from it is
//    done. Downloads into a buffer need no such wait: the stream itself orders them behind that
//    upload.
// 2. Every entry makes the handle's card current for the calling thread first (the runtime's
//    current card is per thread).
// 3. Waits sleep (cudaEventBlockingSync) rather than spin: there are more threads than cores.
// 4. Between device_capture_begin and device_capture_end nothing waits, allocates or copies from
//    the host.
#include "kernels/device.h"

#include "kernels/collective.h"
#include "kernels/conv_graph.h"
#include "kernels/pointwise.h"

#include <cuda_runtime_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    // Two buffers would let a copy and a DMA overlap. But a training step queues 13 uploads of
    // targets behind the forward pass: with fewer buffers than that, the host would wait for that
    // pass and could not launch the next.
    NUM_BUFFERS = 16,
    BUFFER_BYTES = 2 * 1048576, // enough for a DMA at full speed; chosen, not tuned
};

enum { MAX_SCRATCH = 40 }; // doublings from a byte to a terabyte

struct device {
    int index;
    cudaStream_t stream;
    struct device_facts facts;
    unsigned char *staging;        // pinned memory of NUM_BUFFERS buffers
    cudaEvent_t sent[NUM_BUFFERS]; // reached when the last upload from the buffer is done
    int next_buffer;               // the one that the next upload uses
    cudaEvent_t reached;           // the mark that a waiting host thread sleeps on
    cudaEvent_t timer_start, timer_stop;
    // The last one is in use. The others were outgrown, but captured graphs may still use them.
    void *scratch[MAX_SCRATCH];
    int num_scratch;
    size_t scratch_bytes;
    bool capturing;
};

struct device_graph {
    cudaGraphExec_t executable;
};

static void demand(cudaError_t error, const char *what) {
    if (error == cudaSuccess) return;
    fprintf(stderr, "cuda: %s: %s (%s)\n", what, cudaGetErrorString(error), cudaGetErrorName(error));
    abort();
}

static void enter(const struct device *device) {
    int current = -1;
    demand(cudaGetDevice(&current), "cudaGetDevice");
    if (current != device->index) demand(cudaSetDevice(device->index), "cudaSetDevice");
}

static bool refuse(char why[DEVICE_TEXT], const char *what, cudaError_t error) {
    // The error is reported here: it must not surface again at the next launch.
    (void)cudaGetLastError();
    snprintf(why, DEVICE_TEXT, "%s: %s", what, cudaGetErrorString(error));
    return false;
}

int device_count(char why[DEVICE_TEXT]) {
    int count = 0, driver = 0, runtime = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error == cudaSuccess && count > 0) return count;
    (void)cudaGetLastError();
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    if (!driver) {
        snprintf(why, DEVICE_TEXT, "no NVIDIA driver on this machine: %s", cudaGetErrorString(error));
    } else if (error == cudaErrorInsufficientDriver) {
        snprintf(why, DEVICE_TEXT, "the NVIDIA driver is too old: it knows CUDA %d.%d, this program needs %d.%d", driver / 1000,
                 driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
    } else {
        snprintf(why, DEVICE_TEXT, "no CUDA device: %s",
                 error == cudaSuccess ? "the driver lists none" : cudaGetErrorString(error));
    }
    return 0;
}

static bool attribute(int index, enum cudaDeviceAttr which, int *out, char why[DEVICE_TEXT]) {
    const cudaError_t error = cudaDeviceGetAttribute(out, which, index);
    return error == cudaSuccess || refuse(why, "cudaDeviceGetAttribute", error);
}

bool device_describe(int index, struct device_facts *out, char why[DEVICE_TEXT]) {
    const int count = device_count(why);
    if (!count) return false;
    if (index < 0 || index >= count) {
        snprintf(why, DEVICE_TEXT, "no CUDA device %d: there are %d", index, count);
        return false;
    }
    *out = (struct device_facts){0};
    int major, minor, shared, l2;
    if (!attribute(index, cudaDevAttrComputeCapabilityMajor, &major, why)) return false;
    if (!attribute(index, cudaDevAttrComputeCapabilityMinor, &minor, why)) return false;
    if (!attribute(index, cudaDevAttrMultiProcessorCount, &out->processors, why)) return false;
    if (!attribute(index, cudaDevAttrMaxSharedMemoryPerBlockOptin, &shared, why)) return false;
    if (!attribute(index, cudaDevAttrL2CacheSize, &l2, why)) return false;
    out->compute = 10 * major + minor;
    out->shared_bytes = (size_t)shared;
    out->l2_bytes = (size_t)l2;
    struct cudaDeviceProp properties;
    const cudaError_t error = cudaGetDeviceProperties(&properties, index);
    if (error != cudaSuccess) return refuse(why, "cudaGetDeviceProperties", error);
    snprintf(out->name, sizeof(out->name), "%.*s", (int)sizeof(out->name) - 1, properties.name);
    out->memory_bytes = properties.totalGlobalMem;
    cudaDriverGetVersion(&out->driver);
    cudaRuntimeGetVersion(&out->runtime);
    out->cudnn = conv_library_version();
    out->nccl = nccl_version();
    return true;
}

static bool open_events(struct device *device, char why[DEVICE_TEXT]) {
    const unsigned sleeping = cudaEventBlockingSync | cudaEventDisableTiming;
    cudaError_t error = cudaEventCreateWithFlags(&device->reached, sleeping);
    for (int i = 0; i < NUM_BUFFERS && error == cudaSuccess; i++) error = cudaEventCreateWithFlags(&device->sent[i], sleeping);
    if (error == cudaSuccess) error = cudaEventCreateWithFlags(&device->timer_start, cudaEventDefault);
    if (error == cudaSuccess) error = cudaEventCreateWithFlags(&device->timer_stop, cudaEventBlockingSync);
    return error == cudaSuccess || refuse(why, "cudaEventCreate", error);
}

bool device_open(struct device **out, int index, char why[DEVICE_TEXT]) {
    struct device_facts facts;
    if (!device_describe(index, &facts, why)) return false;
    struct device *device = calloc(1, sizeof(*device));
    if (!device) {
        snprintf(why, DEVICE_TEXT, "out of memory");
        return false;
    }
    device->index = index;
    device->facts = facts;
    cudaError_t error = cudaSetDevice(index);
    if (error != cudaSuccess) {
        refuse(why, "cudaSetDevice", error);
        goto fail;
    }
    if (!pointwise_has_code()) {
        snprintf(why, DEVICE_TEXT, "this program was not compiled for its compute capability %d.%d (TENGEN_CUDA_ARCH)",
                 facts.compute / 10, facts.compute % 10);
        goto fail;
    }
    // A non-blocking stream does not wait for the default stream, so handles on one card run side
    // by side.
    error = cudaStreamCreateWithFlags(&device->stream, cudaStreamNonBlocking);
    if (error != cudaSuccess) {
        refuse(why, "cudaStreamCreate", error);
        goto fail;
    }
    if ((error = cudaMallocHost((void **)&device->staging, (size_t)NUM_BUFFERS * BUFFER_BYTES)) != cudaSuccess) {
        refuse(why, "cudaMallocHost", error);
        goto fail;
    }
    if (!open_events(device, why)) goto fail;
    *out = device;
    return true;
fail:
    device_close(device);
    return false;
}

void device_close(struct device *device) {
    if (!device) return;
    enter(device);
    if (device->stream) demand(cudaStreamSynchronize(device->stream), "device_close");
    for (int i = 0; i < NUM_BUFFERS; i++)
        if (device->sent[i]) cudaEventDestroy(device->sent[i]);
    if (device->reached) cudaEventDestroy(device->reached);
    if (device->timer_start) cudaEventDestroy(device->timer_start);
    if (device->timer_stop) cudaEventDestroy(device->timer_stop);
    for (int i = 0; i < device->num_scratch; i++) cudaFree(device->scratch[i]);
    cudaFreeHost(device->staging);
    if (device->stream) cudaStreamDestroy(device->stream);
    free(device);
}

const struct device_facts *device_facts_of(const struct device *device) { return &device->facts; }
int device_index(const struct device *device) { return device->index; }

void *device_alloc(struct device *device, size_t bytes) {
    enter(device);
    void *memory = NULL;
    if (cudaMalloc(&memory, bytes ? bytes : 1) != cudaSuccess) {
        (void)cudaGetLastError();
        return NULL;
    }
    demand(cudaMemsetAsync(memory, 0, bytes, device->stream), "zeroing memory");
    return memory;
}

size_t device_free_bytes(struct device *device) {
    size_t left, all;
    enter(device);
    demand(cudaMemGetInfo(&left, &all), "cudaMemGetInfo");
    return left;
}

void device_free(struct device *device, void *memory) {
    if (!memory) return;
    device_wait(device);
    demand(cudaFree(memory), "cudaFree");
}

void *device_pinned(struct device *device, size_t bytes) {
    enter(device);
    void *memory = NULL;
    // The memory is portable, so that one buffer may serve handles of several cards.
    if (cudaHostAlloc(&memory, bytes ? bytes : 1, cudaHostAllocPortable) == cudaSuccess) return memory;
    (void)cudaGetLastError();
    return NULL;
}

void device_unpin(struct device *device, void *memory) {
    if (!memory) return;
    device_wait(device);
    demand(cudaFreeHost(memory), "cudaFreeHost");
}

static void sleep_until_done(struct device *device, const char *what) {
    demand(cudaEventRecord(device->reached, device->stream), what);
    demand(cudaEventSynchronize(device->reached), what);
}

void device_wait(struct device *device) {
    enter(device);
    sleep_until_done(device, "device_wait");
}

void device_upload(struct device *device, void *to, const void *host, size_t bytes) {
    enter(device);
    for (size_t done = 0; done < bytes;) {
        const size_t part = bytes - done < BUFFER_BYTES ? bytes - done : BUFFER_BYTES;
        unsigned char *const buffer = device->staging + (size_t)device->next_buffer * BUFFER_BYTES;
        const cudaEvent_t sent = device->sent[device->next_buffer];
        // Invariant 1; an event that was never set counts as reached.
        demand(cudaEventSynchronize(sent), "upload");
        memcpy(buffer, (const unsigned char *)host + done, part);
        demand(cudaMemcpyAsync((unsigned char *)to + done, buffer, part, cudaMemcpyHostToDevice, device->stream), "upload");
        demand(cudaEventRecord(sent, device->stream), "upload");
        device->next_buffer = (device->next_buffer + 1) % NUM_BUFFERS;
        done += part;
    }
}

static bool is_pinned(const void *host) {
    struct cudaPointerAttributes facts;
    if (cudaPointerGetAttributes(&facts, host) == cudaSuccess) return facts.type == cudaMemoryTypeHost;
    (void)cudaGetLastError();
    return false;
}

void device_download(struct device *device, void *host, const void *from, size_t bytes) {
    enter(device);
    if (is_pinned(host)) {
        demand(cudaMemcpyAsync(host, from, bytes, cudaMemcpyDeviceToHost, device->stream), "download");
        sleep_until_done(device, "download");
        return;
    }
    const size_t round = (size_t)NUM_BUFFERS * BUFFER_BYTES;
    for (size_t done = 0; done < bytes; done += round) {
        const size_t part = bytes - done < round ? bytes - done : round;
        demand(
            cudaMemcpyAsync(device->staging, (const unsigned char *)from + done, part, cudaMemcpyDeviceToHost, device->stream),
            "download");
        sleep_until_done(device, "download");
        memcpy((unsigned char *)host + done, device->staging, part);
    }
}

void device_copy(struct device *device, void *to, const void *from, size_t bytes) {
    enter(device);
    demand(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, device->stream), "copy");
}

void *device_scratch(struct device *device, size_t bytes) {
    if (device->num_scratch && bytes <= device->scratch_bytes) return device->scratch[device->num_scratch - 1];
    if (device->capturing) {
        fprintf(stderr, "cuda: scratch of %zu bytes is wanted during a capture: the work was not run before\n", bytes);
        abort();
    }
    // The size doubles at least, so that a sequence of slightly larger shapes does not allocate
    // each time, and MAX_SCRATCH entries are enough.
    const size_t larger = bytes > 2 * device->scratch_bytes ? bytes : 2 * device->scratch_bytes;
    void *memory = device->num_scratch < MAX_SCRATCH ? device_alloc(device, larger) : NULL;
    if (!memory) return NULL;
    device->scratch[device->num_scratch++] = memory;
    device->scratch_bytes = larger;
    return memory;
}

bool device_capture_begin(struct device *device) {
    enter(device);
    // A capture in thread-local mode is not disturbed by what other threads allocate on other
    // handles.
    if (cudaStreamBeginCapture(device->stream, cudaStreamCaptureModeThreadLocal) != cudaSuccess) {
        (void)cudaGetLastError();
        return false;
    }
    device->capturing = true;
    return true;
}

struct device_graph *device_capture_end(struct device *device) {
    enter(device);
    device->capturing = false;
    cudaGraph_t captured = NULL;
    cudaError_t error = cudaStreamEndCapture(device->stream, &captured);
    struct device_graph *graph = error == cudaSuccess ? calloc(1, sizeof(*graph)) : NULL;
    if (graph && (error = cudaGraphInstantiate(&graph->executable, captured, 0)) != cudaSuccess) {
        free(graph);
        graph = NULL;
    }
    if (captured) cudaGraphDestroy(captured);
    if (!graph) {
        (void)cudaGetLastError();
        fprintf(stderr, "cuda: this work can't be captured and is launched each time: %s\n", cudaGetErrorString(error));
    }
    return graph;
}

void device_graph_launch(struct device *device, const struct device_graph *graph) {
    enter(device);
    demand(cudaGraphLaunch(graph->executable, device->stream), "graph launch");
}

void device_graph_free(struct device_graph *graph) {
    if (!graph) return;
    cudaGraphExecDestroy(graph->executable);
    free(graph);
}

void device_timer_start(struct device *device) {
    enter(device);
    demand(cudaEventRecord(device->timer_start, device->stream), "timer");
}

double device_timer_stop(struct device *device) {
    enter(device);
    demand(cudaEventRecord(device->timer_stop, device->stream), "timer");
    demand(cudaEventSynchronize(device->timer_stop), "timer");
    float milliseconds = 0;
    demand(cudaEventElapsedTime(&milliseconds, device->timer_start, device->timer_stop), "timer");
    return (double)milliseconds / 1000;
}

void *device_stream(struct device *device) {
    enter(device);
    return device->stream;
}

void device_checked(const char *what) { demand(cudaGetLastError(), what); }
