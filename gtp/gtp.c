// Serves a controller: it reads lines, and writes one answer for each command. Nothing but answers
// ever reaches `out`.
#include "gtp/gtp.h"

#include "base/memory.h"
#include "gtp/gtp_engine.h"
#include "net/play_evaluator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void answer_lines(struct gtp_engine *engine, struct gtp_reply *reply, FILE *in, FILE *out) {
    char *text = NULL;
    size_t capacity = 0;
    bool is_helped = !engine->params->is_typed;
    while (!engine->quit && getline(&text, &capacity, in) >= 0) {
        struct gtp_line line;
        gtp_parse_line(text, &line);
        if (!line.command && !line.has_id) continue;
        if (line.command) {
            gtp_answer(engine, &line, reply);
        } else { // an id and nothing else
            gtp_refuse(reply, GTP_UNKNOWN);
        }
        fprintf(out, "%c%s%s%s\n\n", reply->failed ? '?' : '=', line.id, reply->num_bytes ? " " : "", reply->text);
        fflush(out);
        if (!is_helped && reply->failed && !strcmp(reply->text, GTP_UNKNOWN)) {
            fputs("tengen: help lists all commands\n", stderr);
            is_helped = true;
        }
    }
    free(text);
}

enum status gtp_loop(const struct gtp_params *params, struct evaluator *evaluator, FILE *in, FILE *out) {
    CHECK(params->clock);
    struct gtp_engine engine;
    struct gtp_reply *reply = memory_raw(1, sizeof *reply, "the answers of GTP");
    enum status status = gtp_engine_init(&engine, params, evaluator);
    if (status == STATUS_OK) answer_lines(&engine, reply, in, out);
    if (status == STATUS_OK && ferror(out)) status = status_fail(STATUS_IO, "gtp: can't write answers: %s", strerror(errno));
    gtp_engine_done(&engine);
    free(reply);
    return status;
}

enum status gtp_serve(const struct gtp_params *params, FILE *in, FILE *out) {
    struct backend *backend = NULL;
    struct evaluator *evaluator = NULL;
    TRY(backend_open(&backend, &(struct backend_spec){.name = params->backend ? params->backend : "auto"}));
    enum status status = play_evaluator_new(&evaluator, params->net, backend, params->batch > 0 ? params->batch : 1);
    if (status == STATUS_OK) status = gtp_loop(params, evaluator, in, out);
    evaluator_free(evaluator);
    backend_close(backend);
    return status;
}
