// Writes recorded games as SGF, for people to look at.
#ifndef RUN_RECORD_SGF_H
#define RUN_RECORD_SGF_H

#include "run/record.h"

// The text of such a file, for the caller to free. NULL where SGF has no number for the game; that
// has been said then.
char *record_format_sgf(const struct record *record);
// Writes a game for which sgf_has_game holds, with the search's winrate of each move as a comment.
// The file is whole or not there. STATUS_IO on failure.
enum status record_save_sgf(const struct record *record, const char *path);

#endif
