// The residual trunk: a stem and blocks of two 3x3 convolutions, some with global pooling
// (net/net.h). Private to net/.
#ifndef NET_TRUNK_H
#define NET_TRUNK_H

#include "net/layers.h"

extern const struct architecture trunk_residual;
bool trunk_block_pools(const struct net_config *config, int block); // blocks count from 0

#endif
