// Inside gtp/: one line of the JSON protocol of analysis as plain data, checked. What the keys mean
// is in docs/analysis.md.
#ifndef GTP_ANALYSIS_QUERY_H
#define GTP_ANALYSIS_QUERY_H

#include "gtp/report.h"

#include <cjson/cJSON.h>

enum analysis_action {
    ANALYSIS_SEARCH, // a query without "action"
    ANALYSIS_TERMINATE,
    ANALYSIS_TERMINATE_ALL,
    ANALYSIS_CLEAR_CACHE,
    ANALYSIS_QUERY_VERSION,
    ANALYSIS_QUERY_MODELS,
};

enum { ANALYSIS_MAX_MOVES = 10000, ANALYSIS_TEXT_BYTES = 400 };

// Why a line was refused, or what was not understood in it.
struct analysis_fault {
    char field[64]; // the key; "": it is about the whole line
    char text[ANALYSIS_TEXT_BYTES];
};

struct analysis_move {
    int color, action;
};

// A moment of the game that is to be searched.
struct analysis_turn {
    int number; // how many of the moves are played
    double priority;
};

struct analysis_query {
    cJSON *json; // the line itself
    const char *id;
    enum analysis_action action;
    // Of ANALYSIS_TERMINATE: whose turns, of which only these; num_numbers -1: all of them.
    const char *terminate_id;
    int *numbers, num_numbers;

    // Of ANALYSIS_SEARCH. The bonus for handicap stones is in the game's komi.
    struct game game;
    bool has_stones;
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE]; // +1 black, -1 white
    int first_player;
    struct analysis_move *moves;
    int num_moves;
    struct analysis_turn *turns;
    int num_turns;
    int visits;
    double seconds, first_report, report_every;
    float wideness;
    uint16_t *avoid; // search_restrict's; NULL: nothing is left out
    struct report_options report;
    bool with_policy, with_line_visits;
    // What was not understood but doesn't matter enough to refuse the query.
    struct analysis_fault *warnings;
    int num_warnings;
};

// What holds where a query says nothing.
struct analysis_defaults {
    int visits;
    const char *rules;
    int view; // report_options.view
};

// Reads a line. False: it is refused, *fault says why, and query->id is what could be read of it
// (NULL: nothing). In both cases the query must be given to analysis_query_done.
bool analysis_query_read(struct analysis_query *query, const char *line, const struct analysis_defaults *defaults,
                         struct analysis_fault *fault);
void analysis_query_done(struct analysis_query *query);
// Makes the position after the first `turn` moves, with the right side to move. False: a move is
// illegal, or the stones can't stand like this; *fault says so. state: [game.state_bytes].
bool analysis_query_position(const struct analysis_query *query, int turn, void *state, struct analysis_fault *fault);

#endif
