// Law: a row's targets are the record's, through the same symmetry as its planes, from the mover's
// view.

#include "selfplay/sampler.h"
#include "tests/test.h"

#include <fcntl.h>
#include <unistd.h>

static struct config config_for(const char *game, struct game *out) {
    struct config config = {0};
    options_defaults(config_table, &config);
    config.game = game;
    EXPECT_INT(config_resolve(&config, out), STATUS_OK);
    return config;
}

// A game of tic-tac-toe that the first player wins: a3 a2 b3 b2 c3 (top row), with made-up search
// values.
static struct record top_row(const struct game *game) {
    static const char *const moves[] = {"a3", "a2", "b3", "b2", "c3"};
    struct record record;
    record_init(&record, game);
    float policy[16] = {0};
    for (int i = 0; i < 5; i++) {
        const int action = game->type->action_parse(game, moves[i]);
        const float wdl[3] = {0.1f * (float)i, 0.2f, 0.8f - 0.1f * (float)i};
        record_add_ply(&record, action, i & 1, i == 3 ? PLY_FAST : PLY_FULL, 1, wdl, 0);
        if (i != 3) {
            memset(policy, 0, sizeof policy);
            policy[action] = 0.75f;
            policy[8] += 0.25f; // That is c1, which was never played.
            record_set_policy(&record, policy, game->num_actions);
        }
    }
    record_finish(&record, OUTCOME_FIRST, 0, NULL);
    return record;
}

static void targets_follow_the_symmetry(void) {
    struct game game;
    struct config config = config_for("tictactoe", &game);
    struct record record = top_row(&game);
    const struct net_config net = config_net(&config, &game);
    struct batch *batch;
    EXPECT_INT(batch_new(&batch, &net, 16, 3, 3), STATUS_OK);
    for (int k = 0; k < game.num_symmetries; k++) sampler_row(&record, 2, k, &config, batch);
    EXPECT_INT(batch->n, game.num_symmetries);
    const int own = game.type->action_parse(&game, "b3"), reply = game.type->action_parse(&game, "b2");
    for (int k = 0; k < batch->n; k++) {
        EXPECT_NEAR(batch->targets[LOSS_POLICY][k * 9 + game_permute(&game, k, own)], 0.75, 1e-4);
        EXPECT_NEAR(batch->targets[LOSS_POLICY][k * 9 + game_permute(&game, k, 8)], 0.25, 1e-4);
        // It is a fast ply: the target is the move itself.
        EXPECT_NEAR(batch->targets[LOSS_REPLY][k * 9 + game_permute(&game, k, reply)], 1, 1e-6);
        EXPECT_NEAR(batch->legal[k * 9 + game_permute(&game, k, own)], 1, 0);
        EXPECT_NEAR(batch->legal[k * 9 + game_permute(&game, k, game.type->action_parse(&game, "a3"))], 0, 0);
        EXPECT_NEAR(batch->weights[LOSS_POLICY][k], 1, 0);
        float sum = 0;
        for (int i = 0; i < 9; i++) sum += batch->legal[k * 9 + i];
        EXPECT_NEAR(sum, 7, 0);
    }
    batch_free(batch);
    record_done(&record);
}

static void value_is_the_movers(void) {
    struct game game;
    (void)config_for("tictactoe", &game);
    struct record record = top_row(&game);
    float wdl[3];
    sampler_value(&record, 0, 1, 3, wdl);
    EXPECT_NEAR(wdl[0], 1, 1e-6);
    sampler_value(&record, 1, 1, 3, wdl);
    EXPECT_NEAR(wdl[2], 1, 1e-6);
    // As the horizon vanishes, only the search value of the ply itself counts.
    sampler_value(&record, 3, 0, 1e-3, wdl);
    EXPECT_NEAR(wdl[0], 0.3, 1e-4);
    EXPECT_NEAR(wdl[2], 0.5, 1e-4);
    // The naive average over all later plies, turned to the view of the mover of ply 2.
    const double keep = exp(-1 / 2.0);
    double expect = 0, left = 1;
    for (int i = 2; i < 5; i++) {
        const double win = 0.1 * i, loss = 0.8 - 0.1 * i;
        expect += left * (1 - keep) * (i % 2 == 0 ? win : loss);
        left *= keep;
    }
    expect += left * 1;
    sampler_value(&record, 2, 0, 2, wdl);
    EXPECT_NEAR(wdl[0], expect, 1e-4);
    EXPECT_NEAR(wdl[0] + wdl[1] + wdl[2], 1, 1e-5);
    record_done(&record);
}

static void a_false_record_is_refused(void) {
    struct game game;
    (void)config_for("tictactoe", &game);
    struct record record = top_row(&game);
    EXPECT_INT(record_verify(&record, NULL, "good"), STATUS_OK);
    record.plies[2].action = record.plies[0].action;
    EXPECT_INT(record_verify(&record, NULL, "bad"), STATUS_FORMAT);
    record_done(&record);
    record = top_row(&game);
    record.outcome = OUTCOME_DRAW;
    EXPECT_INT(record_verify(&record, NULL, "bad"), STATUS_FORMAT);
    record_done(&record);
}

// The law of record_verify: what passes it can be sampled from. Bytes of a true record are altered
// at random; the sanitizers see a target beyond its row.
static void what_passes_can_be_learned_from(void) {
    struct game game;
    struct config config = config_for("tictactoe", &game);
    const struct net_config net = net_config_for(&game, 1, 8);
    struct rng rng;
    rng_init(&rng, 3, 0);
    struct batch *batch;
    EXPECT_INT(batch_new(&batch, &net, 16, 3, 3), STATUS_OK);
    struct record record = top_row(&game);
    struct byte_buffer bytes = {0};
    record_write(&record, &bytes);
    record_done(&record);
    int passed = 0, refused = 0;
    uint8_t altered[4096];
    EXPECT(bytes.num_bytes <= sizeof altered);
    const int kept = dup(2), null = open("/dev/null", O_WRONLY); // There are thousands of refusals.
    EXPECT(kept >= 0 && null >= 0 && dup2(null, 2) == 2);
    for (int i = 0; i < 20000; i++) {
        memcpy(altered, bytes.data, bytes.num_bytes);
        for (int k = (int)rng_below(&rng, 3); k >= 0; k--)
            altered[4 + rng_below(&rng, (uint32_t)bytes.num_bytes - 4)] ^= (uint8_t)(1 << rng_below(&rng, 8));
        size_t used;
        if (record_read(&record, altered, bytes.num_bytes, &used, "altered")) continue;
        const bool passes = record_verify(&record, &game, "altered") == STATUS_OK;
        passed += passes;
        refused += !passes;
        for (int ply = 0; passes && ply < record.num_plies; ply++) {
            batch_reframe(batch, 3, 3);
            sampler_row(&record, ply, (int)rng_below(&rng, (uint32_t)game.num_symmetries), &config, batch);
        }
        record_done(&record);
    }
    EXPECT(dup2(kept, 2) == 2);
    close(kept);
    close(null);
    EXPECT(passed > 100); // Most alterations are of the values, which may be anything.
    EXPECT(refused > 100);
    free(bytes.data);
    batch_free(batch);
}

static void schedules_are_what_they_say(void) {
    struct game game;
    struct config config = config_for("tictactoe", &game);
    EXPECT_NEAR(config_learning_rate(&config, 1000000, 0.2), config.learning_rate, 1e-12);
    EXPECT_NEAR(config_learning_rate(&config, 1000000, 1), config.learning_rate * config.decay_to, 1e-12);
    EXPECT(config_learning_rate(&config, 0, 0) < config.learning_rate / 10);
    EXPECT_INT(config_window(&config, 10), config.window_min);
    EXPECT(config_window(&config, 1000000) > config.window_min && config_window(&config, 1000000) < 1000000);
}

int main(void) {
    targets_follow_the_symmetry();
    value_is_the_movers();
    a_false_record_is_refused();
    what_passes_can_be_learned_from();
    schedules_are_what_they_say();
    return TEST_END();
}
