// The evaluation cache: one array of entries of equal size, found by the low bits of the key.
//
// For a hit the whole 64-bit key and the number of legal moves must agree, so that even if two
// positions have the same key, a list of moves never gets priors of another length.
#include "mcts/cache.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void cache_init(struct cache *cache, size_t num_entries) {
    memset(cache, 0, sizeof *cache);
    if (!num_entries) return;
    cache->num_entries = 1;
    while (cache->num_entries < num_entries) cache->num_entries *= 2;
}

void cache_done(struct cache *cache) {
    free(cache->bytes);
    memset(cache, 0, sizeof *cache);
}

void cache_fit(struct cache *cache, int max_legal) {
    const size_t wanted = (sizeof(struct cache_entry) + (size_t)max_legal * sizeof(float) + 7) / 8 * 8;
    if (!cache->num_entries || wanted <= cache->entry_bytes) return;
    free(cache->bytes);
    cache->entry_bytes = wanted;
    cache->bytes = memory_new(cache->num_entries, wanted, "the evaluation cache");
}

void cache_clear(struct cache *cache) {
    if (cache->bytes) memset(cache->bytes, 0, cache->num_entries * cache->entry_bytes);
}

static uint64_t mix_text(uint64_t key, const char *text) {
    for (; text && *text; text++) key = rng_mix(key ^ (unsigned char)*text);
    return rng_mix(key);
}

uint64_t cache_identity(const struct game *game) {
    uint64_t komi_bits;
    memcpy(&komi_bits, &game->komi, sizeof komi_bits);
    uint64_t key = mix_text(mix_text(0, game->type->name), game->rules);
    key = rng_mix(key ^ ((uint64_t)game->height << 32 | (uint64_t)game->width));
    return rng_mix(rng_mix(key ^ komi_bits) ^ (uint64_t)game->max_plies);
}

static struct cache_entry *entry_of(const struct cache *cache, uint64_t key) {
    return (struct cache_entry *)(cache->bytes + (key & (cache->num_entries - 1)) * cache->entry_bytes);
}

const struct cache_entry *cache_find(const struct cache *cache, uint64_t key, int num_legal) {
    if (!cache->num_entries) return NULL;
    const struct cache_entry *entry = entry_of(cache, key);
    return entry->key == key && entry->num_legal == (uint32_t)num_legal ? entry : NULL;
}

struct cache_entry *cache_add(struct cache *cache, uint64_t key, int num_legal) {
    if (!cache->num_entries) return NULL;
    // No position may have more legal moves than the game's max_legal, for which cache_fit was
    // called.
    CHECK(sizeof(struct cache_entry) + (size_t)num_legal * sizeof(float) <= cache->entry_bytes);
    struct cache_entry *entry = entry_of(cache, key);
    entry->key = key;
    entry->num_legal = (uint32_t)num_legal;
    return entry;
}
