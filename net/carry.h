// What a new net takes over from a trained one (`train --from`), and the line of nets that it comes from.
//
// Of the same game, whatever the board, komi and rules: every weight. Of another game: the trunk's blocks, since stem and heads
// speak of planes and moves that the other game does not have. The new net may have more blocks and more channels: it computes
// what the old one does, and can learn the rest [Chen, Goodfellow & Shlens 2016, "Net2Net", with zeros for copies].
#ifndef NET_CARRY_H
#define NET_CARRY_H

#include "net/net.h"

struct net_carried {
    bool is_whole;  // the same game: stem and heads too
    bool is_grown;  // more blocks, channels or units than the parent has
    char text[160]; // for people: "all weights, grown from 4x48 to 6x64, which computes the same"
};

// Writes the parent's weights over those of `net`, which net_new has made with random ones and whose meta names its game; meta gets
// parent and ancestors. What the parent has nothing for stays as net_new left it, but for what would change the outputs: that is zero.
// STATUS_USAGE, and `net` is as it was: the net is smaller than the parent somewhere. `path` is the parent's, for the message.
enum status net_carry(struct net *net, const struct net *parent, const char *path, struct net_carried *out);

// An entry of net_meta's ancestors, taken apart.
struct net_ancestor {
    char digest[65], game[32];
    int min_size, max_size, blocks, channels;
    long long step, games;
    char carried[NET_ANCESTOR_BYTES]; // what the next net took over of it, as in net_carried.text
};
bool net_ancestor_read(const char *text, struct net_ancestor *out); // false: unreadable

#endif
