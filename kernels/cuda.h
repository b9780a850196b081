// What a .cu file includes. Under nvcc it is CUDA; under a host compiler it is the emulation, in
// which the same kernels run as plain C++ for tests.
//
// LAUNCH(kernel, grid, block, shared_bytes, device, arguments...) launches a kernel, as host
// compilers can't read <<<>>>. A template with commas goes in parentheses. It needs
// kernels/device.h. DYNAMIC_SHARED(type, name) declares, in a kernel, `type *name` as its dynamic
// shared memory, aligned to 16 bytes. SHARED_LIMIT(kernel, device) comes before a launch with more
// than 48 KiB of it and permits all that the card has. HAS_CODE(kernel) says whether the current
// card can run what was compiled. UNROLL and UNROLL_BY_8 stand before a loop that nvcc is to
// unroll; a host compiler would warn of `#pragma unroll`.
#ifndef KERNELS_CUDA_H
#define KERNELS_CUDA_H

#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#define LAUNCH(kernel, grid, block, shared_bytes, device, ...)                                                                 \
    do {                                                                                                                       \
        kernel<<<grid, block, shared_bytes, (cudaStream_t)device_stream(device)>>>(__VA_ARGS__);                               \
        device_checked(#kernel);                                                                                               \
    } while (0)
#define UNROLL _Pragma("unroll")
#define UNROLL_BY_8 _Pragma("unroll 8")
extern __shared__ __align__(16) unsigned char dynamic_shared[];
#define DYNAMIC_SHARED(type, name) type *const name = reinterpret_cast<type *>(dynamic_shared)
#define SHARED_LIMIT(kernel, device)                                                                                           \
    do {                                                                                                                       \
        (void)device_stream(device); /* makes the card current */                                                              \
        cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)device_facts_of(device)->shared_bytes); \
        device_checked("shared memory of " #kernel);                                                                           \
    } while (0)
static inline bool has_code(const void *kernel) {
    struct cudaFuncAttributes attributes;
    const bool has = cudaFuncGetAttributes(&attributes, kernel) == cudaSuccess;
    // Who asked reports it: it must not surface again at the next launch.
    if (!has) (void)cudaGetLastError();
    return has;
}
#define HAS_CODE(kernel) has_code((const void *)(kernel))
#else
#include "kernels/emulate.h"
#define UNROLL
#define UNROLL_BY_8
#define DYNAMIC_SHARED(type, name) type *const name = static_cast<type *>(emulate_now()->shared)
#define SHARED_LIMIT(kernel, device) ((void)(kernel), (void)(device))
#define HAS_CODE(kernel) ((void)(kernel), true)
#endif

#endif
