// How a net from a time when its game had fewer inputs becomes a net of today. Any thread. Private
// to net/.
#ifndef NET_WIDEN_H
#define NET_WIDEN_H

#include "net/net.h"

// Copies the weights of `narrow`, or any array of that shape (optimiser state), to an array for
// `wide`, with zeros where wide has more inputs.
void net_widen_weights(const struct net *narrow, const struct net *wide, const float *from, float *to);
// Makes a net without the last inputs of `wide`. This is the inverse of net_widen.
enum status net_narrow(struct net **out, const struct net *wide, int num_planes, int num_globals);
// Replaces the net by one that has these inputs, which are more than it had, and that computes the
// same whatever the new inputs are. The meta stays, also the digest, which is that of the file.
enum status net_widen(struct net **net, int num_planes, int num_globals);
// The same with the inputs that its game has today, where its game once had as few as the net has.
enum status net_widen_to_game(struct net **net);

#endif
