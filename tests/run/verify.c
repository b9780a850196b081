// Law: what comes from a file is compared with its game before anybody uses it: records field by
// field, chunks before they take memory.
#include "run/record.h"
#include "run/replay.h"

#include "base/memory.h"
#include "tests/run/folder.h"

#include <zstd.h>

// Plays random moves to the end of a game, with policy targets over some of the legal moves.
static void play_randomly(struct record *record, const struct game *game, struct rng *rng, long long index) {
    uint16_t *legal = memory_raw((size_t)game->num_actions, sizeof *legal, "moves");
    float *policy = memory_raw((size_t)game->num_actions, sizeof *policy, "a policy");
    int8_t *owner = memory_new((size_t)(game->height * game->width), 1, "owners");
    void *state = memory_raw(1, game->state_bytes, "a position");
    record_init(record, game);
    record->index = index;
    game_start(game, state);
    while (game_certain(game, state) == OUTCOME_NONE) {
        const int num_legal = game_legal(game, state, legal), action = legal[rng_below(rng, (uint32_t)num_legal)];
        const enum ply_kind kind = (enum ply_kind)rng_below(rng, NUM_PLY_KINDS);
        record_add_ply(record, action, game_to_move(game, state), kind, 1, (const float[3]){0.5f, 0.25f, 0.25f}, 0);
        if (kind == PLY_FULL) {
            memset(policy, 0, (size_t)game->num_actions * sizeof *policy);
            for (int i = 0; i < num_legal; i++) policy[legal[i]] = rng_below(rng, 3) ? 1.0f / (float)num_legal : 0;
            record_set_policy(record, policy, game->num_actions);
        }
        game_play(game, state, action);
    }
    if (game->has_ownership) game->type->ownership(game, state, owner);
    record_finish(record, game_certain(game, state), game->has_score ? (float)game_score(game, state) : 0,
                  game->has_ownership ? owner : NULL);
    free(legal);
    free(policy);
    free(owner);
    free(state);
}

static int first_full(const struct record *record) {
    for (int i = 0; i < record->num_plies; i++)
        if (record->plies[i].kind == PLY_FULL && record->plies[i].num_probs > 0) return i;
    CHECK(!"a game of random plies has a full one");
    return -1;
}

static void random_games_pass(void) {
    struct rng rng;
    rng_init(&rng, 1, 0);
    for (int i = 0; i < game_count(); i++) {
        struct game game;
        struct record record;
        CHECK(game_open(&game, game_at(i)->name, &(struct game_options){.komi = GAME_KOMI_DEFAULT}) == STATUS_OK);
        play_randomly(&record, &game, &rng, i);
        EXPECT_INT(record_verify(&record, &game, game.type->name), STATUS_OK);
        struct byte_buffer bytes = {0};
        record_write(&record, &bytes);
        EXPECT(bytes.num_bytes <= record_max_bytes(&game));
        free(bytes.data);
        record_done(&record);
    }
}

enum lie {
    LIE_MOVE,     // A point that is taken.
    LIE_FAR_MOVE, // An action that the game has not.
    LIE_MOVER,    // Not the side to move.
    LIE_POLICY,   // A target that can't be played.
    // A target that the game has not, which once made the sampler write beyond its row.
    LIE_FAR_POLICY,
    LIE_OUTCOME,       // Another winner.
    LIE_SCORE,         // A score that no board can give.
    LIE_LONG,          // A move after the end.
    LIE_SHORT,         // The end is missing.
    LIE_BOARD,         // A board that is larger than the run's.
    LIE_GAME,          // A game whose net is another.
    LIE_UNKNOWN_RULES, // Rules that the game has not.
    NUM_LIES
};

static void tell(struct record *record, enum lie lie, const struct game *larger, struct rng *rng) {
    const int full = first_full(record);
    struct record_ply *ply = &record->plies[full];
    // The last action is the largest.
    struct record_prob *target = &record->probs[ply->first_prob + ply->num_probs - 1u];
    switch (lie) {
    case LIE_MOVE:
        record->plies[1].action = record->plies[0].action;
        break;
    case LIE_FAR_MOVE:
        record->plies[1].action = 700;
        break;
    case LIE_MOVER:
        ply->mover = !ply->mover;
        break;
    case LIE_POLICY:
        record->plies[1].kind = PLY_FULL;
        record->plies[1].num_probs = 1;
        record->plies[1].first_prob = 0;
        record->probs[0].action = record->plies[0].action;
        break;
    case LIE_FAR_POLICY:
        target->action = 700;
        break;
    case LIE_OUTCOME:
        record->outcome = record->outcome == OUTCOME_FIRST ? OUTCOME_SECOND : OUTCOME_FIRST;
        break;
    case LIE_SCORE:
        record->score = 1e30f;
        break;
    case LIE_LONG:
        record_add_ply(record, 0, record->num_plies % 2, PLY_FREE, 0, NULL, 0);
        break;
    case LIE_SHORT:
        record->num_plies--;
        break;
    case LIE_BOARD:
        record_done(record);
        play_randomly(record, larger, rng, 0);
        break;
    case LIE_GAME: {
        struct game other;
        CHECK(game_open(&other, "hex", &(struct game_options){.height = 5, .width = 5, .komi = GAME_KOMI_DEFAULT}) ==
              STATUS_OK);
        record_done(record);
        play_randomly(record, &other, rng, 0);
        break;
    }
    case LIE_UNKNOWN_RULES:
        snprintf(record->rules, sizeof record->rules, "none");
        break;
    case NUM_LIES:
        break;
    }
}

static void every_lie_is_refused(void) {
    struct game game, larger;
    struct rng rng;
    rng_init(&rng, 2, 0);
    CHECK(game_open(&game, "go", &(struct game_options){.height = 5, .width = 5, .komi = 24.5}) == STATUS_OK);
    CHECK(game_open(&larger, "go", &(struct game_options){.height = 6, .width = 5, .komi = 4}) == STATUS_OK);
    for (int lie = 0; lie < NUM_LIES; lie++) {
        struct record record;
        play_randomly(&record, &game, &rng, 77);
        EXPECT_INT(record_verify(&record, &game, "true"), STATUS_OK);
        tell(&record, (enum lie)lie, &larger, &rng);
        EXPECT_REFUSED(record_verify(&record, &game, "a file"), STATUS_FORMAT, "a file", "game ");
        record_done(&record);
    }
}

// Writes a chunk of one kind of game, with a header that claims what it is told, and with right
// checksums.
static void forge(const char *path, const struct record *game, int num_games, uint64_t claimed_bytes) {
    struct byte_buffer one = {0}, rest = {0}, file = {0};
    record_write(game, &one);
    const size_t num_bytes = one.num_bytes * (size_t)num_games, bound = ZSTD_compressBound(num_bytes);
    uint8_t *content = memory_raw(num_bytes, 1, "content"), *frame = memory_raw(bound, 1, "a frame");
    for (int i = 0; i < num_games; i++) memcpy(content + (size_t)i * one.num_bytes, one.data, one.num_bytes);
    const size_t frame_bytes = ZSTD_compress(frame, bound, content, num_bytes, 3);
    const long long counts[] = {game->index, game->index, 0, 0, 0};
    buffer_put(&rest, (uint64_t)num_games, 4);
    buffer_put(&rest, 0, 4);
    for (int i = 0; i < 5; i++) buffer_put(&rest, (uint64_t)counts[i], 8);
    buffer_put(&rest, claimed_bytes ? claimed_bytes : num_bytes, 8);
    buffer_put(&rest, frame_bytes, 8);
    buffer_append(&rest, frame, frame_bytes);
    buffer_append(&file, "TENGREP1", 8);
    buffer_put(&file, 1, 4);
    buffer_put(&file, crc32c(0, rest.data, rest.num_bytes), 4);
    buffer_append(&file, rest.data, rest.num_bytes);
    CHECK(file_write(path, file.data, file.num_bytes) == STATUS_OK);
    free(one.data);
    free(rest.data);
    free(file.data);
    free(content);
    free(frame);
}

static long long resident_bytes(void) {
    long long total, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%lld %lld", &total, &resident) == 2);
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

static void a_small_file_takes_no_large_memory(const char *folder) {
    struct game game;
    struct record empty, *games;
    int num_games;
    struct replay_chunk info;
    char path[PATH_BYTES];
    CHECK(game_open(&game, "go", &(struct game_options){.height = 5, .width = 5, .komi = 24.5}) == STATUS_OK);
    record_init(&empty, &game);
    record_finish(&empty, OUTCOME_FIRST, 1, NULL);
    path_format(path, "%s/000000.chunk", folder);
    forge(path, &empty, 3000000, 0); // That is 180 MB of games without a move.
    const long long before = resident_bytes();
    EXPECT_REFUSED(chunk_read(path, "go", &game, &games, &num_games, &info), STATUS_FORMAT, path, "unpacks to");
    EXPECT(resident_bytes() - before < 16 << 20);
    forge(path, &empty, 500000, 0); // This is within the bound, but they can't be games.
    EXPECT_REFUSED(chunk_read(path, "go", &game, &games, &num_games, &info), STATUS_FORMAT, path, "does not follow");
    forge(path, &empty, 1000, 1 << 20); // The frame says another size.
    EXPECT_REFUSED(chunk_read(path, "go", &game, &games, &num_games, &info), STATUS_FORMAT, path, "impossible header");
    EXPECT_INT(truncate(path, 1LL << 32), 0); // It is a sparse file.
    EXPECT_REFUSED(chunk_read(path, "go", &game, &games, &num_games, &info), STATUS_FORMAT, path, "is of 4294967296 bytes");
    record_done(&empty);
}

int main(void) {
    char folder[PATH_BYTES];
    make_folder(folder, "verify");
    random_games_pass();
    every_lie_is_refused();
    a_small_file_takes_no_large_memory(folder);
    remove_folder(folder);
    return TEST_END();
}
