// The evaluation cache: judgements by the keys of their positions, in memory of a fixed size. It is
// direct-mapped: each key has one entry, where a new judgement replaces the old one. Like the
// search that it belongs to, it is used by one thread at a time.
#ifndef MCTS_CACHE_H
#define MCTS_CACHE_H

#include "game/game.h"

struct cache_entry {
    uint64_t key;
    uint32_t num_legal; // 0: the entry is empty
    float wdl[3], score;
    float priors[]; // [num_legal]: softmax over the legal moves, in their order
};

struct cache {
    unsigned char *bytes;
    size_t num_entries; // a power of two, or 0
    size_t entry_bytes;
};

// `num_entries` is rounded up to a power of two; with 0 the cache keeps nothing. The memory is
// taken by cache_fit.
void cache_init(struct cache *cache, size_t num_entries);
void cache_done(struct cache *cache);
// Makes the entries large enough for so many legal moves. If they have to grow, the cache is
// emptied.
void cache_fit(struct cache *cache, int max_legal);
void cache_clear(struct cache *cache); // empties it
// The key of a state consists of all of the game that may change a judgement (which game, size,
// komi, rules and limit of plies), and of game_hash, which covers passes and the history for
// superko.
uint64_t cache_identity(const struct game *game);
static inline uint64_t cache_key(uint64_t identity, const struct game *game, const void *state) {
    return rng_mix(identity ^ game_hash(game, state));
}
// Returns NULL when the key is not there. The entry is valid until the next cache_add.
const struct cache_entry *cache_find(const struct cache *cache, uint64_t key, int num_legal);
// Returns the entry of a key, with key and num_legal set, for the caller to fill in the rest. NULL
// in a cache without entries.
struct cache_entry *cache_add(struct cache *cache, uint64_t key, int num_legal);

#endif
