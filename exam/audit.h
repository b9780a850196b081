// The audit of a run: the data that a net has learned from, examined before it is learned from
// again. It changes nothing.
//
// Every check is one line: good, look (somebody should look at it) or bad (it should not be learned
// from), with a number and a plain sentence, and with the chunks that it concerns where it is about
// some chunks only. What was examined are the games that the run still has, which are those of its
// replay window.
//
// Memory is bounded: one chunk of games at a time, and tables of keys that thin themselves out when
// they are full (audit_seen.h). A run may be trained meanwhile. An audit belongs to one thread.
#ifndef EXAM_AUDIT_H
#define EXAM_AUDIT_H

#include "base/clock.h"
#include "base/status.h"

#include <stdio.h>

// AUDIT_NONE: the check does not apply, or there are too few games for it.
enum audit_verdict { AUDIT_NONE, AUDIT_GOOD, AUDIT_LOOK, AUDIT_BAD };
const char *audit_verdict_name(enum audit_verdict verdict); // "none", "good", "look", "bad"

enum { AUDIT_TEXT_BYTES = 400, AUDIT_MOST_LINES = 32, AUDIT_MOST_CHUNKS = 16 };

struct audit_line {
    const char *check; // a string constant such as "streams"
    enum audit_verdict verdict;
    double number;                       // NAN: there is none
    const char *unit;                    // of the number: "games", "chunks", "share", ...
    char text[AUDIT_TEXT_BYTES];         // a sentence without a full stop
    long long chunks[AUDIT_MOST_CHUNKS]; // the first chunks that it concerns
    int num_chunks;                      // of all that it concerns, which may be more
};

struct audit {
    struct audit_line lines[AUDIT_MOST_LINES];
    int num_lines;
    enum audit_verdict verdict;                     // the worst of all lines
    long long num_chunks, num_games, num_positions; // that were examined
};

struct audit_params {
    const char *path;
    // Where the nets are computed that the games are compared with, as "auto".
    const char *backend;
    const volatile bool *stop; // may be NULL
    // Called after every chunk; may be NULL.
    void (*on_progress)(void *context, long long done, long long of);
    void *context;
};

// STATUS_OK also where the verdict is bad: what fails is what makes an audit impossible.
// STATUS_CANCELLED: stopped.
enum status audit_run(const struct audit_params *params, struct audit *out);

#endif
