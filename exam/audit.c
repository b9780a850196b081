// One pass over the chunks that the run lists, oldest first. A chunk is read whole; each of its games
// is held against the rules, and then its positions are shown to all parts.
//
//   chunk -> games --rules--> faulty ones are counted, and nothing more is asked of them
//                        \--> position, position, ..., end -> same, games, exact, nets
#include "exam/audit.h"

#include "base/files.h"
#include "base/memory.h"
#include "exam/audit_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *audit_verdict_name(enum audit_verdict verdict) {
    static const char *const names[] = {"none", "good", "look", "bad"};
    return names[verdict];
}

void audit_blame(struct audit_blame *blame, long long chunk) {
    if (blame->num && blame->last == chunk) return;
    if (blame->num < AUDIT_MOST_CHUNKS) blame->chunks[blame->num] = chunk;
    blame->num++;
    blame->last = chunk;
}

void audit_say(struct audited *run, const char *check, enum audit_verdict verdict, double number, const char *unit,
               const struct audit_blame *blame, const char *format, ...) {
    struct audit *out = run->out;
    CHECK(out->num_lines < AUDIT_MOST_LINES);
    struct audit_line *line = &out->lines[out->num_lines++];
    *line = (struct audit_line){.check = check, .verdict = verdict, .number = number, .unit = unit};
    va_list args;
    va_start(args, format);
    vsnprintf(line->text, sizeof line->text, format, args);
    va_end(args);
    if (blame) {
        memcpy(line->chunks, blame->chunks, sizeof line->chunks);
        line->num_chunks = blame->num;
    }
    if (verdict > out->verdict) out->verdict = verdict;
}

struct parts {
    struct audit_provenance *provenance;
    struct audit_same *same;
    struct audit_games *games;
    struct audit_exact *exact;
    struct audit_nets *nets;
};

static enum status open_run(struct audited *run) {
    TRY(run_read_open(&run->reader, run->params->path));
    TRY(run_read_summary(run->reader, &run->summary));
    const struct run_summary *s = &run->summary;
    const struct game_options options = {.height = s->height, .width = s->width, .komi = s->komi, .rules = s->rules};
    TRY(game_open(&run->game, s->game, &options));
    TRY(run_read_checkpoints(run->reader, &run->checkpoints, &run->num_checkpoints));
    TRY(run_read_gates(run->reader, &run->gates, &run->num_gates));
    TRY(run_read_sessions(run->reader, &run->sessions, &run->num_sessions, &run->num_all_sessions));
    return run_read_chunks(run->reader, &run->chunks, &run->num_chunks);
}

// Shows the positions of a game that can have been played.
static void walk(struct audited *run, const struct parts *parts, const struct record *record, int chunk) {
    struct game game;
    uint16_t legal[GAME_MAX_ACTIONS];
    CHECK(record_open_game(record, &game) == STATUS_OK);
    void *state = memory_raw(1, game.state_bytes, "a position");
    struct audit_at at = {.record = record, .game = &game, .state = state, .chunk = chunk};
    game_start(&game, state);
    for (; at.ply < record->num_plies; at.ply++) {
        at.num_legal = game_legal(&game, state, legal);
        audit_same_position(parts->same, &at);
        audit_games_position(parts->games, &at);
        audit_exact_position(parts->exact, &at);
        audit_nets_position(parts->nets, &at);
        game_play(&game, state, record->plies[at.ply].action);
    }
    at.num_legal = game_legal(&game, state, legal);
    audit_same_game(parts->same, &at);
    audit_games_game(parts->games, &at);
    run->out->num_games++;
    run->out->num_positions += record->num_plies;
    free(state);
}

// Whether a chunk whose file can't be read is still listed: the run may have removed it meanwhile.
static enum status is_listed(struct audited *run, long long number, bool *out) {
    struct replay_chunk *chunks;
    int num;
    *out = false;
    TRY(run_read_chunks(run->reader, &chunks, &num));
    for (int i = 0; i < num; i++) *out |= chunks[i].number == number;
    free(chunks);
    return STATUS_OK;
}

static enum status examine_games(struct audited *run, const struct parts *parts, int chunk, const struct record *games,
                                 int num) {
    bool *is_faulty = memory_new((size_t)num, sizeof *is_faulty, "games of a chunk");
    char why[RECORD_WHY_BYTES], first[RECORD_WHY_BYTES] = "";
    for (int i = 0; i < num; i++) {
        const bool is_named = !strcmp(games[i].game, run->game.type->name);
        if (!is_named) snprintf(why, sizeof why, "game %lld: is of another game", games[i].index);
        is_faulty[i] = !is_named || !record_check(&games[i], &run->game, why);
        if (is_faulty[i] && !*first) memcpy(first, why, sizeof first);
    }
    const enum status status = audit_provenance_chunk(parts->provenance, chunk, games, num, is_faulty, first);
    for (int i = 0; i < num && status == STATUS_OK; i++)
        if (!is_faulty[i]) walk(run, parts, &games[i], chunk);
    free(is_faulty);
    TRY(status);
    audit_games_chunk(parts->games, chunk);
    TRY(audit_exact_chunk(parts->exact, chunk));
    return audit_nets_chunk(parts->nets, chunk);
}

static enum status examine_chunk(struct audited *run, const struct parts *parts, int chunk) {
    const struct replay_chunk *listed = &run->chunks[chunk];
    struct replay_chunk found;
    struct record *games;
    int num;
    char path[PATH_BYTES];
    path_format(path, "%s/replay/%06lld.chunk", run_read_path(run->reader), listed->number);
    if (chunk_read(path, NULL, NULL, &games, &num, &found) != STATUS_OK) {
        bool listed_still;
        TRY(is_listed(run, listed->number, &listed_still));
        if (listed_still) audit_provenance_damaged(parts->provenance, chunk);
        return STATUS_OK;
    }
    run->out->num_chunks++;
    const bool is_same =
        found.checksum == listed->checksum && found.bytes == listed->bytes && found.num_games == listed->num_games;
    if (!is_same) audit_provenance_damaged(parts->provenance, chunk);
    const enum status status = examine_games(run, parts, chunk, games, num);
    for (int i = 0; i < num; i++) record_done(&games[i]);
    free(games);
    return status;
}

static enum status examine(struct audited *run, const struct parts *parts) {
    const struct audit_params *p = run->params;
    for (int i = 0; i < run->num_chunks; i++) {
        if (p->stop && *p->stop) return STATUS_CANCELLED;
        TRY(examine_chunk(run, parts, i));
        if (p->on_progress) p->on_progress(p->context, i + 1, run->num_chunks);
    }
    TRY(audit_provenance_end(parts->provenance));
    audit_same_end(parts->same);
    audit_exact_end(parts->exact);
    audit_nets_end(parts->nets);
    audit_games_end(parts->games);
    return STATUS_OK;
}

enum status audit_run(const struct audit_params *params, struct audit *out) {
    struct audited run = {.params = params, .out = out};
    struct parts parts = {0};
    *out = (struct audit){0};
    enum status status = open_run(&run);
    if (status == STATUS_OK) status = audit_provenance_new(&parts.provenance, &run);
    if (status == STATUS_OK) status = audit_nets_new(&parts.nets, &run);
    if (status == STATUS_OK) {
        parts.same = audit_same_new(&run);
        parts.games = audit_games_new(&run);
        parts.exact = audit_exact_new(&run);
        status = examine(&run, &parts);
    }
    audit_provenance_free(parts.provenance);
    audit_same_free(parts.same);
    audit_games_free(parts.games);
    audit_exact_free(parts.exact);
    audit_nets_free(parts.nets);
    run_read_close(run.reader);
    free(run.checkpoints);
    free(run.chunks);
    free(run.gates);
    free(run.sessions);
    return status;
}
