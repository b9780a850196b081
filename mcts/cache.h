// Evaluation cache: judgements by the key of their position, in fixed memory. Direct-mapped; a newcomer replaces the old.
// One owner, like the search that it belongs to.
#ifndef MCTS_CACHE_H
#define MCTS_CACHE_H

#include "game/game.h"

// Followed in memory by priors[num_legal], softmax over the legal moves in their order.
struct cache_entry {
    uint64_t key;
    uint32_t num_legal; // 0: empty
    float wdl[3], score;
    float priors[];
};

struct cache {
    unsigned char *bytes;
    size_t num_entries; // a power of two, or 0
    size_t entry_bytes;
};

// Never fails for 0 entries. Entries are rounded up to a power of two.
void cache_init(struct cache *cache, size_t num_entries);
void cache_done(struct cache *cache);
// Makes room for lists of this many moves; empties the cache when the room was smaller.
void cache_fit(struct cache *cache, int max_legal);
void cache_clear(struct cache *cache); // empties it
// Key of a state: all of the game, size, komi, rules and length limit that may bear on a judgement, and game_hash, which
// covers superko's history and passes.
uint64_t cache_identity(const struct game *game);
static inline uint64_t cache_key(uint64_t identity, const struct game *game, const void *state) {
    return rng_mix(identity ^ game_hash(game, state));
}
// NULL when it is not there. The entry is valid until the next cache_add.
const struct cache_entry *cache_find(const struct cache *cache, uint64_t key, int num_legal);
// The entry to fill in: key and num_legal are set. NULL in a cache without entries.
struct cache_entry *cache_add(struct cache *cache, uint64_t key, int num_legal);

#endif
