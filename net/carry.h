// What a new net takes over from a trained one (`train --from`), and the nets that it comes from.
// Any thread.
//
// From a net of the same game, whatever its board, komi and rules, it takes every weight. From a
// net of another game it takes the blocks of the trunk, since stem and heads depend on planes and
// moves that this game does not have. The new net may have more blocks and more channels. It then
// computes what the old one does, and can learn more [Chen, Goodfellow & Shlens 2016, "Net2Net",
// with zeros in place of copies].
#ifndef NET_CARRY_H
#define NET_CARRY_H

#include "net/net.h"

struct net_carried {
    bool is_whole;  // stem and heads too, as the game is the same
    bool is_grown;  // the net has more blocks, channels or units than its parent
    char text[160]; // for people: "all weights, grown from 4x48 to 6x64, which computes the same"
};

// Writes the parent's weights over those of `net`, which net_new has made with random ones and
// whose meta names its game, and enters parent and ancestors in its meta, and where the game is the
// same also what the parent has learned. Where the parent has no weights, those of net_new stay,
// except where they would change the outputs: there they become zero. Where the net is smaller than
// its parent in some way, the result is STATUS_USAGE and `net` is as it was. `path` is the parent's,
// for that message.
enum status net_carry(struct net *net, const struct net *parent, const char *path, struct net_carried *out);

// An entry of the ancestors in struct net_meta, split into its fields.
struct net_ancestor {
    char digest[65], game[32];
    int min_size, max_size, blocks, channels;
    long long step, games;
    char carried[NET_ANCESTOR_BYTES]; // what the next net took over, as in net_carried.text
};
// Returns false where the text is none that this program writes; it comes from a file, and is then
// to be left out.
bool net_ancestor_read(const char *text, struct net_ancestor *out);

#endif
