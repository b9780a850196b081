// The engine serves a whole GTP dialogue with a small net of random weights.
#include "gtp/gtp.h"
#include "tests/arena/arena_test.h"

static struct net *random_net(uint64_t seed) {
    struct game game;
    struct rng rng;
    struct net *net = NULL;
    test_go(&game, 5, 3.5);
    const struct net_config config = net_config_for(&game, 2, 8);
    rng_init(&rng, seed, 0);
    if (net_new(&net, &config, &rng) != STATUS_OK) exit(1);
    snprintf(net->meta.game, sizeof net->meta.game, "go");
    net->meta.min_size = 2;
    net->meta.max_size = 9;
    return net;
}

static void gtp_serves_a_net(const struct net *net) {
    char *text = NULL;
    size_t num_bytes = 0;
    char input[2048] = "1 boardsize 5\n2 komi 3.5\n";
    for (int i = 0; i < 20; i++) strcat(input, "genmove b\ngenmove w\n");
    strcat(input, "3 final_score\n4 final_status_list dead\n5 boardsize 9\n6 genmove w\n7 time_settings 0 1 5\n8 genmove b\n");
    FILE *in = fmemopen(input, strlen(input), "r"), *out = open_memstream(&text, &num_bytes);
    const struct gtp_params params = {.net = net,
                                      .model_name = "test",
                                      .backend = "ref",
                                      .visits = 16,
                                      .batch = 4,
                                      .komi = GAME_KOMI_DEFAULT,
                                      .clock = &test_clock};
    EXPECT_INT(gtp_serve(&params, in, out), STATUS_OK);
    fclose(in);
    fclose(out);
    EXPECT(!strchr(text, '?'));
    EXPECT(strstr(text, "=3 ") && strstr(text, "=6 ") && strstr(text, "=8 "));
    free(text);
}

int main(void) {
    struct net *net = random_net(1);
    gtp_serves_a_net(net);
    net_free(net);
    return TEST_END();
}
