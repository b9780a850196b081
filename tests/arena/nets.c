// Nets as players: whole matches of a small net of random weights.
#include "tests/arena/arena_test.h"

#include <unistd.h>

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

struct journal {
    uint64_t hash[64];
    int with_value;
};

static void on_game(void *context, const struct match_game *game) {
    struct journal *journal = context;
    uint64_t hash = 0;
    for (int i = 0; i < game->plies; i++) hash = rng_mix(hash ^ game->actions[i]);
    journal->hash[game->index] = hash;
}

static struct match_result play(const struct player *a, const struct player *b, int games, int threads, int lanes,
                                const char *sgf_dir, struct journal *journal) {
    struct game game;
    struct match_result result;
    test_go(&game, 5, 3.5);
    memset(journal, 0, sizeof *journal);
    const struct match_params params = {.game = &game,
                                        .games = games,
                                        .threads = threads,
                                        .lanes = lanes,
                                        .opening_plies = 2,
                                        .seed = 5,
                                        .sgf_dir = sgf_dir,
                                        .clock = &test_clock,
                                        .on_game = on_game,
                                        .context = journal};
    EXPECT_INT(match_run(&params, a, b, &result), STATUS_OK);
    EXPECT_INT(result.wins + result.draws + result.losses, games);
    EXPECT_INT(result.forfeits_a + result.forfeits_b, 0);
    return result;
}

// A deterministic net against itself wins one game of each pair, and neither threads nor lanes nor
// batches change a game.
static void equal_nets_are_equal(const struct net *net, enum search_kind kind, int visits) {
    struct player *a = NULL, *b = NULL;
    struct search_params search = search_params_default;
    struct journal one, many;
    search.kind = kind;
    search.random_symmetry = false;
    EXPECT_INT(player_from_net(&a, net, "a", &search, visits, 0, "ref"), STATUS_OK);
    EXPECT_INT(player_from_net(&b, net, "b", &search, visits, 0, "ref"), STATUS_OK);
    const struct match_result r1 = play(a, b, 12, 1, 8, NULL, &one), r2 = play(a, b, 12, 2, 8, NULL, &many);
    EXPECT_NEAR(r1.score, 0.5, 1e-12);
    EXPECT_NEAR(r2.score, 0.5, 1e-12);
    EXPECT(r1.distinct <= 6); // both games of a pair are the same game
    for (int i = 0; i < 12; i++) EXPECT(one.hash[i] == many.hash[i]);
    player_free(a);
    player_free(b);
}

static void files_and_options_play(struct net *net) {
    char folder[] = "/tmp/tengen-nets-XXXXXX", path[256], text[512];
    EXPECT(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/net.safetensors", folder);
    EXPECT_INT(net_save(net, path), STATUS_OK);
    snprintf(text, sizeof text, "%s@visits=16,gumbel=1,batch=2,backend=ref,name=file", path);
    struct player *a = test_player(text), *b = test_player("uct:16");
    struct journal journal;
    EXPECT_TEXT(player_name(a), "file");
    EXPECT(player_net(a) && !player_net(b));
    play(a, b, 4, 2, 1, folder, &journal);
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "%s/game%05d.sgf", folder, i);
        EXPECT_(access(text, R_OK) == 0, "%s was not written", text);
        unlink(text);
    }
    struct game tictactoe;
    const struct game_options options = {.komi = GAME_KOMI_DEFAULT};
    EXPECT_INT(game_open(&tictactoe, "tictactoe", &options), STATUS_OK);
    EXPECT(player_check_game(a, &tictactoe) != STATUS_OK);
    player_free(a);
    player_free(b);
    unlink(path);
    rmdir(folder);
}

int main(void) {
    struct net *net = random_net(1);
    equal_nets_are_equal(net, SEARCH_PUCT, 12);
    equal_nets_are_equal(net, SEARCH_GUMBEL, 12);
    equal_nets_are_equal(net, SEARCH_PUCT, 0);
    files_and_options_play(net);
    net_free(net);
    return TEST_END();
}
