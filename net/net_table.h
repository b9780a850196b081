// What net.c shares inside net/: the shape of a config beyond its fields.
#ifndef NET_NET_TABLE_H
#define NET_NET_TABLE_H

#include "net/net.h"

#include <string.h>

enum { NET_CONFIG_TEXT_BYTES = 512 };
bool net_block_pools(const struct net_config *config, int block); // block from 0
// The blocks, which know nothing of a game's planes and moves: what another game can take over, and what may be frozen.
static inline bool net_in_trunk(const struct net_tensor *tensor) { return !strncmp(tensor->name, "trunk.block", 11); }
int net_value_outputs(const struct net_config *config); // 3 win/draw/loss, 3 short-term, then the score where there is one
// "planes=18 globals=4 ..."; the architecture as the file and the digest have it. Returns its length.
int net_config_text(const struct net_config *config, char *out, size_t out_bytes);

// widen.c
// The weights, or any array that goes with them (optimiser state), of `narrow` as those of `wide`: zeros where wide has more inputs.
void net_widen_weights(const struct net *narrow, const struct net *wide, const float *from, float *to);
// The net without its last inputs; the way back from net_widen.
enum status net_narrow(struct net **out, const struct net *wide, int num_planes, int num_globals);
// Replaces the net by one that has these inputs, more than it had, and computes the same where they are anything. meta stays, with the
// digest: it is of the file.
enum status net_widen(struct net **net, int num_planes, int num_globals);
// ... as many as its game has today, where its game once had as few.
enum status net_widen_to_game(struct net **net);

#endif
