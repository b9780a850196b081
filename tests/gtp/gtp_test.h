// What several tests of GTP share: an engine that judges by random games, and whole sessions of it.
#ifndef TESTS_GTP_TEST_H
#define TESTS_GTP_TEST_H

#include "gtp/gtp_engine.h"
#include "tests/arena/arena_test.h"

static inline struct gtp_params session_params(void) {
    return (struct gtp_params){
        .model_name = "rollouts", .visits = 200, .batch = 4, .size = 7, .komi = 9, .seed = 1, .clock = &test_clock};
}

// All that the engine writes for this input, where each leaf is judged by params->batch rollouts.
// The caller frees it.
static __attribute__((noinline, unused)) char *session(const struct gtp_params *params, const char *input) {
    char *text = NULL;
    size_t num_bytes = 0;
    struct evaluator *evaluator = NULL;
    // Here the batch is the number of rollouts.
    EXPECT_INT(evaluator_rollouts(&evaluator, params->batch, 1), STATUS_OK);
    FILE *in = fmemopen((void *)input, strlen(input), "r"), *out = open_memstream(&text, &num_bytes);
    EXPECT_INT(gtp_loop(params, evaluator, in, out), STATUS_OK);
    fclose(in);
    fclose(out);
    evaluator_free(evaluator);
    return text;
}

// The reply to the last command of a session.
static inline char *last_reply(const struct gtp_params *params, const char *input) {
    char *text = session(params, input), *reply = text + strlen(text);
    if (reply - text >= 2) reply -= 2;
    *reply = 0;
    while (reply > text && !(reply[-1] == '\n' && reply - text >= 2 && reply[-2] == '\n')) reply--;
    memmove(text, reply, strlen(reply) + 1);
    return text;
}

#endif
