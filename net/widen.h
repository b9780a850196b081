// Nets of a time when their game showed them less, as nets of today. Private to net/.
#ifndef NET_WIDEN_H
#define NET_WIDEN_H

#include "net/net.h"

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
