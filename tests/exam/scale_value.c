// Laws of value errors, against a naive count over all pairs of positions: how often a position was
// seen, where it stands, and what an evaluator that knows nothing errs by.
#include "exam/scale_value.h"

#include "base/memory.h"
#include "base/rng.h"
#include "tests/test.h"

enum { GAMES = 60, PLIES = 9 };

struct played {
    unsigned char states[PLIES][64];
    int num, result; // Of the first player.
};

static void judge_nothing(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements) {
    for (int i = 0; i < n; i++) judgements[i].wdl[0] = judgements[i].wdl[1] = judgements[i].wdl[2] = 1 / 3.f;
}

static void play(const struct game *game, struct rng *rng, struct played *played, struct record *record) {
    unsigned char state[64];
    uint16_t legal[PLIES];
    record_init(record, game);
    game_start(game, state);
    *played = (struct played){0};
    for (int n; (n = game_legal(game, state, legal)) > 0;) {
        // The first moves are few, so that positions repeat.
        const int action = legal[rng_below(rng, (uint32_t)(played->num < 3 && n > 2 ? 2 : n))];
        memcpy(played->states[played->num++], state, game->state_bytes);
        record_add_ply(record, action, game_to_move(game, state), PLY_FREE, 0, NULL, 0);
        game_play(game, state, action);
    }
    const enum outcome outcome = game_outcome(game, state);
    played->result = outcome == OUTCOME_FIRST ? 1 : outcome == OUTCOME_SECOND ? -1 : 0;
    record_finish(record, outcome, 0, NULL);
}

int main(void) {
    struct game game;
    struct rng rng;
    struct scale_positions *positions;
    static struct played games[GAMES];
    struct scale_value_error errors[SCALE_FREQUENCIES][SCALE_THIRDS];
    double sums[SCALE_FREQUENCIES][SCALE_THIRDS] = {{0}};
    int counts[SCALE_FREQUENCIES][SCALE_THIRDS] = {{0}};
    CHECK(game_open(&game, "tictactoe", &(struct game_options){.komi = GAME_KOMI_DEFAULT}) == STATUS_OK);
    CHECK(game.state_bytes <= 64);
    rng_init(&rng, 5, 1);
    scale_positions_new(&positions, &game);
    for (int i = 0; i < GAMES; i++) {
        struct record record;
        play(&game, &rng, &games[i], &record);
        EXPECT(scale_positions_add(positions, &record));
        record.height++; // Another board is left out.
        EXPECT(!scale_positions_add(positions, &record));
        record.height--;
        record_done(&record);
    }
    // The naive count: each position is compared with every other one.
    for (int i = 0; i < GAMES; i++)
        for (int k = 0; k < games[i].num; k++) {
            int seen = 0, sum = 0;
            bool is_first = true;
            for (int j = 0; j < GAMES; j++)
                for (int l = 0; l < games[j].num; l++)
                    if (!memcmp(games[i].states[k], games[j].states[l], game.state_bytes)) {
                        is_first &= j > i || (j == i && l >= k);
                        sum += l % 2 ? -games[j].result : games[j].result;
                        seen++;
                    }
            if (!is_first) continue;
            const int f = seen == 1 ? 0 : seen < 10 ? 1 : 2, t = SCALE_THIRDS * k / games[i].num;
            sums[f][t] += (double)sum / seen * sum / seen;
            counts[f][t]++;
        }
    scale_positions_choose(positions, 1);
    struct evaluator nothing = {.name = "nothing", .max_batch = 32, .judge = judge_nothing};
    scale_positions_judge(positions, &nothing, errors);
    int classes = 0;
    for (int f = 0; f < SCALE_FREQUENCIES; f++)
        for (int t = 0; t < SCALE_THIRDS; t++) {
            EXPECT_INT(errors[f][t].num, counts[f][t]); // There are fewer than are drawn.
            if (counts[f][t]) EXPECT_NEAR(errors[f][t].mean, sums[f][t] / counts[f][t], 1e-6);
            classes += counts[f][t] > 0;
        }
    EXPECT(classes >= 6);
    scale_positions_free(positions);
    return TEST_END();
}
