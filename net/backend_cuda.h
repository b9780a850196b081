// The backend over the launchers of kernels/. Private to net/.
#ifndef NET_BACKEND_CUDA_H
#define NET_BACKEND_CUDA_H

#include "net/backend_verbs.h"

struct device;

enum status backend_cuda_open(struct backend **, const struct backend_spec *);
bool backend_cuda_usable(char reason[160], char device[160], int *num_devices);
// The card of a backend that backend_cuda_open opened, for collectives.
struct device *backend_cuda_device(struct backend *backend);

#endif
