// Any lines are sent to the GTP engine, which searches a few visits by random rollouts. Every
// answer begins with '=' or '?' and ends with an empty line.
#include "game/evaluator.h"
#include "gtp/gtp_engine.h"
#include "tests/fuzz/fuzz.h"

static double no_time(void *context) { return 0; }

static void check_framing(const char *text, size_t num_bytes) {
    const char *at = text;
    while (at < text + num_bytes) {
        CHECK(*at == '=' || *at == '?');
        const char *end = strstr(at, "\n\n");
        CHECK(end);
        at = end + 2;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    static const struct clock clock = {.seconds = no_time};
    // So no file outside is touched.
    if (num_bytes == 0 || num_bytes > 4096 || memchr(data, '/', num_bytes)) return 0;
    static bool moved;
    if (!moved) CHECK(chdir(fuzz_make_folder()) == 0);
    moved = true;
    const struct gtp_params params = {.model_name = "fuzz", .visits = 4, .batch = 2, .size = 5, .komi = 7, .clock = &clock};
    struct evaluator *evaluator;
    char *answers = NULL;
    size_t answer_bytes = 0;
    CHECK(evaluator_rollouts(&evaluator, 2, 1) == STATUS_OK);
    FILE *in = fmemopen((void *)data, num_bytes, "r"), *out = open_memstream(&answers, &answer_bytes);
    CHECK(in && out);
    gtp_loop(&params, evaluator, in, out);
    fclose(in);
    fclose(out);
    check_framing(answers, answer_bytes);
    free(answers);
    evaluator_free(evaluator);
    return 0;
}
