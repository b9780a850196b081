// A driver without a card, for plans.c: a shared library by the name of libcuda.so.1 that accepts
// compiled kernels and runs nothing. cuDNN compiles fused convolutions itself and ends by loading
// them into the driver; with this one the plan is done.
//
// Functions and their parameters are those of the CUDA driver API's documentation. Functions that
// are not here are not found by those who look for them.
#include <stddef.h>
#include <stdint.h>

enum { SUCCESS = 0, NO_DEVICE = 100 }; // values of CUresult

int cuInit(unsigned flags);
int cuDriverGetVersion(int *version);
int cuGetExportTable(const void **table, const void *id);
int cuGetErrorString(int error, const char **text);
int cuGetErrorName(int error, const char **text);
int cuDeviceGet(int *device, int ordinal);
int cuDeviceGetCount(int *count);
int cuCtxGetLimit(size_t *value, int limit);
int cuCtxGetCurrent(void **context);
int cuCtxPushCurrent(void *context);
int cuCtxPopCurrent(void **context);
int cuStreamGetCtx(void *stream, void **context);
int cuLibraryLoadData(void **library, const void *code, void *a, void *b, unsigned c, void *d, void *e, unsigned f);
int cuLibraryLoadFromFile(void **library, const char *path, void *a, void *b, unsigned c, void *d, void *e, unsigned f);
int cuLibraryGetKernel(void **kernel, void *library, const char *name);
int cuLibraryUnload(void *library);
int cuKernelGetAttribute(int *value, int attribute, void *kernel, int device);
int cuKernelSetAttribute(int attribute, int value, void *kernel, int device);
int cuLinkCreate(unsigned num, void *options, void *values, void **state);
int cuLinkAddData(void *state, int type, void *data, size_t size, const char *name, unsigned num, void *options, void *values);
int cuLinkComplete(void *state, void **cubin, size_t *size);
int cuLinkDestroy(void *state);
int cuLaunchKernel(void);
int cuLaunchKernelEx(void);
int cuLaunchCooperativeKernel(void);
int cuOccupancyMaxPotentialClusterSize(int *size, void *kernel, const void *config);

static const char something; // what all handles point to

int cuInit(unsigned flags) { return NO_DEVICE; }
// nvrtc asks for it, and works without it
int cuGetExportTable(const void **table, const void *id) { return NO_DEVICE; }
int cuDriverGetVersion(int *version) {
    *version = 13000; // as the described card says of its driver
    return SUCCESS;
}
int cuGetErrorString(int error, const char **text) {
    *text = "there is no driver here";
    return SUCCESS;
}
int cuGetErrorName(int error, const char **text) { return cuGetErrorString(error, text); }
int cuDeviceGet(int *device, int ordinal) {
    *device = ordinal;
    return SUCCESS;
}
int cuDeviceGetCount(int *count) {
    *count = 0;
    return SUCCESS;
}
int cuCtxGetLimit(size_t *value, int limit) {
    *value = 0;
    return SUCCESS;
}
int cuCtxGetCurrent(void **context) {
    *context = NULL;
    return SUCCESS;
}
int cuCtxPushCurrent(void *context) { return SUCCESS; }
int cuCtxPopCurrent(void **context) { return cuCtxGetCurrent(context); }
int cuStreamGetCtx(void *stream, void **context) { return cuCtxGetCurrent(context); }

static int give(void **handle) {
    *handle = (void *)(uintptr_t)&something;
    return SUCCESS;
}
int cuLibraryLoadData(void **library, const void *code, void *a, void *b, unsigned c, void *d, void *e, unsigned f) {
    return give(library);
}
int cuLibraryLoadFromFile(void **library, const char *path, void *a, void *b, unsigned c, void *d, void *e, unsigned f) {
    return give(library);
}
int cuLibraryGetKernel(void **kernel, void *library, const char *name) { return give(kernel); }
int cuLibraryUnload(void *library) { return SUCCESS; }
int cuKernelGetAttribute(int *value, int attribute, void *kernel, int device) {
    *value = 0;
    return SUCCESS;
}
int cuKernelSetAttribute(int attribute, int value, void *kernel, int device) { return SUCCESS; }
int cuLinkCreate(unsigned num, void *options, void *values, void **state) { return NO_DEVICE; }
int cuLinkAddData(void *state, int type, void *data, size_t size, const char *name, unsigned num, void *options, void *values) {
    return NO_DEVICE;
}
int cuLinkComplete(void *state, void **cubin, size_t *size) { return NO_DEVICE; }
int cuLinkDestroy(void *state) { return SUCCESS; }
int cuLaunchKernel(void) { return NO_DEVICE; }
int cuLaunchKernelEx(void) { return NO_DEVICE; }
int cuLaunchCooperativeKernel(void) { return NO_DEVICE; }
int cuOccupancyMaxPotentialClusterSize(int *size, void *kernel, const void *config) {
    *size = 8; // Hopper's portable limit
    return SUCCESS;
}
