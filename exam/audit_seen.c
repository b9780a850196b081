// A hash table of counts that halves its sample when it is full.
#include "exam/audit_seen.h"

#include "base/memory.h"
#include "base/rng.h"

#include <stdbool.h>
#include <stdlib.h>

enum { FIRST_ENTRIES = 1 << 10 };

void audit_seen_init(struct audit_seen *seen, size_t most) {
    *seen = (struct audit_seen){.max = most < FIRST_ENTRIES ? most : FIRST_ENTRIES, .most = most};
    seen->entries = memory_new(seen->max, sizeof *seen->entries, "the audit's table");
}

void audit_seen_done(struct audit_seen *seen) {
    free(seen->entries);
    *seen = (struct audit_seen){0};
}

static struct audit_seen_entry *find(struct audit_seen_entry *entries, size_t max, uint64_t key) {
    // The highest bits are those that the sample is drawn by, so that the place comes from others.
    size_t i = key & (max - 1);
    while (entries[i].key && entries[i].key != key) i = (i + 1) & (max - 1);
    return &entries[i];
}

static bool is_sampled(const struct audit_seen *seen, uint64_t key) { return !seen->level || !(key >> (64 - seen->level)); }

// Makes the table twice as large, or where it must not grow, the sample half as large.
static void make_space(struct audit_seen *seen) {
    const size_t max = seen->max < seen->most ? 2 * seen->max : seen->max;
    struct audit_seen_entry *entries = memory_new(max, sizeof *entries, "the audit's table");
    if (max == seen->max) seen->level++;
    seen->num = 0;
    for (size_t i = 0; i < seen->max; i++) {
        const struct audit_seen_entry *e = &seen->entries[i];
        if (!e->key || !is_sampled(seen, e->key)) continue;
        *find(entries, max, e->key) = *e;
        seen->num++;
    }
    free(seen->entries);
    seen->entries = entries;
    seen->max = max;
}

long long audit_seen_add(struct audit_seen *seen, uint64_t key, uint32_t note, uint32_t *first_note) {
    key = rng_mix(key);
    if (!key) key = 1;
    if (!is_sampled(seen, key)) return -1;
    struct audit_seen_entry *e = find(seen->entries, seen->max, key);
    if (!e->key) {
        *e = (struct audit_seen_entry){.key = key, .note = note};
        seen->num++;
    }
    const long long before = e->count++;
    if (first_note) *first_note = e->note;
    while (2 * seen->num > seen->max) make_space(seen);
    return before;
}

struct audit_seen_share audit_seen_shares(const struct audit_seen *seen) {
    struct audit_seen_share share = {.level = seen->level};
    for (size_t i = 0; i < seen->max; i++) {
        if (!seen->entries[i].key) continue;
        share.sampled++;
        share.times += seen->entries[i].count;
        share.once += seen->entries[i].count == 1;
    }
    return share;
}
