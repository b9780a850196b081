// Where a run's net comes from: nothing, or another net (`train --from`).
//
// The net's file is read once, before there is a run folder. Then the run holds the weights it has begun with, as the trainer of
// step 0, and its database says whose they are: a run that goes on needs the file no more, and knows its parent whatever config.ini says.
#ifndef SELFPLAY_ORIGIN_H
#define SELFPLAY_ORIGIN_H

#include "net/carry.h"
#include "run/run_read.h"
#include "selfplay/config.h"

struct origin {
    char from[PATH_BYTES]; // as it was given when the run began; "": from nothing
    char digest[65];       // of that net
    bool is_whole;         // all of its weights were taken: the run's net has known the game from the start
    struct net *parent;    // NULL: none, or the run has weights of its own
    bool has_shape;        // ... then, or of its own net
    struct net_config shape;
    struct net_carried carried; // by origin_carry
    struct run_label labels[3]; // for run_open: into the fields above
};

// The net that a MODEL of the command line names.
enum status origin_load(const char *from, struct net **out);
// What the run at `path`, if it is there, began with, and what `config` asks for, whose `from` then is the run's (it points into the origin).
// Refuses what does not agree, and a net that can't be read where it is needed; touches nothing. origin_done is fine after a failure.
enum status origin_find(struct origin *origin, const char *path, struct config *config);
// Gives the parent's weights, where there is one, to a net that is new. Fills in labels.
enum status origin_carry(struct origin *origin, struct net *net);
void origin_done(struct origin *origin); // the parent goes; the texts stay

#endif
