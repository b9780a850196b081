// The speed of the rules alone: random games from the start to the end, with moves drawn uniformly.
// In Go no side fills its own eyes, or games would not end.
#include "base/memory.h"
#include "cli/bench.h"

#include <stdlib.h>

// What one thread has counted.
struct tally {
    long long playouts, moves, first_wins, draws;
    double seconds;
};

struct playing {
    const struct bench *bench;
    // Games are played move by move, even where the game could fill the board at once.
    bool by_moves;
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
    void *state = memory_raw(1, game->state_bytes, "a position");
    uint16_t *actions = memory_raw((size_t)game->num_actions, sizeof *actions, "a position");
    struct rng rng;
    rng_init(&rng, (uint64_t)p->bench->settings->seed, (uint64_t)thread);
    const double start = clock_seconds(p->bench->clock);
    do {
        for (int i = 0; i < 8; i++) { // the clock is looked at after eight games; chosen, not tuned
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
    double playouts, moves; // in a second
    double first_score, seconds;
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

// If a game can be finished at once, as Hex can by filling the board, there are also the figures of
// playing move by move.
enum status bench_board(const struct bench *bench) {
    struct playing p = {.bench = bench,
                        .tallies = memory_new((size_t)bench->threads, sizeof *p.tallies, "the threads of a bench")};
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
