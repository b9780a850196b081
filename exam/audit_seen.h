// How often keys have been seen, in bounded memory: counts of distinct things by a sample of them
// [Gibbons 2001, distinct sampling].
//
// As long as there is space every key is counted. When the table is full, only keys whose mixed bits
// begin with one more zero stay, and from then on no others are counted. So the keys that are
// counted are a random sample of all distinct ones, each with its exact count.
#ifndef EXAM_AUDIT_SEEN_H
#define EXAM_AUDIT_SEEN_H

#include <stddef.h>
#include <stdint.h>

struct audit_seen_entry {
    uint64_t key; // mixed; 0: free
    uint32_t count;
    uint32_t note; // of whoever came first, as the caller wants it
};

struct audit_seen {
    struct audit_seen_entry *entries; // [max], open addressing, at most half full
    size_t num, max, most;
    int level; // a key is counted where this many of its highest bits are 0
};

// Never more than `most` entries (a power of two, 16 bytes each).
void audit_seen_init(struct audit_seen *seen, size_t most);
void audit_seen_done(struct audit_seen *seen);
// Counts the key. Returns how often it had been seen before, and in *note (may be NULL) the note of
// the first time; `note` is kept at the first time. -1: the key is not of the sample.
long long audit_seen_add(struct audit_seen *seen, uint64_t key, uint32_t note, uint32_t *first_note);
struct audit_seen_share {
    long long sampled; // distinct keys of the sample
    long long times;   // how often they were seen, all together
    long long once;    // those that were seen once
    int level;         // one distinct key in 2^level was counted
};
struct audit_seen_share audit_seen_shares(const struct audit_seen *seen);

#endif
