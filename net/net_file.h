// Nets as safetensors files. Any thread.
#ifndef NET_NET_FILE_H
#define NET_NET_FILE_H

#include "base/status.h"

// No weight of a file may be larger. It is a hundred times what the nets in models/ have (8.7 at
// most); weights near it may still overflow in deep nets. Chosen, not tuned.
#define NET_FILE_MAX_WEIGHT 1e3

struct game;
struct net;

// net_save replaces the file at once or not at all, and sets meta.digest and meta.parameters. It
// refuses weights that no training makes: NaN, infinite or above NET_FILE_MAX_WEIGHT. net_load
// names the file and what is wrong with it: cut short, altered (its digest does not match), not
// ours, of another version, or with such weights; *net is then NULL. A net from a time when its
// game had fewer inputs is loaded with zeros for the others (widen.h), and its meta.digest stays
// that of the file.
enum status net_save(struct net *net, const char *path);
enum status net_load(struct net **net, const char *path);
// Whether a file begins as our nets do, whatever their version, and even if the rest is cut short
// or altered: for whoever is about to replace it. STATUS_IO where the file can't be read.
enum status net_file_is_net(const char *path, bool *is_net);
// STATUS_UNSUPPORTED says that the net at `path` was not made for this game. A net plays every board
// and rule set of its game; what it has learned of them, learned.h says.
enum status net_check_game(const struct net *net, const struct game *game, const char *path);

#endif
