// Laws of the games that are known for ever: the table is sound and about the nets of this
// repository; a checkpoint that has met but one of those nets stands on the scale; and a ladder
// without them is left alone.
#include "ladder/ladder_parts.h"

#include "net/net.h"
#include "net/net_file.h"
#include "run/run.h"
#include "tests/run/folder.h"

static struct game open_go(int size) {
    struct game game;
    CHECK(game_open(&game, "go", &(struct game_options){.height = size, .width = size, .komi = GAME_KOMI_DEFAULT}) ==
          STATUS_OK);
    return game;
}

// By a reader of its own, which only splits lines at tabs.
static void test_every_line_is_sound(void) {
    char ids[64] = {0};
    int players = 0, games = 0;
    for (int i = 0; i < ladder_anchor_lines_count; i++) {
        char line[1200], *rest = NULL, *field[12];
        int num = 0;
        snprintf(line, sizeof line, "%s", ladder_anchor_lines[i]);
        for (char *word = strtok_r(line, "\t", &rest); word && num < 12; word = strtok_r(NULL, "\t", &rest))
            field[num++] = word;
        if (num == 5 && !strcmp(field[0], "player")) {
            EXPECT_(!ids[atoi(field[1])], "player %s is there twice", field[1]);
            ids[atoi(field[1])] = 1;
            players++;
        } else {
            EXPECT_(num == 11 && !strcmp(field[0], "games"), "line %d: %s", i, ladder_anchor_lines[i]);
            EXPECT_(num == 11 && ids[atoi(field[6])] && ids[atoi(field[7])] && strcmp(field[6], field[7]), "line %d: %s", i,
                    ladder_anchor_lines[i]);
            games += num == 11 ? atoi(field[8]) + atoi(field[9]) + atoi(field[10]) : 0;
        }
    }
    const struct game game = open_go(7);
    struct ladder_book book = {0};
    ladder_known_add(&book, &game);
    EXPECT_INT(book.num_players, players);
    EXPECT_INT(book.num_games, games);
    ladder_known_add(&book,
                     &(struct game){.type = game.type, .height = 8, .width = 8, .rules = game.rules}); // Of no known board.
    EXPECT_INT(book.num_games, games);
    ladder_book_done(&book);
}

static void test_nets_are_those_of_the_repository(void) {
    const struct game game = open_go(7), other = open_go(9);
    struct ladder_known *known;
    int nets = 0;
    EXPECT_INT(ladder_known_players(&other, &known), 0);
    free(known);
    const int num = ladder_known_players(&game, &known);
    for (int i = 0; i < num; i++) {
        struct player *player;
        if (strncmp(known[i].key, "net:", 4)) continue;
        EXPECT_INT(player_open(&player, known[i].spec, &(struct player_options){.name = known[i].name}), STATUS_OK);
        EXPECT_(!strncmp(player_net(player)->meta.digest, known[i].key + 4, 64), "%s is another net", known[i].spec);
        EXPECT_(!strchr(known[i].name, '/') && strchr(known[i].name, '@'), "%s", known[i].name);
        player_free(player);
        nets++;
    }
    EXPECT(nets >= 5);
    free(known);
}

// A run of 7x7 whose checkpoint has won and lost ten games each against this player.
static void make_run(const char *path, const char *key) {
    struct run *run;
    char file[PATH_BYTES], checkpoint_key[LADDER_KEY], copy[LADDER_KEY];
    const struct run_params params = {.path = path,
                                      .create = true,
                                      .quiet = true,
                                      .wall = 1.7e9,
                                      .game = "go",
                                      .height = 7,
                                      .width = 7,
                                      .komi = 9,
                                      .rules = "chinese"};
    CHECK(run_open(&run, &params) == STATUS_OK);
    struct run_checkpoint checkpoint = {.step = 100, .seconds = 60, .wall = 1.7e9, .is_best = true, .has_trainer = true};
    memset(checkpoint.digest, '1', 64);
    const struct run_iteration iteration = {.step = 100, .seconds = 60, .wall = 1.7e9};
    CHECK(run_commit_iteration(run, &iteration) == STATUS_OK);
    CHECK(file_write(run_net_path(run, 100, file), "net", 3) == STATUS_OK);
    CHECK(file_write(run_trainer_path(run, 100, file), "t", 1) == STATUS_OK);
    CHECK(file_write(run_trainer_net_path(run, 100, file), "n", 1) == STATUS_OK);
    CHECK(run_add_checkpoint(run, &checkpoint) == STATUS_OK);
    run_close(run);
    struct ladder_store *store;
    long long net, opponent;
    CHECK(ladder_store_open(&store, path) == STATUS_OK);
    ladder_net_key(checkpoint_key, checkpoint.digest, LADDER_VISITS);
    snprintf(copy, sizeof copy, "%s", key);
    CHECK(ladder_store_player(store, &(struct ladder_book_player){checkpoint_key, copy, copy, false}, &net) == STATUS_OK);
    CHECK(ladder_store_player(store, &(struct ladder_book_player){copy, copy, copy, true}, &opponent) == STATUS_OK);
    for (int i = 0; i < 20; i++) {
        const struct tournament_game game = {.pair = i / 2,
                                             .second = 1,
                                             .outcome = i / 2 % 2 ? OUTCOME_FIRST : OUTCOME_SECOND,
                                             .score = NAN,
                                             .plies = 30,
                                             .moves_hash = (uint64_t)i + 1,
                                             .forfeit = -1};
        CHECK(ladder_store_game(store, i % 2 ? opponent : net, i % 2 ? net : opponent, &game, 1.7e9) == STATUS_OK);
    }
    ladder_store_close(store);
}

static const struct ladder_entry *find(const struct ladder *l, const char *key) {
    for (int i = 0; i < l->num_entries; i++)
        if (!strcmp(l->entries[i].key, key)) return &l->entries[i];
    return NULL;
}

static void test_one_known_net_is_enough_for_the_scale(const char *path) {
    const struct game game = open_go(7);
    struct ladder_known *known;
    const int num = ladder_known_players(&game, &known);
    const char *raw = NULL;
    for (int i = 0; i < num; i++)
        if (!strncmp(known[i].key, "net:", 4) && !strcmp(known[i].key + 68, " visits=0")) raw = known[i].key;
    EXPECT(raw);
    make_run(path, raw);
    struct ladder ladder;
    EXPECT_INT(ladder_standings(&ladder, &path, 1, LADDER_VISITS), STATUS_OK);
    EXPECT(ladder_has_scale(&ladder) && ladder.rating.is_connected);
    const struct ladder_entry *net = &ladder.entries[0], *anchor = find(&ladder, raw);
    EXPECT(net->kind == LADDER_CHECKPOINT && anchor && anchor->kind == LADDER_ANCHOR);
    EXPECT_NEAR(net->elo, anchor->elo, 1); // Even.
    EXPECT_INT(net->rated_games, 20);
    EXPECT_((anchor->high - anchor->low) / 2 < 100, "+-%.0f", (anchor->high - anchor->low) / 2);
    // Twenty games tell to +-150, and what is known of the opponent adds a little.
    EXPECT_((net->high - net->low) / 2 < 200, "+-%.0f", (net->high - net->low) / 2);
    EXPECT_NEAR(find(&ladder, "uct:1024")->elo, 1000, 1e-9);
    ladder_done(&ladder);
    // For its own strength too, which leaves out other checkpoints but no anchor.
    char digest[65];
    memset(digest, '1', 64);
    digest[64] = 0;
    EXPECT_INT(ladder_standing_alone(&ladder, path, digest, LADDER_VISITS), STATUS_OK);
    EXPECT(ladder_has_scale(&ladder));
    EXPECT_INT(ladder.entries[0].rated_games, 20);
    ladder_done(&ladder);
    free(known);
}

static void test_other_ladders_are_left_alone(const char *path) {
    make_run(path, "uct:256");
    struct ladder ladder;
    EXPECT_INT(ladder_standings(&ladder, &path, 1, LADDER_VISITS), STATUS_OK);
    EXPECT_INT(ladder.rating.num_games, 20);
    EXPECT_INT(ladder.num_entries, 2);
    ladder_done(&ladder);
}

int main(void) {
    char folder[PATH_BYTES], path[PATH_BYTES];
    make_folder(folder, "ladder-known");
    test_every_line_is_sound();
    test_nets_are_those_of_the_repository();
    test_one_known_net_is_enough_for_the_scale(path_format(path, "%s/known", folder));
    test_other_ladders_are_left_alone(path_format(path, "%s/other", folder));
    remove_folder(folder);
    return TEST_END();
}
