// What a net has met in training: boards and rule sets, and how much of each. Any thread.
//
// Every net plays every board and rule set of its game, but only what it has met it knows. So each
// entry of net_meta.learned is a board under a rule set, with the games on it. A net that was made
// from another one of the same game has its games too: they are in its weights. Nets from before
// there was such a list get the one that their other texts allow (net_learned_derive).
#ifndef NET_LEARNED_H
#define NET_LEARNED_H

#include "net/net.h"

// Adds games to the entry of this board and rule set. Where the list is full, a new entry is left
// out. Negative numbers stand for "not recorded".
void net_learned_add(struct net_meta *meta, int height, int width, const char *rules, long long games, long long positions);
// The list of a net that has none: its boards by `sizes` or by --sizes in its command, its rules by
// --rules and --rules-mix there. Without a command the rules are not recorded ("").
void net_learned_derive(struct net_meta *meta);

bool net_has_learned_board(const struct net_meta *meta, int height, int width);
// Whether it has learned this rule set of its game, as far as is recorded.
bool net_has_learned_rules(const struct net_meta *meta, const char *rules);
// The rule set on which it has seen most games; NULL: not recorded.
const char *net_main_rules(const struct net_meta *meta);

// A line for people where the net has not learned this game, as in "it has learned 9x9 under
// chinese rules, and neither 19x19 nor japanese rules". Returns NULL where it has.
enum { NET_UNLEARNED_BYTES = 320 };
const char *net_unlearned(const struct net_meta *meta, const struct game *game, char out[NET_UNLEARNED_BYTES]);
// The same as one line on stderr, which begins with `name`. `more` follows it where it is not NULL.
void net_warn_unlearned(const char *name, const char *unlearned, const char *more);

// An entry as the file has it: "9x9 games 73897 positions 4100000 rules chinese".
char *net_learned_text(const struct net_learned *entry, char *out, size_t out_bytes);
bool net_learned_read(const char *text, struct net_learned *out); // false: it is none

#endif
