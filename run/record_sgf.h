// Recorded games as SGF, for people.
#ifndef RUN_RECORD_SGF_H
#define RUN_RECORD_SGF_H

#include "run/record.h"

// Writes a game that sgf_has_game, with the search's winrate of each move as a comment. Atomic.
enum status record_save_sgf(const struct record *record, const char *path);

#endif
