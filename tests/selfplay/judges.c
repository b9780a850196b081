// Laws: games do not depend on how the net is reached, be it by one evaluator for each thread or by
// threads that share the batches of one, two or three (simulated) devices. The reference backend
// computes rows independently, so that games are the same byte for byte. A new net is taken by all
// of them.

#include "selfplay/judges.h"
#include "selfplay/actor.h"
#include "tests/test.h"

#include <time.h>

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static const struct clock the_clock = {seconds, NULL};

static struct net *a_net(const struct config *config, const struct game *game, uint64_t seed) {
    const struct net_config shape = config_net(config, game);
    struct net *net;
    struct rng rng;
    rng_init(&rng, seed, 0);
    EXPECT_INT(net_new(&net, &shape, &rng), STATUS_OK);
    // The heads begin at zero.
    for (size_t i = 0; i < net->num_weights; i++) net->weights[i] += (float)(0.1 * rng_normal(&rng));
    return net;
}

// Plays the games of three iterations; the net changes after the second.
static struct byte_buffer play(const char *devices_text, int threads, int *games, struct batcher_stats *stats) {
    struct config config = {0};
    options_defaults(config_table, &config);
    config.game = "go";
    config.size[0] = config.size[1] = 5;
    config.backend = "ref";
    config.devices = devices_text;
    config.threads = threads;
    config.slots = 21;
    config.evaluations = 120;
    config.blocks = 1, config.channels = 8, config.head_channels = 4, config.value_hidden = 8;
    struct game game;
    struct devices devices;
    struct judges judges;
    struct thread_pool *pool;
    struct actors *actors;
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    EXPECT_INT(config_devices(&config, &devices), STATUS_OK);
    struct net *first = a_net(&config, &game, 5), *second = a_net(&config, &game, 6);
    const int workers = judges_workers(&config, &devices);
    EXPECT_INT(thread_pool_new(&pool, workers), STATUS_OK);
    EXPECT_INT(judges_init(&judges, &config, &devices, &game, first, workers, &the_clock), STATUS_OK);
    EXPECT_INT(actors_new(&actors, &config, &game, &(struct actors_place){.session = 1}), STATUS_OK);
    EXPECT_TEXT(backend_name(judges_backend(&judges)), "ref");
    struct byte_buffer bytes = {0};
    *games = 0;
    long long evaluations = 0;
    for (int it = 0; it < 3; it++) {
        const struct actors_round round = {
            .pool = pool, .evaluators = judges.evaluators, .progress = 0.3, .step = it, .clock = &the_clock};
        struct record *records;
        struct actors_stats played;
        if (it == 2) EXPECT_INT(judges_update(&judges, second), STATUS_OK);
        EXPECT_INT(actors_play(actors, &round, &records, &played), STATUS_OK);
        for (int i = 0; i < played.games; i++) {
            records[i].index = (*games)++;
            record_write(&records[i], &bytes);
            record_done(&records[i]);
        }
        evaluations += played.evaluations;
        free(records);
    }
    EXPECT_INT(judges_stats(&judges, stats), devices.num > 1);
    if (devices.num > 1) {
        EXPECT_INT(stats->evaluations, evaluations);
        EXPECT(stats->busy_seconds > 0 && stats->batches > 0);
    }
    actors_free(actors);
    judges_done(&judges);
    thread_pool_free(pool);
    net_free(first);
    net_free(second);
    return bytes;
}

int main(void) {
    static const struct {
        const char *devices;
        int threads;
    } ways[] = {{"0", 1}, {"0", 3}, {"0,1", 1}, {"0,1", 3}, {"2,0,1", 1}, {"0,1", 16}};
    struct byte_buffer right = {0};
    int games = 0;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        int played;
        struct batcher_stats stats;
        struct byte_buffer bytes = play(ways[i].devices, ways[i].threads, &played, &stats);
        fprintf(stderr, "devices %s, %d threads: %d games, %zu bytes, %lld batches of up to %d\n", ways[i].devices,
                ways[i].threads, played, bytes.num_bytes, stats.batches, stats.max_batch);
        if (i == 0) {
            right = bytes;
            games = played;
            EXPECT(games > 5);
            continue;
        }
        EXPECT_INT(played, games);
        EXPECT(bytes.num_bytes == right.num_bytes && !memcmp(bytes.data, right.data, right.num_bytes));
        free(bytes.data);
    }
    free(right.data);
    return TEST_END();
}
