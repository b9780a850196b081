// The sessions of a run: which program, on which machine, with which settings, made which games.
//
// A session is one process that trains the run, from its start to its end. A text of the run,
// "session.N", says where it began; it holds what was committed from there up to the next session.
// A run of an older program has sessions without such a text. What a session was may be read from
// any thread that has a reader of its own.
#ifndef RUN_RUN_SESSION_H
#define RUN_RUN_SESSION_H

#include "run/run_read.h"

struct run_session {
    int number; // 1, 2, ...
    // The first chunk, the first index of a game, and the step from which the trainer went on.
    long long first_chunk, first_game, first_step;
    char program[64];  // version_program() of base/version.h
    char machine[200]; // "": it was not told
    char command[512]; // the command that makes such a run
};

// Writes down that a session begins where the run is now.
enum status run_note_session(struct run *run, int number, const char *program, const char *machine, const char *command);
// Those that were written down, ascending; malloced, NULL on failure. *num_all is how many there
// were. STATUS_FORMAT: one of them can't be right.
enum status run_read_sessions(struct run_reader *reader, struct run_session **sessions, int *num, int *num_all);
// The same for the process that holds the run.
enum status run_sessions(struct run *run, struct run_session **sessions, int *num, int *num_all);
// The session, of those that are known, that committed the game with this index; NULL: it is not
// known.
const struct run_session *run_session_of(const struct run_session *sessions, int num, long long index);

#endif
