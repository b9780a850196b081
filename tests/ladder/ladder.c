// Laws of the ladder's tables: a game is there once, however often it is stored; players are known
// by their keys; an older database is upgraded whole; standings are a function of what is stored;
// and a kill between any two games loses and doubles nothing.
#include "ladder/ladder_report.h"

#include "ladder/ladder_parts.h"
#include "net/learned.h"
#include "net/net_file.h"
#include "run/run_db.h"
#include "tests/run/folder.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static void make_run(const char *path) {
    struct run *run;
    const struct run_params params = {.path = path,
                                      .create = true,
                                      .quiet = true,
                                      .wall = 1.7e9,
                                      .game = "go",
                                      .height = 5,
                                      .width = 5,
                                      .komi = 24,
                                      .rules = "chinese"};
    CHECK(run_open(&run, &params) == STATUS_OK);
    char file[PATH_BYTES];
    for (int i = 1; i <= 3; i++) {
        struct run_checkpoint checkpoint = {
            .step = 100 * i, .games = 1000 * i, .samples = 5000 * i, .seconds = 60 * i, .wall = 1.7e9};
        checkpoint.is_best = i == 2;
        checkpoint.has_trainer = true;
        memset(checkpoint.digest, '0' + i, 64);
        const struct run_iteration iteration = {
            .step = checkpoint.step, .samples = checkpoint.samples, .seconds = checkpoint.seconds, .wall = 1.7e9};
        CHECK(run_commit_iteration(run, &iteration) == STATUS_OK);
        CHECK(file_write(run_net_path(run, checkpoint.step, file), "net", 3) == STATUS_OK);
        CHECK(file_write(run_trainer_path(run, checkpoint.step, file), "t", 1) == STATUS_OK);
        CHECK(file_write(run_trainer_net_path(run, checkpoint.step, file), "n", 1) == STATUS_OK);
        CHECK(run_add_checkpoint(run, &checkpoint) == STATUS_OK);
    }
    CHECK(run_set_text(run, "num_devices", "2") == STATUS_OK);
    run_close(run);
}

static struct ladder_store *open_store(const char *path) {
    struct ladder_store *store;
    CHECK(ladder_store_open(&store, path) == STATUS_OK);
    return store;
}

static long long add_player(struct ladder_store *store, const char *key, bool is_anchor) {
    char copy[LADDER_KEY];
    snprintf(copy, sizeof copy, "%s", key);
    const struct ladder_book_player player = {copy, copy, copy, is_anchor};
    long long id = -1;
    EXPECT_INT(ladder_store_player(store, &player, &id), STATUS_OK);
    return id;
}

static struct tournament_game game_of(long long pair, enum outcome outcome) {
    return (struct tournament_game){.first = 0,
                                    .second = 1,
                                    .pair = pair,
                                    .outcome = outcome,
                                    .score = NAN,
                                    .plies = 20,
                                    .moves_hash = 0xfedcba9876543210u + (uint64_t)pair,
                                    .forfeit = -1,
                                    .seconds = 0.5};
}

static void test_a_game_is_stored_once(const char *path) {
    struct ladder_store *store = open_store(path);
    struct ladder_book book = {0};
    const long long random = add_player(store, "random", true), uct = add_player(store, "uct:64", true);
    EXPECT_INT(add_player(store, "random", false), random);
    EXPECT(uct != random);
    struct tournament_game game = game_of(0, OUTCOME_SECOND);
    game.forfeit = 1;
    game.reason = "forfeit: illegal move D4";
    game.is_disputed = true;
    EXPECT_INT(ladder_store_game(store, random, uct, &game, 1.7e9), STATUS_OK);
    // The same game again.
    EXPECT_INT(ladder_store_game(store, random, uct, &game, 1.7e9), STATUS_OK);
    game = game_of(0, OUTCOME_FIRST);
    EXPECT_INT(ladder_store_game(store, random, uct, &game, 1.7e9),
               STATUS_OK); // The same pair with another result is not believed.
    game.score = -3.5;
    // Here the colours are exchanged.
    EXPECT_INT(ladder_store_game(store, uct, random, &game, 1.7e9), STATUS_OK);
    EXPECT_INT(ladder_book_load(&book, ladder_store_reader(store)), STATUS_OK);
    EXPECT_INT(book.num_players, 2);
    EXPECT_INT(book.num_games, 2);
    EXPECT(book.players[0].is_anchor && book.players[1].is_anchor);
    EXPECT_INT(book.games[0].outcome, OUTCOME_SECOND);
    EXPECT_INT(book.games[0].forfeit, book.games[0].second);
    EXPECT_TEXT(book.games[0].reason, "forfeit: illegal move D4");
    EXPECT(book.games[0].is_disputed && isnan(book.games[0].score) && !book.games[1].is_disputed && !book.games[1].reason);
    EXPECT(book.games[1].forfeit == -1 && book.games[1].score == -3.5 && book.games[1].moves_hash == 0xfedcba9876543210u);
    EXPECT_INT(book.games[1].first, ladder_book_find(&book, "uct:64"));
    // Loading again, as from another folder with the same games, adds none.
    EXPECT_INT(ladder_book_load(&book, ladder_store_reader(store)), STATUS_OK);
    EXPECT_INT(book.num_games, 2);
    ladder_book_done(&book);
    // Two ladders of one run don't play at once.
    struct ladder_store *second;
    const pid_t child = fork();
    if (child == 0) _exit(ladder_store_open(&second, path) == STATUS_CANCELLED ? 0 : 1);
    int code;
    waitpid(child, &code, 0);
    EXPECT_INT(code, 0);
    ladder_store_close(store);
}

// Takes the ladder's tables out of a database, which then is what a program of version 1 made.
static void make_old(const char *path) {
    struct db *db;
    char file[PATH_BYTES];
    CHECK(db_open(&db, path_format(file, "%s/run.sqlite", path), DB_WRITE) == STATUS_OK);
    CHECK(db_run(db, "BEGIN; DROP TABLE ladder_games; DROP TABLE ladder_players; PRAGMA user_version=1; COMMIT", "") ==
          STATUS_OK);
    db_close(db);
}

static double number(const char *path, const char *sql) {
    struct db *db;
    char file[PATH_BYTES];
    double value;
    CHECK(db_open(&db, path_format(file, "%s/run.sqlite", path), DB_READ) == STATUS_OK);
    CHECK(db_number(db, sql, -1, &value) == STATUS_OK);
    db_close(db);
    return value;
}

static void test_version_1_is_read_and_upgraded(const char *path) {
    make_old(path);
    const char *paths[] = {path};
    struct ladder ladder;
    struct run_summary summary;
    EXPECT_INT(run_summarise(path, &summary), STATUS_OK); // Reading leaves it as it is.
    EXPECT_INT(ladder_standings(&ladder, paths, 1, 100), STATUS_OK);
    EXPECT_INT(ladder.num_entries, 3);
    EXPECT_INT(ladder.anchor, -1);
    ladder_done(&ladder);
    EXPECT_INT(number(path, "PRAGMA user_version"), 1);
    struct ladder_store *store = open_store(path);
    add_player(store, "random", true);
    ladder_store_close(store);
    EXPECT_INT(number(path, "PRAGMA user_version"), 2);
    EXPECT_INT(number(path, "SELECT count(*) FROM checkpoints"), 3); // Nothing else was touched.
    EXPECT_INT(number(path, "SELECT count(*) FROM ladder_players"), 1);
    struct run *run;
    make_old(path);
    const struct run_params params = {.path = path, .quiet = true, .wall = 1.7e9};
    EXPECT_INT(run_open(&run, &params), STATUS_OK); // The training does so, too.
    run_close(run);
    EXPECT_INT(number(path, "PRAGMA user_version"), 2);
    EXPECT_INT(number(path, "SELECT count(*) FROM ladder_games"), 0);
}

// A process stores games and says so through a pipe until it is killed. What it said is there, and
// at most one game more.
static void test_a_kill_loses_no_game_and_counts_none_twice(const char *path) {
    struct rng rng;
    rng_init(&rng, (uint64_t)getpid(), 1);
    long long told = 0;
    for (int kill_number = 0; kill_number < 6; kill_number++) {
        int ends[2];
        CHECK(!pipe(ends));
        const pid_t child = fork();
        if (child == 0) {
            struct ladder_store *store = open_store(path);
            const long long a = add_player(store, "random", true), b = add_player(store, "uct:256", true);
            struct ladder_book book = {0};
            CHECK(ladder_book_load(&book, ladder_store_reader(store)) == STATUS_OK);
            // It begins within the pair that was last.
            for (long long pair = book.num_games / 2;; pair++)
                for (int side = 0; side < 2; side++) {
                    const struct tournament_game game = game_of(pair, OUTCOME_DRAW);
                    CHECK(ladder_store_game(store, side ? b : a, side ? a : b, &game, 1.7e9) == STATUS_OK);
                    CHECK(write(ends[1], "g", 1) == 1);
                }
        }
        close(ends[1]);
        char byte;
        for (uint32_t wait = 5 + rng_below(&rng, 60); wait > 0 && read(ends[0], &byte, 1) == 1; wait--) told++;
        kill(child, SIGKILL);
        while (read(ends[0], &byte, 1) == 1) told++;
        close(ends[0]);
        waitpid(child, NULL, 0);
        const double held = number(path, "SELECT count(*) FROM ladder_games");
        // A game that was stored again under its name was told twice: at most one for each kill.
        EXPECT_(held <= told + kill_number + 1 && held >= told - kill_number - 1, "%g games held, %lld told", held, told);
        EXPECT_INT(number(path, "SELECT count(*) FROM (SELECT DISTINCT first, second, pair FROM ladder_games)"), held);
    }
    EXPECT(told > 20);
}

static void test_a_ladder_keeps_its_seed(const char *path) {
    struct ladder_store *store = open_store(path);
    long long seed;
    EXPECT_INT(ladder_store_seed(store, 7, &seed), STATUS_OK);
    EXPECT_INT(seed, 7);
    EXPECT_INT(ladder_store_seed(store, 0, &seed), STATUS_OK);
    EXPECT_INT(seed, 7);
    EXPECT_REFUSED(ladder_store_seed(store, 8, &seed), STATUS_USAGE, "--seed 8", "begun with seed 7");
    ladder_store_close(store);
}

static void test_standings_follow_from_the_games(const char *path) {
    struct ladder_store *store = open_store(path);
    char key[LADDER_KEY], digest[65] = "";
    long long nets[3], anchors[3];
    for (int i = 0; i < 3; i++) {
        memset(digest, '1' + i, 64);
        nets[i] = add_player(store, ladder_net_key(key, digest, 100), false);
    }
    memset(digest, '2', 64);
    const long long dial = add_player(store, ladder_net_key(key, digest, 0), false);
    anchors[0] = add_player(store, "random", true);
    anchors[1] = add_player(store, LADDER_MIDDLE_KEY, true);
    anchors[2] = add_player(store, LADDER_GNUGO_KEY "3.8", true);
    // Everyone wins 3 of 4 games against the one before, which is about 190 Elo each.
    const long long order[] = {anchors[0], nets[0], anchors[1], nets[1], nets[2], anchors[2]};
    for (int i = 0; i + 1 < 6; i++)
        for (int pair = 0; pair < 40; pair++)
            for (int side = 0; side < 2; side++) {
                const bool stronger_wins = pair % 4 != 0, is_first = side != 0;
                struct tournament_game game = game_of(pair, stronger_wins == is_first ? OUTCOME_FIRST : OUTCOME_SECOND);
                const long long strong = order[i + 1], weak = order[i];
                EXPECT_INT(ladder_store_game(store, is_first ? strong : weak, is_first ? weak : strong, &game, 1.7e9),
                           STATUS_OK);
                game.pair += 1000;
                game.is_duplicate = true; // It is there, and counts nothing.
                EXPECT_INT(ladder_store_game(store, is_first ? strong : weak, is_first ? weak : strong, &game, 1.7e9),
                           STATUS_OK);
            }
    const struct tournament_game one = game_of(0, OUTCOME_FIRST);
    EXPECT_INT(ladder_store_game(store, dial, anchors[1], &one, 1.7e9), STATUS_OK);
    struct tournament_game never = game_of(1, OUTCOME_FIRST);
    never.forfeit = 1;
    never.reason = "forfeit: can't start: no such program";
    EXPECT_INT(ladder_store_game(store, dial, anchors[1], &never, 1.7e9), STATUS_OK);
    ladder_store_close(store);

    const char *paths[] = {path};
    struct ladder ladder;
    EXPECT_INT(ladder_standings(&ladder, paths, 1, 100), STATUS_OK);
    EXPECT_INT(ladder.num_entries, 7);
    EXPECT_INT(ladder.rating.num_games, 5 * 80 + 1);
    EXPECT_INT(ladder.duplicates, 5 * 80);
    const struct ladder_entry *e = ladder.entries;
    EXPECT(e[0].kind == LADDER_CHECKPOINT && e[2].kind == LADDER_CHECKPOINT && e[3].kind == LADDER_DIAL);
    EXPECT_TEXT(e[0].name, "000100");
    EXPECT_TEXT(e[3].name, "000200@visits=0");
    EXPECT(e[4].kind == LADDER_ANCHOR && !strcmp(e[4].name, "random") && ladder.anchor == 5 && e[5].elo == 1000);
    EXPECT_NEAR(e[6].elo - e[2].elo, 190.8, 1);
    EXPECT_NEAR(e[0].elo - e[4].elo, 190.8, 4); // The one game of the dial moves uct:1024 a little.
    EXPECT_INT(e[2].rated_games, 160);
    EXPECT_NEAR(e[1].device_hours, 120 / 3600. * 2, 1e-9);
    EXPECT(isnan(e[0].superiority) && e[1].superiority > 0.99);
    // random is beaten by the first checkpoint, uct:1024 by the second, and GNU Go by none.
    EXPECT_INT(ladder.num_beats, 3);
    EXPECT_INT(ladder.beats[0].checkpoint, 0);
    EXPECT_INT(ladder.beats[1].checkpoint, 1);
    EXPECT_INT(ladder.beats[2].checkpoint, -1);
    int chosen;
    EXPECT_INT(ladder_choose(&ladder, e[1].elo + 60, &chosen), STATUS_OK);
    EXPECT_INT(chosen, 1);
    EXPECT_REFUSED(ladder_choose(&ladder, 5000, &chosen), STATUS_USAGE, "within 100 of 5000", "plays from");
    ladder_done(&ladder);
    // The first net alone: its games with random and uct:1024, and between those none of the
    // others'.
    memset(digest, '1', 64);
    EXPECT_INT(ladder_standing_alone(&ladder, path, digest, 100), STATUS_OK);
    EXPECT_INT(ladder.rating.num_games, 2 * 80);
    EXPECT(ladder.entries[0].player >= 0 && ladder.entries[1].player < 0 && ladder.entries[2].player < 0);
    EXPECT_NEAR(ladder.entries[0].elo, 1000 - 190.8, 1);
    ladder_done(&ladder);
    // The third net has met GNU Go alone; uct:1024, which fixes the scale, is not there.
    memset(digest, '3', 64);
    EXPECT_INT(ladder_standing_alone(&ladder, path, digest, 100), STATUS_OK);
    EXPECT_INT(ladder.rating.num_games, 80);
    EXPECT_TEXT(ladder.entries[ladder.anchor].name, LADDER_GNUGO_KEY "3.8");
    EXPECT(!ladder_has_scale(&ladder));
    ladder_done(&ladder);
    // At other visits the same nets are other players.
    EXPECT_INT(ladder_standings(&ladder, paths, 1, 0), STATUS_OK);
    EXPECT(ladder.entries[0].player < 0 && ladder.entries[1].player >= 0);
    ladder_done(&ladder);
    EXPECT_INT(ladder_standings(&ladder, paths, 1, 100), STATUS_OK);
    EXPECT(ladder_has_scale(&ladder));
    EXPECT_INT(ladder_write(&ladder, path), STATUS_OK);
    char file[PATH_BYTES], *csv;
    size_t bytes;
    CHECK(file_read(path_format(file, "%s/elo.csv", path), &csv, &bytes) == STATUS_OK);
    int lines = 0;
    for (size_t i = 0; i < bytes; i++) lines += csv[i] == '\n';
    EXPECT_INT(lines, 8);
    EXPECT(strstr(csv, "scale of go 5x5 komi 24 alone: uct:1024 = 1000"));
    free(csv);
    ladder_done(&ladder);
}

// Where anything of the ladder can't be read, there are no standings instead of half of them.
static void test_a_ladder_that_cannot_be_read_is_refused_whole(const char *path) {
    static const char *const lies[][2] = {
        {"ALTER TABLE ladder_games RENAME COLUMN reason TO why", "no such column: reason"},
        {"ALTER TABLE ladder_players RENAME COLUMN spec TO how", "no such column: spec"},
        {"PRAGMA foreign_keys=OFF; UPDATE ladder_games SET first = 12345 WHERE id = 7",
         "ladder_games.first is '12345', not a player that there is"},
        {"UPDATE ladder_games SET outcome = 'both' WHERE id = 7", "ladder_games.outcome is 'both'"},
        {"UPDATE ladder_games SET plies = -1 WHERE id = 7", "ladder_games.plies is '-1'"},
        {"UPDATE texts SET value = '-3' WHERE key = 'num_devices'", "texts.num_devices is '-3'"},
        {"UPDATE checkpoints SET seconds = 'long' WHERE step = 200", "checkpoints.seconds is 'long'"},
    };
    char file[PATH_BYTES], *kept;
    size_t num_bytes;
    struct ladder ladder;
    struct db *db;
    const char *paths[] = {path};
    path_format(file, "%s/run.sqlite", path);
    CHECK(db_open(&db, file, DB_WRITE) == STATUS_OK && db_run(db, "PRAGMA wal_checkpoint(TRUNCATE)", "") == STATUS_OK);
    db_close(db);
    CHECK(file_read(file, &kept, &num_bytes) == STATUS_OK);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        CHECK(db_open(&db, file, DB_WRITE) == STATUS_OK && db_run(db, lies[i][0], "") == STATUS_OK);
        db_close(db);
        EXPECT_REFUSED(ladder_standings(&ladder, paths, 1, 100), STATUS_FORMAT, file, lies[i][1]);
        EXPECT(!ladder.entries && !ladder.runs);
        EXPECT_REFUSED(ladder_standing_alone(&ladder, path, "111", 100), STATUS_FORMAT, file, lies[i][1]);
        CHECK(file_write(file, kept, num_bytes) == STATUS_OK);
    }
    free(kept);
    EXPECT_INT(ladder_standings(&ladder, paths, 1, 100), STATUS_OK);
    ladder_done(&ladder);
}

static void test_checkpoints_are_spread_over_time(void) {
    struct run_checkpoint c[30] = {0};
    int chosen[30];
    for (int i = 0; i < 30; i++) c[i].seconds = i < 20 ? i : 20 + 10 * (i - 20), c[i].step = i;
    c[17].is_best = true;
    EXPECT_INT(ladder_choose_checkpoints(c, 30, 0, chosen), 30);
    EXPECT_INT(ladder_choose_checkpoints(c, 1, 5, chosen), 1);
    const int n = ladder_choose_checkpoints(c, 30, 8, chosen);
    EXPECT_INT(n, 8);
    EXPECT(chosen[0] == 0 && chosen[n - 1] == 29);
    bool has_best = false;
    double widest = 0;
    for (int i = 0; i < n; i++) {
        has_best |= chosen[i] == 17;
        if (i) widest = fmax(widest, c[chosen[i]].seconds - c[chosen[i - 1]].seconds);
    }
    EXPECT(has_best);
    EXPECT(widest <= 30); // It takes 110 s in seven steps.
}

static void test_gnugo_is_the_scale_on_9x9_alone(void) {
    const struct {
        const char *game, *key, *scale;
        int size;
    } cases[] = {{"go", LADDER_GNUGO_KEY "3.8", LADDER_GNUGO_KEY, 9},
                 {"go", LADDER_GNUGO_KEY "3.8", NULL, 7},
                 {"go", "uct:1024", LADDER_MIDDLE_KEY, 7},
                 {"othello", "uct:1024", LADDER_MIDDLE_KEY, 8},
                 {"go", "uct:10240", NULL, 7},
                 {"connect4", "random", LADDER_RANDOM_KEY, 0}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct game game;
        CHECK(game_open(&game, cases[c].game, &(struct game_options){.height = cases[c].size, .width = cases[c].size}) ==
              STATUS_OK);
        const char *found = NULL;
        for (int k = 0; k < ladder_num_scales && !found; k++)
            if (ladder_is_scale(&ladder_scales[k], &game, cases[c].key)) found = ladder_scales[k].key;
        EXPECT_((!found && !cases[c].scale) || (found && cases[c].scale && !strcmp(found, cases[c].scale)), "%s %d %s: %s",
                cases[c].game, cases[c].size, cases[c].key, found ? found : "none");
    }
}

static void test_keys_say_what_plays(void) {
    char a[LADDER_KEY], b[LADDER_KEY];
    struct player *player;
    CHECK(player_open(&player, "uct:64", NULL) == STATUS_OK);
    EXPECT_INT(ladder_key(a, "uct:64", player, 100, NULL, NULL, false), STATUS_OK);
    EXPECT_TEXT(a, "uct:64");
    EXPECT_INT(ladder_key(a, "uct:64@c-puct=1,name=x,temperature=0.5", player, 100, NULL, NULL, false), STATUS_OK);
    EXPECT_INT(ladder_key(b, "uct:64@temperature=0.5,backend=ref,c_puct=1", player, 100, NULL, NULL, false), STATUS_OK);
    EXPECT_TEXT(a, b);
    EXPECT_TEXT(a, "uct:64 c_puct=1,temperature=0.5");
    player_free(player);
}

static double seconds_now(void *context) {
    (void)context;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// A program is asked for its version for as long as its own time-out says, and not beyond a stop.
static void test_a_silent_program_is_not_waited_for(void) {
    char key[LADDER_KEY];
    struct player *player;
    const struct clock clock = {.seconds = seconds_now};
    const volatile bool stop = true;
    const double began = seconds_now(NULL);
    CHECK(player_open(&player, "gtp:sleep 1000@timeout=0.3", NULL) == STATUS_OK);
    EXPECT_REFUSED(ladder_key(key, "gtp:sleep 1000@timeout=0.3", player, 100, NULL, &clock, false), STATUS_IO,
                   "no answer to 'version' in 0.3 s", "");
    player_free(player);
    CHECK(player_open(&player, "gtp:sleep 1000", NULL) == STATUS_OK);
    EXPECT_INT(ladder_key(key, "gtp:sleep 1000", player, 100, &stop, &clock, false), STATUS_CANCELLED);
    player_free(player);
    EXPECT(seconds_now(NULL) - began < 10);
}

static void store_games(struct ladder_store *store, long long strong, long long weak, int pairs) {
    for (int i = 0; i < 2 * pairs; i++) {
        const bool stronger_wins = i / 2 % 4 != 0, is_first = i % 2;
        const struct tournament_game game = game_of(i / 2, stronger_wins == is_first ? OUTCOME_FIRST : OUTCOME_SECOND);
        EXPECT_INT(ladder_store_game(store, is_first ? strong : weak, is_first ? weak : strong, &game, 1.7e9), STATUS_OK);
    }
}

// A net's settings with their Elo, as export writes them; those of other nets are not among them.
static void test_a_net_has_a_table_of_settings(const char *path) {
    struct ladder_store *store = open_store(path);
    char key[LADDER_KEY], digest[65] = "";
    memset(digest, '2', 64);
    const long long raw = add_player(store, ladder_net_key(key, digest, 0), false);
    const long long warm = add_player(store, ladder_setting_key(key, digest, 0, 1.4), true);
    const long long other = add_player(store, "net:0123 visits=100", true), usual = add_player(store, LADDER_MIDDLE_KEY, true);
    EXPECT_TEXT(key, "net:2222222222222222222222222222222222222222222222222222222222222222 temperature=1.4,visits=0");
    store_games(store, raw, usual, 40);
    store_games(store, usual, warm, 40);
    store_games(store, other, usual, 40);
    ladder_store_close(store);
    struct net_meta meta = {.num_settings = 1, .settings = {{.visits = 7, .elo = 3}}};
    snprintf(meta.digest, sizeof meta.digest, "%s", digest);
    EXPECT_INT(ladder_read_settings(path, &meta), STATUS_OK);
    EXPECT_INT(meta.num_settings, 2);
    EXPECT(meta.settings[0].temperature == 1.4 && meta.settings[0].visits == 0 && meta.settings[1].temperature == 0);
    EXPECT_NEAR(meta.settings[0].elo, 1000 - 190.8, 1);
    EXPECT_NEAR(meta.settings[1].elo, 1000 + 190.8, 1);
    EXPECT(meta.settings[1].low < meta.settings[1].elo && meta.settings[1].elo < meta.settings[1].high);
    EXPECT_INT(meta.settings[1].games, 80);
    EXPECT_TEXT(meta.settings_scale, "5x5, komi 24, chinese, uct:1024 = 1000");
    // A net of which nothing is known keeps what its file says.
    memset(meta.digest, '1', 64);
    EXPECT_INT(ladder_read_settings(path, &meta), STATUS_OK);
    EXPECT_INT(meta.num_settings, 2);
    struct ladder ladder;
    EXPECT_INT(ladder_standings(&ladder, &path, 1, 100), STATUS_OK);
    int chosen;
    EXPECT_INT(ladder_choose(&ladder, 800, &chosen), STATUS_OK);
    EXPECT(ladder.entries[chosen].temperature == 1.4 && ladder.entries[chosen].kind == LADDER_DIAL);
    EXPECT_TEXT(ladder.entries[chosen].name, "000200@visits=0,temperature=1.4");
    ladder_done(&ladder);
}

// A net's file becomes a run of its own, once.
static void test_a_net_has_a_home(const char *folder) {
    char file[PATH_BYTES], home[PATH_BYTES], run[PATH_BYTES];
    struct game game;
    struct rng rng;
    struct net *net;
    EXPECT_INT(game_open(&game, "go", &(struct game_options){.height = 5, .width = 5, .komi = GAME_KOMI_DEFAULT}), STATUS_OK);
    const struct net_config config = net_config_for(&game, 1, 8);
    rng_init(&rng, 1, 0);
    EXPECT_INT(net_new(&net, &config, &rng), STATUS_OK);
    snprintf(net->meta.game, sizeof net->meta.game, "go");
    net->meta.step = 77;
    net_learned_add(&net->meta, 3, 3, "japanese", 9, 9);
    net_learned_add(&net->meta, 5, 5, "aga", 50, 50);
    EXPECT_INT(net_save(net, path_format(file, "%s/net.safetensors", folder)), STATUS_OK);
    path_format(home, "%s/home", folder);
    for (int i = 0; i < 2; i++) EXPECT_INT(ladder_make_home(file, home, 1.7e9), STATUS_OK);
    const char *paths[] = {home};
    struct ladder ladder;
    EXPECT_INT(ladder_standings(&ladder, paths, 1, 100), STATUS_OK);
    EXPECT_INT(ladder.num_entries, 1);
    EXPECT_TEXT(ladder.entries[0].digest, net->meta.digest);
    EXPECT(ladder.entries[0].step == 77 && ladder.game.height == 5 && !strcmp(ladder.game.rules, "aga"));
    ladder_done(&ladder);
    net->weights[0] += 1;
    EXPECT_INT(net_save(net, file), STATUS_OK);
    EXPECT_REFUSED(ladder_make_home(file, home, 1.7e9), STATUS_USAGE, home, "other nets");
    make_run(path_format(run, "%s/training", folder));
    EXPECT(ladder_make_home(file, run, 1.7e9) != STATUS_OK);
    net_free(net);
}

int main(void) {
    char folder[PATH_BYTES], path[PATH_BYTES];
    make_folder(folder, "ladder");
    make_run(path_format(path, "%s/once", folder));
    test_a_game_is_stored_once(path);
    test_version_1_is_read_and_upgraded(path);
    test_a_kill_loses_no_game_and_counts_none_twice(path);
    make_run(path_format(path, "%s/standings", folder));
    test_a_ladder_keeps_its_seed(path);
    test_standings_follow_from_the_games(path);
    test_a_ladder_that_cannot_be_read_is_refused_whole(path);
    make_run(path_format(path, "%s/settings", folder));
    test_a_net_has_a_table_of_settings(path);
    test_a_net_has_a_home(folder);
    test_checkpoints_are_spread_over_time();
    test_gnugo_is_the_scale_on_9x9_alone();
    test_keys_say_what_plays();
    test_a_silent_program_is_not_waited_for();
    remove_folder(folder);
    return TEST_END();
}
