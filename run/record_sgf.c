// A record becomes an SGF file: its players are the net's step, and the winrate that the search saw
// stands beside each move that had a search.
#include "run/record_sgf.h"

#include "base/memory.h"
#include "game/sgf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sgf_record as_sgf(const struct record *record) {
    struct sgf_record sgf = {
        .height = record->height, .width = record->width, .komi = record->komi, .num_moves = record->num_plies};
    snprintf(sgf.game, sizeof sgf.game, "%s", record->game);
    snprintf(sgf.rules, sizeof sgf.rules, "%s", record->rules);
    snprintf(sgf.black, sizeof sgf.black, "self-play step %lld", record->net_step);
    memcpy(sgf.white, sgf.black, sizeof sgf.white);
    const char winner = record->outcome == OUTCOME_FIRST ? 'B' : 'W';
    if (record->outcome == OUTCOME_DRAW)
        snprintf(sgf.result, sizeof sgf.result, "0");
    else if (record->score == 0) // This game has no score.
        snprintf(sgf.result, sizeof sgf.result, "%c+", winner);
    else
        snprintf(sgf.result, sizeof sgf.result, "%c+%g", winner, fabs((double)record->score));
    sgf.moves = memory_raw((size_t)record->num_plies, sizeof *sgf.moves, "a record");
    sgf.winrate = memory_raw((size_t)record->num_plies, sizeof *sgf.winrate, "a record");
    for (int i = 0; i < record->num_plies; i++) {
        float wdl[3];
        record_wdl(&record->plies[i], wdl);
        sgf.moves[i] = record->plies[i].action;
        sgf.winrate[i] = record->plies[i].kind == PLY_FREE ? NAN : wdl[0] + wdl[1] / 2;
    }
    return sgf;
}

char *record_format_sgf(const struct record *record) {
    struct sgf_record sgf = as_sgf(record);
    char *text = sgf_format(&sgf);
    sgf_done(&sgf);
    return text;
}

enum status record_save_sgf(const struct record *record, const char *path) {
    struct sgf_record sgf = as_sgf(record);
    const enum status status = sgf_write(&sgf, path);
    sgf_done(&sgf);
    return status;
}
