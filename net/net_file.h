// Nets as safetensors files.
#ifndef NET_NET_FILE_H
#define NET_NET_FILE_H

#include "base/status.h"

// Chosen: a hundred times what the trained nets of this project have (models/: 8.7 at most). Weights near it may still overflow in deep nets.
#define NET_FILE_MAX_WEIGHT 1e3

struct game;
struct net;

// safetensors. Load names the file and what is wrong with it (cut, altered: digest mismatch, foreign, other version,
// weights that no training makes: NaN, infinite, above NET_FILE_MAX_WEIGHT) and leaves nothing behind; save is atomic, sets meta.digest and
// meta.parameters, and refuses such weights too. A net of a time when its game had fewer inputs is loaded with zeros for the
// others (widen.c); its meta.digest stays the file's.
enum status net_save(struct net *net, const char *path);
enum status net_load(struct net **net, const char *path);
// Says so (STATUS_UNSUPPORTED, naming `path`) when the net was not made for this game or size.
enum status net_check_game(const struct net *net, const struct game *game, const char *path);

#endif
