// What net.c shares inside net/: the shape of a config beyond its fields.
#ifndef NET_NET_TABLE_H
#define NET_NET_TABLE_H

#include "net/net.h"

enum { NET_CONFIG_TEXT_BYTES = 512 };
bool net_block_pools(const struct net_config *config, int block); // block from 0
int net_value_outputs(const struct net_config *config); // 3 win/draw/loss, 3 short-term, then the score where there is one
// "planes=18 globals=4 ..."; the architecture as the file and the digest have it. Returns its length.
int net_config_text(const struct net_config *config, char *out, size_t out_bytes);

#endif
