// The rules alone: uniformly random games (Go: no filling of one's own eyes) from the start to the end.
#include "cli/bench.h"

#include <stdlib.h>

struct tally { // of one thread
    long long playouts, moves, first_wins, draws;
    double seconds;
};

struct playing {
    const struct bench *bench;
    bool by_moves;         // although the game could be finished at once
    struct tally *tallies; // [threads]
};

static void play_game(const struct game *game, void *state, uint16_t *actions, struct rng *rng, bool by_moves) {
    game_start(game, state);
    if (game->type->playout && !by_moves) {
        game->type->playout(game, state, rng);
        return;
    }
    if (game->type->playout_move) {
        while (game_outcome(game, state) == OUTCOME_NONE) game_play(game, state, game->type->playout_move(game, state, rng));
        return;
    }
    for (int n; (n = game_legal(game, state, actions)) > 0;) game_play(game, state, actions[rng_below(rng, (uint32_t)n)]);
}

static void play_thread(void *context, int thread) {
    const struct playing *p = context;
    const struct game *game = &p->bench->game;
    struct tally tally = {0};
    void *state = malloc(game->state_bytes);
    uint16_t *actions = malloc((size_t)game->num_actions * sizeof *actions);
    CHECK(state && actions);
    struct rng rng;
    rng_init(&rng, (uint64_t)p->bench->settings->seed, (uint64_t)thread);
    const double start = clock_seconds(p->bench->clock);
    do {
        for (int i = 0; i < 8; i++) { // how often the clock is looked at; chosen, not tuned
            play_game(game, state, actions, &rng, p->by_moves);
            tally.playouts++;
            tally.moves += game->type->ply(game, state);
            const enum outcome outcome = game_outcome(game, state);
            tally.first_wins += outcome == OUTCOME_FIRST;
            tally.draws += outcome == OUTCOME_DRAW;
        }
        tally.seconds = clock_seconds(p->bench->clock) - start;
    } while (tally.seconds < p->bench->settings->seconds);
    p->tallies[thread] = tally;
    free(state);
    free(actions);
}

struct rates {
    double playouts, moves, first_score, seconds; // playouts and moves a second
};

static struct rates measure(struct playing *p) {
    struct rates rates = {0};
    double played = 0, points = 0;
    bench_threads(p->bench, play_thread, p);
    for (int i = 0; i < p->bench->threads; i++) {
        const struct tally *t = &p->tallies[i];
        rates.playouts += (double)t->playouts / t->seconds;
        rates.moves += (double)t->moves / t->seconds;
        played += (double)t->playouts;
        points += (double)t->first_wins + 0.5 * (double)t->draws;
        rates.seconds += t->seconds / p->bench->threads;
    }
    rates.first_score = points / played;
    return rates;
}

// Where a game can be finished at once (Hex fills the board) the figures of playing move by move, too.
enum status bench_board(const struct bench *bench) {
    struct playing p = {.bench = bench, .tallies = calloc((size_t)bench->threads, sizeof *p.tallies)};
    if (!p.tallies) return status_fail(STATUS_MEMORY, "no memory for %d threads", bench->threads);
    const struct rates r = measure(&p);
    struct figure figures[6] = {{"playouts_per_s", "playouts/s", r.playouts},
                                {"moves_per_s", "moves/s", r.moves},
                                {"moves_per_playout", "", r.moves / r.playouts},
                                {"first_player_score", "", r.first_score}};
    int num_figures = 4;
    if (bench->game.type->playout) {
        p.by_moves = true;
        const struct rates one = measure(&p);
        figures[num_figures++] = (struct figure){"by_moves_playouts_per_s", "", one.playouts};
        figures[num_figures++] = (struct figure){"by_moves_first_player_score", "", one.first_score};
    }
    bench_print(bench, NULL, r.seconds, figures, num_figures, NULL, NULL);
    free(p.tallies);
    return STATUS_OK;
}
