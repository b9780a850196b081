// Each position is searched by itself. The value of a move is the difference of the positions
// before and after it: so what the search learns one move later counts, and a bad move shows even
// where the search before it had liked it.
#include "gtp/review.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct review_job {
    struct review *review;
    int index;
};

static const struct report_options report_options = {.view = 0, .max_line = REVIEW_LINE_MOVES};

enum status review_init(struct review *r, const char *name, const struct sgf_record *record, const struct game *game) {
    memset(r, 0, sizeof *r);
    void *state = memory_raw(1, game->state_bytes, "a review");
    int num_played = 0;
    enum status status = sgf_replay(record, game, state, record->num_moves, &num_played, name);
    // Then the state is that before the illegal move, and a message has said which one that is.
    if (status == STATUS_FORMAT && num_played > 0) status = STATUS_OK;
    free(state);
    TRY(status);
    r->name = name;
    r->record = record;
    r->game = *game;
    r->num_moves = num_played;
    r->num_left = num_played + 1;
    r->positions = memory_new((size_t)num_played + 1, sizeof *r->positions, "a review");
    r->jobs = memory_new((size_t)num_played + 1, sizeof *r->jobs, "a review");
    return STATUS_OK;
}

void review_done(struct review *r) {
    free(r->positions);
    free(r->jobs);
    memset(r, 0, sizeof *r);
}

static struct review_line line_of(const struct report_move *m) {
    struct review_line line = {.visits = m->visits, .winrate = m->winrate, .score = m->score};
    while (line.length < m->line_length && line.length < REVIEW_LINE_MOVES) {
        line.moves[line.length] = m->line[line.length];
        line.length++;
    }
    return line;
}

static void take_report(struct review *r, int index, const struct report *report) {
    struct review_position *p = &r->positions[index];
    const int played = index < r->num_moves ? r->record->moves[index] : GAME_NO_ACTION;
    *p = (struct review_position){.is_done = true,
                                  .to_move = report->to_move,
                                  .visits = report->visits,
                                  .winrate = report->winrate,
                                  .score = report->score};
    for (int i = 0; i < report->num_moves; i++) {
        if (i < REVIEW_LINES) p->lines[p->num_lines++] = line_of(&report->moves[i]);
        if (report->moves[i].action == played) p->place = i + 1;
    }
    p->prior = played != GAME_NO_ACTION && report->policy[played] > 0 ? report->policy[played] : 0;
    r->num_left--;
}

static void on_report(void *context, const struct search *search, enum analyst_moment moment) {
    const struct review_job *job = context;
    struct report report = {0};
    if (!search || moment != ANALYST_DONE) return;
    report_make(&report, &job->review->game, search, &report_options);
    take_report(job->review, job->index, &report);
    report_done(&report);
}

bool review_ask(struct review *r, struct analyst *analyst, int index, int visits, uint64_t seed) {
    void *state = memory_raw(1, r->game.state_bytes, "a review");
    // It was played to the end before.
    CHECK(sgf_replay(r->record, &r->game, state, index, NULL, r->name) == STATUS_OK);
    bool is_taken = true;
    if (game_outcome(&r->game, state) != OUTCOME_NONE) {
        struct report report = {0};
        report_finished(&report, &r->game, state, &report_options);
        take_report(r, index, &report);
        r->positions[index].is_over = true;
        report_done(&report);
    } else {
        r->jobs[index] = (struct review_job){r, index};
        const struct analyst_job job = {
            .game = &r->game, .state = state, .visits = visits, .seed = seed, .report = on_report, .context = &r->jobs[index]};
        is_taken = analyst_add(analyst, &job) != 0;
    }
    free(state);
    return is_taken;
}

float review_loss(const struct review *r, int index) {
    const float lost = r->positions[index].winrate - r->positions[index + 1].winrate;
    return sgf_mover(r->record, index) ? -lost : lost;
}

float review_points_lost(const struct review *r, int index) {
    const float lost = r->positions[index].score - r->positions[index + 1].score;
    return sgf_mover(r->record, index) ? -lost : lost;
}

int review_worst(const struct review *r, float least, int *moves, int max_moves) {
    int n = 0;
    for (int i = 0; i < r->num_moves; i++) {
        const float loss = review_loss(r, i);
        if (!(loss >= least)) continue;
        int at = n; // insertion; of equal losses the earlier move is first
        while (at > 0 && review_loss(r, moves[at - 1]) < loss) at--;
        if (at == max_moves) continue;
        if (n < max_moves) n++;
        for (int k = n - 1; k > at; k--) moves[k] = moves[k - 1];
        moves[at] = i;
    }
    return n;
}

const struct review_line *review_better(const struct review *r, int index) {
    const struct review_position *p = &r->positions[index];
    for (int i = 0; i < p->num_lines; i++)
        if (p->lines[i].length && p->lines[i].moves[0] != r->record->moves[index]) return &p->lines[i];
    return NULL;
}
