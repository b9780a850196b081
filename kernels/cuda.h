// What a .cu file includes: CUDA under nvcc; under a host compiler the emulation, in which the same kernels run as plain C++
// for tests. Launch with LAUNCH(kernel, grid, block, shared_bytes, device, arguments...): host compilers can't read <<<>>>.
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
#else
#include "kernels/emulate.h"
#endif

#endif
