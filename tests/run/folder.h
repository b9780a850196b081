// What the tests of files share: random records, a folder for each test, and stderr turned away or
// caught.
#ifndef TESTS_RUN_FOLDER_H
#define TESTS_RUN_FOLDER_H

#include "base/files.h"
#include "base/rng.h"
#include "run/record.h"
#include "tests/test.h"

#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

static inline void make_folder(char out[PATH_BYTES], const char *name) {
    const char *base = getenv("TMPDIR");
    path_format(out, "%s/tengen-%s-XXXXXX", base ? base : "/tmp", name);
    CHECK(mkdtemp(out));
}

static inline int remove_entry(const char *path, const struct stat *info, int type, struct FTW *at) { return remove(path); }
static inline void remove_folder(const char *path) { nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

// Sends stderr to `path` until stderr_back, which takes what this has returned.
static inline int stderr_to(const char *path) {
    fflush(stderr);
    const int kept = dup(2), file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    CHECK(kept >= 0 && file >= 0 && dup2(file, 2) == 2);
    close(file);
    return kept;
}
static inline void stderr_back(int kept) {
    fflush(stderr);
    CHECK(dup2(kept, 2) == 2);
    close(kept);
}
// Runs `call`, which must fail with `wanted` and a line that holds both texts.
#define EXPECT_REFUSED(call, wanted, text1, text2)                                                                             \
    do {                                                                                                                       \
        const char *const caught_ = "/tmp/tengen-caught";                                                                      \
        char path_[PATH_BYTES], *said_;                                                                                        \
        size_t bytes_;                                                                                                         \
        path_format(path_, "%s-%d", caught_, (int)getpid());                                                                   \
        const int kept_ = stderr_to(path_);                                                                                    \
        const enum status status_ = (call);                                                                                    \
        stderr_back(kept_);                                                                                                    \
        CHECK(file_read(path_, &said_, &bytes_) == STATUS_OK);                                                                 \
        unlink(path_);                                                                                                         \
        EXPECT_INT(status_, (wanted));                                                                                         \
        EXPECT_(strstr(said_, (text1)) && strstr(said_, (text2)), "said \"%s\", expected \"%s\" and \"%s\"", said_, (text1),   \
                (text2));                                                                                                      \
        free(said_);                                                                                                           \
    } while (0)

// Makes a finished game with every kind of ply in it.
static inline void random_record(struct record *record, struct rng *rng, long long index) {
    const struct game_type type = {.name = "go"};
    const int side = 2 + (int)rng_below(rng, 6), num_actions = side * side + 1;
    const struct game game = {.type = &type, .height = side, .width = side, .komi = 7.5, .rules = "chinese", .max_plies = 500};
    record_init(record, &game);
    record->index = index;
    record->net_step = (long long)rng_below(rng, 1000);
    record->seed = rng_u64(rng);
    const int num_plies = (int)rng_below(rng, 40);
    record->opening_plies = num_plies / 4;
    for (int i = 0; i < num_plies; i++) {
        const double u = rng_double(rng), v = rng_double(rng);
        const float wdl[3] = {(float)(u * v), (float)(1 - u), (float)(u * (1 - v))};
        const enum ply_kind kind = i < record->opening_plies ? PLY_FREE : rng_below(rng, 4) == 0 ? PLY_FULL : PLY_FAST;
        const float weight = rng_below(rng, 8) == 0 ? 0 : (float)(0.1 + 2 * rng_double(rng));
        record_add_ply(record, (int)rng_below(rng, (uint32_t)num_actions), i % 2, kind, weight, wdl, (float)rng_normal(rng));
        if (kind != PLY_FULL) continue;
        float policy[50] = {0};
        double sum = 0;
        for (int a = 0; a < num_actions; a++) sum += policy[a] = rng_below(rng, 3) ? 0 : (float)rng_double(rng);
        policy[num_actions - 1] += 0.01f;
        for (int a = 0; a < num_actions; a++) policy[a] /= (float)(sum + 0.01);
        record_set_policy(record, policy, num_actions);
    }
    int8_t owner[49];
    for (int i = 0; i < side * side; i++) owner[i] = (int8_t)((int)rng_below(rng, 3) - 1);
    record_finish(record, (enum outcome)(1 + rng_below(rng, 3)), (float)rng_normal(rng), rng_below(rng, 4) ? owner : NULL);
}

#endif
