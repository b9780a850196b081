// The backend for processors, over oneDNN and our own loops. Private to net/.
#ifndef NET_BACKEND_CPU_H
#define NET_BACKEND_CPU_H

#include "net/backend_verbs.h"

enum status backend_cpu_open(struct backend **, const struct backend_spec *);
bool backend_cpu_usable(char reason[160], char device[160], int *num_devices);

#endif
