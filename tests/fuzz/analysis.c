// Any lines are sent to the JSON protocol of analysis. Every answer is one line of JSON with an id, an
// error or a warning.
#include "gtp/analysis.h"
#include "game/evaluator.h"
#include "tests/fuzz/fuzz.h"

#include <cjson/cJSON.h>

static double no_time(void *context) { return 0; }

static void check_answers(char *text) {
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        cJSON *json = cJSON_Parse(line);
        CHECK(cJSON_IsObject(json));
        CHECK(cJSON_GetObjectItem(json, "id") || cJSON_GetObjectItem(json, "error"));
        cJSON_Delete(json);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    static const struct clock clock = {.seconds = no_time};
    // A million visits would be no fault, but would take their time: numbers of three digits and powers
    // of ten don't pass.
    int digits = 0;
    for (size_t i = 0; i < num_bytes; i++) {
        const bool is_power = (data[i] | 32) == 'e' && digits > 0;
        digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
        if (digits == 3 || is_power) return 0;
    }
    if (num_bytes > 4096) return 0;
    struct evaluator *evaluator;
    CHECK(evaluator_rollouts(&evaluator, 1, 1) == STATUS_OK);
    const struct analysis_params params = {
        .model_name = "fuzz",
        .visits = 4,
        .rules = "chinese",
        .analyst = {.evaluators = &evaluator, .num_evaluators = 1, .batch = 4, .leaves = 2, .clock = &clock}};
    char path[PATH_BYTES], *answers = NULL;
    size_t answer_bytes = 0;
    FILE *in = fopen(fuzz_file(path, "queries", data, num_bytes), "r"), *out = open_memstream(&answers, &answer_bytes);
    CHECK(in && out);
    CHECK(analysis_serve(&params, in, out) == STATUS_OK);
    fclose(in);
    fclose(out);
    check_answers(answers);
    free(answers);
    evaluator_free(evaluator);
    return 0;
}
