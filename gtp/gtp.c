// Serves a controller: it takes lines from the channel, and writes one answer for each command.
// Nothing but answers ever reaches `out`.
#include "gtp/gtp.h"

#include "base/memory.h"
#include "gtp/gtp_channel.h"
#include "gtp/gtp_engine.h"
#include "net/play_evaluator.h"

#include <stdlib.h>
#include <string.h>

// An answer whose head a command has written already (gtp_analyze.c) ends with what is left of it.
static void write_answer(struct gtp_engine *engine, const struct gtp_line *line, const struct gtp_reply *reply) {
    const size_t room = strlen(line->id) + reply->num_bytes + 8;
    char *text = memory_raw(room, 1, "an answer");
    size_t at = 0;
    if (!reply->is_begun)
        at = (size_t)snprintf(text, room, "%c%s%s", reply->failed ? '?' : '=', line->id, reply->num_bytes ? " " : "");
    memcpy(text + at, reply->text, reply->num_bytes);
    at += reply->num_bytes;
    if (!reply->is_begun || reply->num_bytes) text[at++] = '\n';
    text[at++] = '\n';
    gtp_channel_write(engine->channel, text, at);
    free(text);
}

static void answer_lines(struct gtp_engine *engine, struct gtp_reply *reply) {
    bool is_helped = !engine->params->is_typed;
    while (!engine->quit) {
        gtp_engine_ponder(engine);
        char *text = gtp_channel_line(engine->channel);
        if (!text) return;
        struct gtp_line line;
        gtp_parse_line(text, &line);
        if (!line.command && !line.has_id) continue;
        if (line.command) {
            gtp_answer(engine, &line, reply);
        } else { // an id and nothing else
            reply->is_begun = false;
            gtp_refuse(reply, GTP_UNKNOWN);
        }
        write_answer(engine, &line, reply);
        if (!is_helped && reply->failed && !strcmp(reply->text, GTP_UNKNOWN)) {
            static const char help[] = "tengen: help lists all commands\n";
            status_say(help, sizeof help - 1);
            is_helped = true;
        }
    }
}

enum status gtp_loop(const struct gtp_params *params, struct evaluator *evaluator, FILE *in, FILE *out) {
    CHECK(params->clock);
    struct gtp_engine engine;
    struct gtp_channel *channel = NULL;
    struct gtp_reply reply = {0};
    enum status status = gtp_engine_init(&engine, params, evaluator);
    if (status == STATUS_OK) status = gtp_channel_new(&channel, in, out);
    if (status == STATUS_OK) {
        engine.channel = channel;
        answer_lines(&engine, &reply);
        status = gtp_channel_status(channel);
    }
    gtp_channel_free(channel);
    gtp_engine_done(&engine);
    gtp_reply_done(&reply);
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
