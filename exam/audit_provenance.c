// Where the games come from: six questions, each of which a chunk that somebody has put in, altered
// or lost answers wrongly in some way.
//
//   files     is it the file that the database lists?
//   rules     can its games have been played, with these results?
//   rows      does the database say the same of each game?
//   steps     was there a net of that step when the game began?
//   streams   has the game a random stream of this run, and one that no other game has?
//   nets      have the checkpoints the digests that were written down?
//
// The stream of a game is rng_mix(session) ^ (slot << 40 | number of the slot's game): see
// selfplay/slot.c. So it names the session, and two games of one run never share it.
#include "exam/audit_parts.h"
#include "exam/audit_seen.h"

#include "base/files.h"
#include "base/memory.h"
#include "net/net.h"
#include "net/net_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_STREAMS = 1 << 22, // entries, 64 MiB: two million games (chosen)
    SLOT_BITS = 40,         // where the slot begins in the number of a stream
    MAX_SLOTS = 1 << 20,
};

struct audit_provenance {
    struct audited *run;
    // By iteration, ascending: the seconds of running, and the highest step until then.
    double *seconds;
    long long *steps;
    int num_iterations;
    double num_sessions;
    struct audit_seen streams;
    long long damaged, faulty, unlike, untimely, foreign, doubled;
    struct audit_blame damaged_in, faulty_in, unlike_in, untimely_in, foreign_in, doubled_in;
    char first_fault[RECORD_WHY_BYTES];
    long long num_games;
};

enum status audit_provenance_new(struct audit_provenance **out, struct audited *run) {
    struct audit_provenance *part = memory_new(1, sizeof *part, "an audit");
    struct run_metrics metrics;
    *out = part;
    part->run = run;
    audit_seen_init(&part->streams, MOST_STREAMS);
    TRY(run_read_number(run->reader, "session", 0, 1e6, &part->num_sessions));
    TRY(run_read_metrics(run->reader, 0, &metrics));
    part->num_iterations = metrics.num_rows;
    part->seconds = memory_raw((size_t)metrics.num_rows, sizeof *part->seconds, "an audit");
    part->steps = memory_raw((size_t)metrics.num_rows, sizeof *part->steps, "an audit");
    for (int i = 0; i < metrics.num_rows; i++) {
        part->seconds[i] = metrics.rows[i].seconds;
        part->steps[i] = metrics.rows[i].step;
        if (i && part->steps[i] < part->steps[i - 1]) part->steps[i] = part->steps[i - 1];
    }
    run_metrics_done(&metrics);
    return STATUS_OK;
}

void audit_provenance_free(struct audit_provenance *part) {
    if (!part) return;
    audit_seen_done(&part->streams);
    free(part->seconds);
    free(part->steps);
    free(part);
}

void audit_provenance_damaged(struct audit_provenance *part, int chunk) {
    part->damaged++;
    audit_blame(&part->damaged_in, part->run->chunks[chunk].number);
}

static bool is_like(const struct record *record, const struct run_game_row *row, long long chunk) {
    return row->index == record->index && row->chunk == chunk && row->net_step == record->net_step &&
           row->height == record->height && row->width == record->width && row->komi == record->komi &&
           row->outcome == record->outcome && row->score == (double)record->score && row->plies == record->num_plies &&
           row->opening_plies == record->opening_plies;
}

static const struct run_game_row *find_row(const struct run_game_row *rows, int num, long long index) {
    int low = 0;
    for (int high = num; low < high;) {
        const int middle = low + (high - low) / 2;
        if (rows[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low < num && rows[low].index == index ? &rows[low] : NULL;
}

// The highest step that any net had when the games of this moment were committed.
static long long highest_step(const struct audit_provenance *part, double seconds) {
    int low = 0;
    for (int high = part->num_iterations; low < high;) {
        const int middle = low + (high - low) / 2;
        if (part->seconds[middle] < seconds)
            low = middle + 1;
        else
            high = middle;
    }
    // The rows of old iterations may have been thinned; the next one has no lower step.
    return low < part->num_iterations ? part->steps[low] : part->run->summary.state.step;
}

static bool is_timely(const struct audit_provenance *part, const struct record *record, const struct run_game_row *row) {
    const struct run_session *session = run_session_of(part->run->sessions, part->run->num_sessions, record->index);
    // Games that are in play when a session ends are dropped, so that every game is of its session.
    if (session && record->net_step < session->first_step) return false;
    return record->net_step >= 0 && (!row || record->net_step <= highest_step(part, row->seconds));
}

static bool is_own_stream(const struct audit_provenance *part, uint64_t stream) {
    for (int session = 1; session <= (int)part->num_sessions; session++) {
        const uint64_t name = stream ^ rng_mix((uint64_t)session);
        const uint64_t number = name & ((1ULL << SLOT_BITS) - 1);
        if (name >> SLOT_BITS < MAX_SLOTS && number <= (uint64_t)part->run->summary.state.next_game) return true;
    }
    return false;
}

static void examine_game(struct audit_provenance *part, long long chunk, const struct record *record,
                         const struct run_game_row *row) {
    part->num_games++;
    if (!row || !is_like(record, row, chunk)) {
        part->unlike++;
        audit_blame(&part->unlike_in, chunk);
    }
    if (!is_timely(part, record, row)) {
        part->untimely++;
        audit_blame(&part->untimely_in, chunk);
    }
    if (!is_own_stream(part, record->seed)) {
        part->foreign++;
        audit_blame(&part->foreign_in, chunk);
    }
    if (audit_seen_add(&part->streams, record->seed, 0, NULL) > 0) {
        part->doubled++;
        audit_blame(&part->doubled_in, chunk);
    }
}

enum status audit_provenance_chunk(struct audit_provenance *part, int chunk, const struct record *games, int num,
                                   const bool *is_faulty, const char *first_fault) {
    const struct replay_chunk *listed = &part->run->chunks[chunk];
    struct run_game_row *rows;
    int num_rows;
    const struct run_games_wish wish = {
        .first = listed->first_game, .net_step = -1, .most = (int)(listed->last_game - listed->first_game + 1)};
    TRY(run_read_games(part->run->reader, &wish, &rows, &num_rows));
    for (int i = 0; i < num; i++) {
        examine_game(part, listed->number, &games[i], find_row(rows, num_rows, games[i].index));
        if (!is_faulty[i]) continue;
        part->faulty++;
        audit_blame(&part->faulty_in, listed->number);
        if (!part->first_fault[0]) snprintf(part->first_fault, sizeof part->first_fault, "%s", first_fault);
    }
    free(rows);
    return STATUS_OK;
}

// --- The run as a whole --------------------------------------------------------------------------

// Hashes all checkpoints that there are.
static enum status examine_nets(struct audit_provenance *part) {
    struct audited *run = part->run;
    int wrong = 0, missing = 0;
    long long first = -1;
    for (int i = 0; i < run->num_checkpoints; i++) {
        const struct audit_params *p = run->params;
        if (p->stop && *p->stop) return STATUS_CANCELLED;
        char path[PATH_BYTES];
        struct net *net;
        path_format(path, "%s/nets/%06lld.safetensors", run_read_path(run->reader), run->checkpoints[i].step);
        if (!file_exists(path)) {
            missing++;
            continue;
        }
        bool is_wrong = net_load(&net, path) != STATUS_OK;
        if (!is_wrong) {
            is_wrong = strcmp(net->meta.digest, run->checkpoints[i].digest) != 0;
            net_free(net);
        }
        if (is_wrong && first < 0) first = run->checkpoints[i].step;
        wrong += is_wrong;
    }
    char where[80] = "";
    if (wrong) snprintf(where, sizeof where, "; the first is that of step %lld", first);
    audit_say(run, "nets",
              !run->num_checkpoints ? AUDIT_NONE
              : wrong               ? AUDIT_BAD
              : missing             ? AUDIT_LOOK
                                    : AUDIT_GOOD,
              wrong, "checkpoints", NULL, "%d of %d checkpoints have another digest than the run wrote down, %d are missing%s",
              wrong, run->num_checkpoints, missing, where);
    return STATUS_OK;
}

// Which programs and machines made the games.
static void examine_sessions(const struct audit_provenance *part) {
    struct audited *run = part->run;
    int programs = 0, machines = 0;
    for (int i = 0; i < run->num_sessions; i++) {
        bool is_new_program = true, is_new_machine = true;
        for (int k = 0; k < i; k++) {
            is_new_program &= strcmp(run->sessions[k].program, run->sessions[i].program) != 0;
            is_new_machine &= strcmp(run->sessions[k].machine, run->sessions[i].machine) != 0;
        }
        programs += is_new_program;
        machines += is_new_machine;
    }
    const int unknown = run->num_all_sessions - run->num_sessions;
    const struct run_session *last = run->num_sessions ? &run->sessions[run->num_sessions - 1] : NULL;
    char text[300] = "";
    if (last)
        snprintf(text, sizeof text, "; the last by %.60s%s%.120s", last->program, last->machine[0] ? " on " : "",
                 last->machine);
    audit_say(run, "sessions", unknown ? AUDIT_LOOK : AUDIT_GOOD, unknown, "sessions", NULL,
              "%d of %d sessions did not write down their program and machine (older programs did not); %d program%s, "
              "%d machine%s%s",
              unknown, run->num_all_sessions, programs, programs == 1 ? "" : "s", machines, machines == 1 ? "" : "s", text);
}

// Compares a line "name = value" of config.ini with what the database says; true where there is no
// such line.
static bool agrees(const char *text, const char *name, const char *value) {
    const size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n'), line += line != NULL) {
        if (strncmp(line, name, length) || line[length] != ' ') continue;
        const char *at = line + length + strspn(line + length, " =");
        return !strncmp(at, value, strlen(value)) && strspn(at + strlen(value), " \r") == strcspn(at + strlen(value), "\n#;");
    }
    return true;
}

static void examine_settings(struct audit_provenance *part) {
    struct audited *run = part->run;
    char path[PATH_BYTES], seed[32], *text;
    size_t bytes;
    path_format(path, "%s/config.ini", run_read_path(run->reader));
    if (!file_exists(path) || file_read(path, &text, &bytes) != STATUS_OK) {
        audit_say(run, "settings", AUDIT_LOOK, NAN, "", NULL,
                  "config.ini is gone: with which settings the games were made is lost");
        return;
    }
    snprintf(seed, sizeof seed, "%llu", run->summary.seed);
    const bool same_game = agrees(text, "game", run->summary.game), same_seed = agrees(text, "seed", seed);
    audit_say(run, "settings", same_game && same_seed ? AUDIT_GOOD : AUDIT_BAD, !same_game + !same_seed, "settings", NULL,
              same_game && same_seed ? "config.ini names the game and the seed of run.sqlite"
                                     : "config.ini names another game or seed than run.sqlite");
    free(text);
}

enum status audit_provenance_end(struct audit_provenance *part) {
    struct audited *run = part->run;
    const long long games = part->num_games;
    char first[RECORD_WHY_BYTES + 16] = "";
    if (part->first_fault[0]) snprintf(first, sizeof first, "; the first: %s", part->first_fault);
    audit_say(run, "files", part->damaged ? AUDIT_BAD : AUDIT_GOOD, (double)part->damaged, "chunks", &part->damaged_in,
              "%lld of %d chunks are damaged, missing, or not the files that the run wrote", part->damaged, run->num_chunks);
    audit_say(run, "rules", part->faulty ? AUDIT_BAD : AUDIT_GOOD, (double)part->faulty, "games", &part->faulty_in,
              "%lld of %lld games can't have been played, or end otherwise than they say%s", part->faulty, games, first);
    audit_say(run, "rows", part->unlike ? AUDIT_BAD : AUDIT_GOOD, (double)part->unlike, "games", &part->unlike_in,
              "%lld of %lld games are not as run.sqlite lists them", part->unlike, games);
    audit_say(run, "steps", part->untimely ? AUDIT_BAD : AUDIT_GOOD, (double)part->untimely, "games", &part->untimely_in,
              "%lld of %lld games name a net that the run did not have when they began", part->untimely, games);
    // A program that numbers its streams in another way would make all of them foreign.
    const bool is_other_scheme = games >= 10 && part->foreign == games;
    audit_say(run, "streams",
              is_other_scheme                  ? AUDIT_LOOK
              : part->foreign || part->doubled ? AUDIT_BAD
                                               : AUDIT_GOOD,
              (double)(part->foreign + part->doubled), "games",
              part->foreign >= part->doubled ? &part->foreign_in : &part->doubled_in,
              "%lld of %lld games have a random stream of no session of this run, and %lld one that an earlier game has",
              part->foreign, games, part->doubled);
    TRY(examine_nets(part));
    examine_sessions(part);
    examine_settings(part);
    return STATUS_OK;
}
