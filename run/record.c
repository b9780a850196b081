// Records in memory and as bytes.
//
// Bytes of one record, all little-endian; a length in front makes them self-delimiting:
//
//   u32 bytes that follow
//   u8 length + name of the game · u8 length + name of the rules
//   u8 height · u8 width · u32 max_plies · f64 komi
//   i64 index · i64 net_step · u64 seed · u16 opening_plies · u8 outcome · f32 score
//   u16 num_plies, then for each:   u16 action · u8 kind + 4 * mover
//                                   full and fast: u16 weight · u16 win · u16 loss · f32 score
//                                   full:          u16 num_probs, then (u16 action · u16 prob) each
//   u8 has ownership, then i8[height * width]
//
// Invariants, which record_read proves and every maker of records keeps:
//   1. The probs of a ply are probs[first_prob .. first_prob + num_probs). They lie in the order of
//      the plies without gaps; within a ply the actions ascend, and every prob is above 0.
//   2. Only full plies have probs. Free plies have weight, win, loss and score 0.
//   3. win + loss <= 65535, and every float is finite.
//   4. 1 <= height, width <= GAME_MAX_SIDE; every action < GAME_MAX_ACTIONS;
//      num_plies <= RECORD_MAX_PLIES.
#include "run/record.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void record_init(struct record *record, const struct game *game) {
    *record = (struct record){.height = game->height, .width = game->width, .max_plies = game->max_plies, .komi = game->komi};
    snprintf(record->game, sizeof record->game, "%s", game->type->name);
    snprintf(record->rules, sizeof record->rules, "%s", game->rules ? game->rules : "");
}

void record_done(struct record *record) {
    free(record->ownership);
    free(record->plies);
    free(record->probs);
    *record = (struct record){0};
}

void record_move(struct record *to, struct record *from) {
    *to = *from;
    *from = (struct record){0};
}

void record_pack(struct record *record) {
    if (record->num_plies > 0 && record->num_plies < record->max_stored_plies) {
        record->plies = memory_resize(record->plies, (size_t)record->num_plies, sizeof *record->plies, "a game");
        record->max_stored_plies = record->num_plies;
    }
    if (record->num_probs > 0 && record->num_probs < record->max_stored_probs) {
        record->probs = memory_resize(record->probs, record->num_probs, sizeof *record->probs, "a game");
        record->max_stored_probs = record->num_probs;
    }
}

size_t record_heap_bytes(const struct record *record) {
    enum { EACH = 16 }; // The allocator adds about this many bytes to each block.
    const size_t points = record->ownership ? (size_t)(record->height * record->width) + EACH : 0;
    return (size_t)record->max_stored_plies * sizeof *record->plies + record->max_stored_probs * sizeof *record->probs +
           points + 2 * EACH;
}

bool record_equal(const struct record *a, const struct record *b) {
    struct byte_buffer left = {0}, right = {0};
    record_write(a, &left);
    record_write(b, &right);
    const bool is_equal = left.num_bytes == right.num_bytes && !memcmp(left.data, right.data, left.num_bytes);
    free(left.data);
    free(right.data);
    return is_equal;
}

static uint16_t coarse(double share, int one) { return (uint16_t)fmin(65535, fmax(0, floor(share * one + 0.5))); }

void record_set_weight(struct record *record, int ply, float weight) {
    CHECK(ply >= 0 && ply < record->num_plies && weight >= 0);
    if (record->plies[ply].kind != PLY_FREE) record->plies[ply].weight = coarse(weight, RECORD_WEIGHT_ONE);
}

void record_add_ply(struct record *record, int action, int mover, enum ply_kind kind, float weight, const float wdl[3],
                    float score) {
    CHECK(record->num_plies < RECORD_MAX_PLIES && action >= 0 && action < GAME_MAX_ACTIONS && (mover == 0 || mover == 1));
    CHECK((unsigned)kind < NUM_PLY_KINDS && (kind == PLY_FREE || (wdl && isfinite(score))));
    if (record->num_plies == record->max_stored_plies) {
        record->max_stored_plies = record->max_stored_plies ? 2 * record->max_stored_plies : 64;
        record->plies = memory_resize(record->plies, (size_t)record->max_stored_plies, sizeof *record->plies, "a game");
    }
    struct record_ply *ply = &record->plies[record->num_plies++];
    *ply = (struct record_ply){
        .action = (uint16_t)action, .kind = (uint8_t)kind, .mover = (uint8_t)mover, .first_prob = record->num_probs};
    if (kind == PLY_FREE) return;
    ply->win = coarse(wdl[0], RECORD_PROB_ONE);
    ply->loss = coarse(wdl[2], RECORD_PROB_ONE);
    // Both may have been rounded up, so that together they are one too many.
    if (ply->win + ply->loss > RECORD_PROB_ONE) ply->loss = (uint16_t)(RECORD_PROB_ONE - ply->win);
    ply->score = score;
    record_set_weight(record, record->num_plies - 1, weight);
}

void record_set_policy(struct record *record, const float *policy, int num_actions) {
    CHECK(record->num_plies > 0 && num_actions <= GAME_MAX_ACTIONS);
    struct record_ply *ply = &record->plies[record->num_plies - 1];
    CHECK(ply->kind == PLY_FULL && ply->num_probs == 0);
    for (int action = 0; action < num_actions; action++) {
        const uint16_t prob = coarse(policy[action], RECORD_PROB_ONE);
        if (prob == 0) continue;
        if (record->num_probs == record->max_stored_probs) {
            record->max_stored_probs = record->max_stored_probs ? 2 * record->max_stored_probs : 256;
            record->probs = memory_resize(record->probs, record->max_stored_probs, sizeof *record->probs, "a game");
        }
        record->probs[record->num_probs++] = (struct record_prob){(uint16_t)action, prob};
        ply->num_probs++;
    }
}

void record_finish(struct record *record, enum outcome outcome, float score, const int8_t *ownership) {
    CHECK(isfinite(score));
    record->outcome = outcome;
    record->score = score;
    free(record->ownership);
    record->ownership = NULL;
    if (!ownership) return;
    const size_t points = (size_t)(record->height * record->width);
    record->ownership = memory_raw(points, 1, "a game");
    memcpy(record->ownership, ownership, points);
}

bool record_policy(const struct record *record, int ply, float *out, int num_actions) {
    const struct record_ply *at = &record->plies[ply];
    const struct record_prob *probs = record->probs + at->first_prob;
    // Actions ascend, so the last one is the largest.
    if (at->num_probs == 0 || probs[at->num_probs - 1].action >= num_actions) return false;
    double sum = 0;
    for (int i = 0; i < at->num_probs; i++) sum += probs[i].prob;
    memset(out, 0, (size_t)num_actions * sizeof *out);
    for (int i = 0; i < at->num_probs; i++) out[probs[i].action] = (float)(probs[i].prob / sum);
    return true;
}

int record_rows(const struct record *record, enum ply_kind kind, uint64_t *weight) {
    int rows = 0;
    uint64_t sum = 0;
    for (int i = 0; i < record->num_plies; i++) {
        if (record->plies[i].kind != kind || record->plies[i].weight == 0) continue;
        rows++;
        sum += record->plies[i].weight;
    }
    if (weight) *weight = sum;
    return rows;
}

enum status record_open_game(const struct record *record, struct game *game) {
    const struct game_options options = {.height = record->height,
                                         .width = record->width,
                                         .komi = record->komi,
                                         .rules = record->rules[0] ? record->rules : NULL,
                                         .max_plies = record->max_plies};
    return game_open(game, record->game, &options);
}

static void put_name(struct byte_buffer *out, const char *name) {
    buffer_put(out, strlen(name), 1);
    buffer_append(out, name, strlen(name));
}

void record_write(const struct record *record, struct byte_buffer *out) {
    const size_t start = out->num_bytes;
    buffer_put(out, 0, 4); // The length is filled in at the end, when it is known.
    put_name(out, record->game);
    put_name(out, record->rules);
    buffer_put(out, (uint64_t)record->height, 1);
    buffer_put(out, (uint64_t)record->width, 1);
    buffer_put(out, (uint64_t)record->max_plies, 4);
    buffer_put_double(out, record->komi);
    buffer_put(out, (uint64_t)record->index, 8);
    buffer_put(out, (uint64_t)record->net_step, 8);
    buffer_put(out, record->seed, 8);
    buffer_put(out, (uint64_t)record->opening_plies, 2);
    buffer_put(out, (uint64_t)record->outcome, 1);
    buffer_put_float(out, record->score);
    buffer_put(out, (uint64_t)record->num_plies, 2);
    for (int i = 0; i < record->num_plies; i++) {
        const struct record_ply *ply = &record->plies[i];
        buffer_put(out, ply->action, 2);
        buffer_put(out, (uint64_t)(ply->kind + 4 * ply->mover), 1);
        if (ply->kind == PLY_FREE) continue;
        buffer_put(out, ply->weight, 2);
        buffer_put(out, ply->win, 2);
        buffer_put(out, ply->loss, 2);
        buffer_put_float(out, ply->score);
        if (ply->kind != PLY_FULL) continue;
        buffer_put(out, ply->num_probs, 2);
        for (int j = 0; j < ply->num_probs; j++) {
            buffer_put(out, record->probs[ply->first_prob + (uint32_t)j].action, 2);
            buffer_put(out, record->probs[ply->first_prob + (uint32_t)j].prob, 2);
        }
    }
    buffer_put(out, record->ownership != NULL, 1);
    if (record->ownership) buffer_append(out, record->ownership, (size_t)(record->height * record->width));
    const uint32_t num_bytes = (uint32_t)(out->num_bytes - start - 4);
    for (int i = 0; i < 4; i++) out->data[start + (size_t)i] = (uint8_t)(num_bytes >> (8 * i));
}

// Names must consist of printable characters and fit.
static bool get_name(struct byte_reader *in, char *out, size_t out_bytes) {
    const size_t length = reader_get(in, 1);
    const uint8_t *text = length < out_bytes ? reader_take(in, length) : NULL;
    if (!text) return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] > '~') return false;
    memcpy(out, text, length);
    out[length] = 0;
    return true;
}

static const char *read_probs(struct record *record, struct record_ply *ply, struct byte_reader *in) {
    ply->num_probs = (uint16_t)reader_get(in, 2);
    // The bytes must be present before memory is asked for.
    const uint8_t *bytes = reader_take(in, 4 * (size_t)ply->num_probs);
    if (!bytes) return "is cut short in a policy";
    while (record->num_probs + ply->num_probs > record->max_stored_probs) {
        record->max_stored_probs = record->max_stored_probs ? 2 * record->max_stored_probs : 256;
        record->probs = memory_resize(record->probs, record->max_stored_probs, sizeof *record->probs, "a game");
    }
    int last = -1;
    for (int j = 0; j < ply->num_probs; j++, bytes += 4) {
        const struct record_prob prob = {(uint16_t)(bytes[0] | bytes[1] << 8), (uint16_t)(bytes[2] | bytes[3] << 8)};
        if (prob.action <= last || prob.action >= GAME_MAX_ACTIONS || prob.prob == 0) return "has a policy that is none";
        last = prob.action;
        record->probs[record->num_probs++] = prob;
    }
    return NULL;
}

static const char *read_plies(struct record *record, struct byte_reader *in) {
    for (int i = 0; i < record->num_plies; i++) {
        struct record_ply *ply = &record->plies[i];
        *ply = (struct record_ply){.first_prob = record->num_probs};
        ply->action = (uint16_t)reader_get(in, 2);
        const int kind = (int)reader_get(in, 1);
        ply->kind = kind & 3;
        ply->mover = (kind >> 2) & 1;
        if (in->is_short) return "is cut short";
        if (ply->action >= GAME_MAX_ACTIONS || kind > 7 || ply->kind >= NUM_PLY_KINDS) return "has a ply that is none";
        if (ply->kind == PLY_FREE) continue;
        ply->weight = (uint16_t)reader_get(in, 2);
        ply->win = (uint16_t)reader_get(in, 2);
        ply->loss = (uint16_t)reader_get(in, 2);
        ply->score = reader_get_float(in);
        if (ply->win + ply->loss > RECORD_PROB_ONE || !isfinite(ply->score)) return "has a value that is none";
        const char *why = ply->kind == PLY_FULL ? read_probs(record, ply, in) : NULL;
        if (why) return why;
    }
    return in->is_short ? "is cut short" : NULL;
}

// Returns NULL, or says what is wrong.
static const char *read_body(struct record *record, struct byte_reader *in) {
    if (!get_name(in, record->game, sizeof record->game) || !get_name(in, record->rules, sizeof record->rules) ||
        !record->game[0])
        return "does not name its game";
    record->height = (int)reader_get(in, 1);
    record->width = (int)reader_get(in, 1);
    const uint64_t max_plies = reader_get(in, 4);
    record->max_plies = (int)(max_plies & INT32_MAX);
    record->komi = reader_get_double(in);
    record->index = (long long)reader_get(in, 8);
    record->net_step = (long long)reader_get(in, 8);
    record->seed = reader_get(in, 8);
    record->opening_plies = (int)reader_get(in, 2);
    const unsigned outcome = (unsigned)reader_get(in, 1);
    record->outcome = (enum outcome)outcome;
    record->score = reader_get_float(in);
    const int num_plies = (int)reader_get(in, 2);
    if (in->is_short || (size_t)num_plies * 3 > in->num_bytes - in->at) return "is cut short";
    if (record->height < 1 || record->height > GAME_MAX_SIDE || record->width < 1 || record->width > GAME_MAX_SIDE)
        return "has an impossible board size";
    if (max_plies > INT32_MAX || record->index < 0 || record->opening_plies > num_plies || outcome > OUTCOME_DRAW ||
        !isfinite(record->komi) || !isfinite(record->score))
        return "has an impossible field";
    if (num_plies > 0) {
        record->num_plies = record->max_stored_plies = num_plies;
        record->plies = memory_new((size_t)num_plies, sizeof *record->plies, "a game");
    }
    const char *why = read_plies(record, in);
    if (why) return why;
    const uint64_t has_ownership = reader_get(in, 1);
    const size_t points = (size_t)(record->height * record->width);
    const uint8_t *owners = has_ownership ? reader_take(in, points) : NULL;
    if (in->is_short || has_ownership > 1) return "is cut short in its ownership";
    if (owners) {
        for (size_t i = 0; i < points; i++)
            if (owners[i] > 1 && owners[i] != 0xff) return "has an owner that is none";
        record->ownership = memory_raw(points, 1, "a game");
        memcpy(record->ownership, owners, points);
    }
    return in->at == in->num_bytes ? NULL : "is longer than it should be";
}

enum status record_read(struct record *record, const uint8_t *bytes, size_t num_bytes, size_t *used, const char *name) {
    *record = (struct record){0};
    struct byte_reader in = {.data = bytes, .num_bytes = num_bytes};
    const size_t length = reader_get(&in, 4);
    const uint8_t *body = reader_take(&in, length);
    if (!body) return status_fail(STATUS_FORMAT, "%s: a game record is cut short", name);
    struct byte_reader inner = {.data = body, .num_bytes = length};
    const char *why = read_body(record, &inner);
    if (why) {
        record_done(record);
        return status_fail(STATUS_FORMAT, "%s: a game record %s", name, why);
    }
    *used = in.at;
    return STATUS_OK;
}
