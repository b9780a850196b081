// The window in memory holds games in the order of their arrival, with running sums of their rows.
//
//            head                                 num
//   entries  | game | game | ...            | game |
//   end[k]   the summed weight of the rows of kind k over all games ever added, this one included
//
// The sums are integers that never shrink. So a draw is one binary search among the `end`s of the
// games that are held and one walk through a game; dropping an old game only moves `head`; and no
// rounding error gathers. Invariants:
//   1. 0 <= head <= num. Games before `head` are freed; `base` holds the sums just before `head`.
//   2. entries[i].end[k] - entries[i - 1].end[k] is the summed weight of kind k in game i. The same
//      holds for the numbers of rows.
#include "run/replay.h"

#include "base/files.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct totals {
    uint64_t weight[NUM_PLY_KINDS];
    long long rows[NUM_PLY_KINDS], bytes;
};

struct entry {
    struct record game;
    struct totals end;
};

struct replay {
    struct entry *entries;
    int head, num, max_stored;
    struct totals base;
};

enum status replay_new(struct replay **out) {
    *out = memory_new(1, sizeof **out, "the replay window");
    return STATUS_OK;
}

void replay_free(struct replay *replay) {
    if (!replay) return;
    for (int i = replay->head; i < replay->num; i++) record_done(&replay->entries[i].game);
    free(replay->entries);
    free(replay);
}

static const struct totals *last_totals(const struct replay *replay) {
    return replay->num > replay->head ? &replay->entries[replay->num - 1].end : &replay->base;
}

void replay_add(struct replay *replay, struct record *games, int num_games) {
    if (replay->num + num_games > replay->max_stored) {
        // First we close the gap that dropped games have left.
        const int held = replay->num - replay->head;
        if (replay->head > 0) memmove(replay->entries, replay->entries + replay->head, (size_t)held * sizeof *replay->entries);
        replay->head = 0;
        replay->num = held;
        if (2 * (held + num_games) > replay->max_stored) {
            replay->max_stored = 2 * (held + num_games);
            replay->entries =
                memory_resize(replay->entries, (size_t)replay->max_stored, sizeof *replay->entries, "the replay window");
        }
    }
    for (int i = 0; i < num_games; i++) {
        struct totals end = *last_totals(replay);
        record_pack(&games[i]);
        end.bytes += (long long)record_heap_bytes(&games[i]);
        for (int kind = 0; kind < NUM_PLY_KINDS; kind++) {
            uint64_t weight;
            end.rows[kind] += record_rows(&games[i], (enum ply_kind)kind, &weight);
            end.weight[kind] += weight;
        }
        struct entry *entry = &replay->entries[replay->num++];
        record_move(&entry->game, &games[i]);
        entry->end = end;
    }
}

void replay_trim(struct replay *replay, long long window) {
    while (replay->head < replay->num) {
        struct entry *oldest = &replay->entries[replay->head];
        if (last_totals(replay)->rows[PLY_FULL] - oldest->end.rows[PLY_FULL] < window) return;
        // The newest game stays, so that trimming never empties a window.
        if (replay->head + 1 == replay->num && window <= 0) return;
        replay->base = oldest->end;
        record_done(&oldest->game);
        replay->head++;
    }
}

// a less b.
static struct totals totals_less(struct totals a, const struct totals *b) {
    for (int kind = 0; kind < NUM_PLY_KINDS; kind++) {
        a.weight[kind] -= b->weight[kind];
        a.rows[kind] -= b->rows[kind];
    }
    a.bytes -= b->bytes;
    return a;
}

// Whoever stays moves down, and its sums lose those of all games before it that are gone. They are
// what its own sums are beyond those of whoever stays before it, less what it has itself.
int replay_remove(struct replay *replay, bool (*is_unwanted)(const void *context, const struct record *record),
                  const void *context) {
    struct totals before = replay->base, kept_before = replay->base;
    int kept = replay->head;
    for (int i = replay->head; i < replay->num; i++) {
        struct entry *entry = &replay->entries[i];
        const struct totals end = entry->end;
        if (is_unwanted(context, &entry->game)) {
            record_done(&entry->game);
        } else {
            const struct totals gone = totals_less(before, &kept_before);
            if (kept < i) record_move(&replay->entries[kept].game, &entry->game);
            replay->entries[kept].end = kept_before = totals_less(end, &gone);
            kept++;
        }
        before = end;
    }
    const int removed = replay->num - kept;
    replay->num = kept;
    return removed;
}

int replay_num_games(const struct replay *replay) { return replay->num - replay->head; }

const struct record *replay_game(const struct replay *replay, int i) {
    CHECK(i >= 0 && i < replay_num_games(replay));
    return &replay->entries[replay->head + i].game;
}

long long replay_rows(const struct replay *replay, enum ply_kind kind) {
    return last_totals(replay)->rows[kind] - replay->base.rows[kind];
}

long long replay_bytes(const struct replay *replay) {
    return last_totals(replay)->bytes - replay->base.bytes + (long long)replay->max_stored * (long long)sizeof *replay->entries;
}

double replay_weight(const struct replay *replay, enum ply_kind kind) {
    return (double)(last_totals(replay)->weight[kind] - replay->base.weight[kind]) / RECORD_WEIGHT_ONE;
}

bool replay_pick(const struct replay *replay, struct rng *rng, enum ply_kind kind, const struct record **record, int *ply) {
    const uint64_t base = replay->base.weight[kind], total = last_totals(replay)->weight[kind] - base;
    if (total == 0) return false;
    // The high half of a 64 x 64 bit product is uniform up to 2^-64 * total, which no count of rows
    // notices.
    const uint64_t target = base + (uint64_t)((unsigned __int128)rng_u64(rng) * total >> 64);
    // We look for the first game whose sum lies beyond the target.
    int low = replay->head, high = replay->num - 1;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (replay->entries[middle].end.weight[kind] > target)
            high = middle;
        else
            low = middle + 1;
    }
    const struct record *game = &replay->entries[low].game;
    uint64_t at = low > replay->head ? replay->entries[low - 1].end.weight[kind] : base;
    for (int i = 0; i < game->num_plies; i++) {
        if (game->plies[i].kind != kind) continue;
        at += game->plies[i].weight;
        if (at <= target) continue;
        *record = game;
        *ply = i;
        return true;
    }
    CHECK(!"the totals agree with the rows");
    return false;
}

static void done_all(struct record *games, int num_games) {
    for (int i = 0; i < num_games; i++) record_done(&games[i]);
    free(games);
}

enum status replay_load(struct replay *replay, const char *folder, const char *game, const struct game *learned,
                        const struct replay_chunk *chunks, int num_chunks, long long window) {
    int first = num_chunks;
    for (long long rows = 0; first > 0 && rows < window; first--) rows += chunks[first - 1].full_rows;
    for (int i = first; i < num_chunks; i++) {
        char path[PATH_BYTES];
        struct record *games;
        int num_games;
        struct replay_chunk found;
        path_format(path, "%s/%06lld.chunk", folder, chunks[i].number);
        TRY(chunk_read(path, game, learned, &games, &num_games, &found));
        if (found.checksum != chunks[i].checksum || found.bytes != chunks[i].bytes || found.num_games != chunks[i].num_games) {
            done_all(games, num_games);
            return status_fail(
                STATUS_FORMAT, "%s: is not the chunk that this run wrote (%d games of checksum %08x, expected %d of %08x)",
                path, found.num_games, (unsigned)found.checksum, chunks[i].num_games, (unsigned)chunks[i].checksum);
        }
        replay_add(replay, games, num_games);
        done_all(games, num_games);
        replay_trim(replay, window);
    }
    return STATUS_OK;
}
