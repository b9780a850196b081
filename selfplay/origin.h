// Where a run's net comes from: nothing, or another net (`train --from`).
//
// The file of that net is read once, before there is a run folder. Then the run holds the weights
// it has begun with, as the trainer of step 0, and its database says whose they are. So a run that
// goes on needs the file no more, and knows its parent whatever config.ini says.
#ifndef SELFPLAY_ORIGIN_H
#define SELFPLAY_ORIGIN_H

#include "net/carry.h"
#include "run/run_read.h"
#include "selfplay/config.h"

struct origin {
    char from[PATH_BYTES]; // As it was named when the run began; "": from nothing.
    char digest[65];       // Of that net.
    // All of its weights were taken: the run's net has known the game from the start.
    bool is_whole;
    struct net *parent; // NULL: there is none, or the run has weights of its own.
    bool has_shape;     // There is a parent, or the run's own net has said its shape.
    struct net_config shape;
    struct net_carried carried; // Filled in by origin_carry.
    struct run_label labels[3]; // For run_open; they point into the fields above.
};

// Loads the net that a MODEL of the command line names.
enum status origin_load(const char *from, struct net **out);
// Finds out what the run at `path`, if there is one, began with, and what `config` asks for. The
// config's `from` then is the run's, and points into the origin. Refuses what does not agree, and a
// net that can't be read where it is needed; touches nothing. origin_done is fine after a failure.
enum status origin_find(struct origin *origin, const char *path, struct config *config);
// Gives the parent's weights, where there is a parent, to a new net. Fills in `labels`.
enum status origin_carry(struct origin *origin, struct net *net);
void origin_done(struct origin *origin); // Frees the parent; the texts stay.

#endif
