// Law: nothing that a program does or fails to do makes us wait beyond its time-out or our stop,
// and nothing that it has started outlives it.
#include "arena/gtp_client.h"
#include "arena/tournament.h"
#include "tests/arena/arena_test.h"

#include <ctype.h>
#include <dirent.h>
#include <string.h>
#include <unistd.h>

// seconds; far below a program's time-out of 60, and far above what a busy machine needs.
#define SOON 20.0

// A clock that raises a flag after a while. Whoever waits reads the clock, so the flag is raised
// while somebody waits.
struct alarm {
    double began, after; // seconds
    volatile bool stop;
};

static double alarm_seconds(void *context) {
    struct alarm *alarm = context;
    const double now = test_seconds(NULL);
    if (now - alarm->began > alarm->after) alarm->stop = true;
    return now;
}

static void a_stop_ends_the_wait_for_dead_stones(void) {
    struct game game;
    struct match_result result;
    struct alarm alarm = {.began = test_seconds(NULL), .after = 1};
    const struct clock clock = {.seconds = alarm_seconds, .context = &alarm};
    test_go(&game, 5, 0.5);
    struct player *silent = test_player("gtp:tests/arena/fake_engine.sh silent@timeout=60");
    const struct match_params params = {.game = &game,
                                        .games = 8,
                                        // The one that reads the clock, and so sets the flag.
                                        .threads = 1,
                                        .lanes = 4,
                                        .opening_plies = 1,
                                        .seed = 1,
                                        .stop = &alarm.stop,
                                        .clock = &clock};
    EXPECT_INT(match_run(&params, silent, silent, &result), STATUS_CANCELLED);
    EXPECT_INT(result.games, 0);
    const double seconds = test_seconds(NULL) - alarm.began;
    EXPECT_(seconds < SOON, "stopped after %.1f s", seconds);
    player_free(silent);
}

// If a program's opinion does not come in time, the board counts as it stands, with one black
// stone.
static void a_time_out_ends_the_wait_for_dead_stones(void) {
    struct game game;
    struct match_result result;
    test_go(&game, 5, 0.5);
    const double began = test_seconds(NULL);
    struct player *silent = test_player("gtp:tests/arena/fake_engine.sh silent@timeout=0.3");
    const struct match_params params = {
        .game = &game, .games = 2, .threads = 1, .lanes = 1, .opening_plies = 1, .seed = 1, .clock = &test_clock};
    EXPECT_INT(match_run(&params, silent, silent, &result), STATUS_OK);
    EXPECT_INT(result.first_wins, 2);
    EXPECT_INT(result.disputes, 0);
    EXPECT(test_seconds(NULL) - began < SOON);
    player_free(silent);
}

// While one game waits for a program's opinion, the other games of the thread go on.
static void other_games_go_on_meanwhile(void) {
    struct game game;
    struct match_result result;
    test_go(&game, 5, 0.5);
    const double began = test_seconds(NULL), timeout = 2;
    char text[100];
    snprintf(text, sizeof text, "gtp:tests/arena/fake_engine.sh silent@timeout=%g", timeout);
    struct player *silent = test_player(text), *random = test_player("gtp:tests/arena/fake_engine.sh pass");
    const struct match_params params = {
        .game = &game, .games = 8, .threads = 1, .lanes = 8, .opening_plies = 1, .seed = 1, .clock = &test_clock};
    EXPECT_INT(match_run(&params, silent, random, &result), STATUS_OK);
    const double seconds = test_seconds(NULL) - began;
    EXPECT_(seconds < 4 * timeout, "8 games of %g s of waiting each took %.1f s", timeout, seconds);
    player_free(silent);
    player_free(random);
}

static void a_stop_ends_a_plain_wait(void) {
    struct gtp_client *client;
    const char *command, *text;
    struct alarm alarm = {.began = test_seconds(NULL), .after = 0.3};
    const struct clock clock = {.seconds = alarm_seconds, .context = &alarm};
    EXPECT_INT(gtp_client_new(&client, "tests/arena/fake_engine.sh deaf", 60, &clock), STATUS_OK);
    gtp_client_send(client, "version");
    EXPECT_INT(gtp_client_wait(client, &alarm.stop, &command, &text), GTP_PENDING);
    gtp_client_free(client);
    EXPECT(test_seconds(NULL) - alarm.began < SOON);
}

// A session that has used up its time drops the games in play.
static void a_tournament_ends_in_time(void) {
    struct game game;
    struct tournament_result result;
    test_go(&game, 5, 24.5);
    struct player *hang = test_player("gtp:tests/arena/fake_engine.sh hang@timeout=60"), *random = test_player("random");
    const struct tournament_player players[] = {{random, "random", true, 0}, {hang, "hang", false, 0}};
    const struct tournament_params params = {.game = &game,
                                             .players = players,
                                             .num_players = 2,
                                             .max_seconds = 0.5,
                                             .grace_seconds = 0.2,
                                             .threads = 2,
                                             .opening_plies = 2,
                                             .seed = 1,
                                             .clock = &test_clock};
    const double began = test_seconds(NULL);
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    const double seconds = test_seconds(NULL) - began;
    EXPECT_(seconds >= 0.5 && seconds < SOON, "0.5 s and 0.2 s of grace took %.1f s", seconds);
    EXPECT_INT(result.games, 0);
    tournament_result_done(&result);
    player_free(hang);
    player_free(random);
}

// The number of other processes whose command line contains `name`.
static int count_named(const char *name) {
    int num = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[300], line[4096];
        if (!isdigit((unsigned char)entry->d_name[0]) || atoi(entry->d_name) == getpid()) continue;
        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        FILE *file = fopen(path, "r");
        if (!file) continue;
        const size_t n = fread(line, 1, sizeof line, file);
        fclose(file);
        num += memmem(line, n, name, strlen(name)) != NULL;
    }
    if (folder) closedir(folder);
    return num;
}

// However the program ends, the orphan that it leaves in a session of its own is ended, too.
static void what_a_program_leaves_behind_is_killed(const char *mode, bool is_program_ended) {
    struct gtp_client *client;
    const char *asked, *text;
    char name[64], command[200];
    snprintf(name, sizeof name, "tengen-litter-%d-%s", (int)getpid(), mode);
    snprintf(command, sizeof command, "exec tests/arena/fake_engine.sh litter %s %s", name, mode);
    EXPECT_INT(gtp_client_new(&client, command, 20, &test_clock), STATUS_OK);
    gtp_client_send(client, "version");
    const enum gtp_answer answer = gtp_client_wait(client, NULL, &asked, &text);
    EXPECT_INT(answer, is_program_ended ? GTP_BROKEN : GTP_GOOD);
    if (!strcmp(mode, "closed")) EXPECT_TEXT(gtp_client_reason(client), "closed its output");
    if (!strcmp(mode, "gone")) EXPECT_TEXT(gtp_client_reason(client), "ended at 'version' with status 4");
    if (!is_program_ended) EXPECT_(count_named(name) >= 2, "%s: %d processes while it plays", mode, count_named(name));
    if (!strcmp(mode, "crash") || !strcmp(mode, "group")) { // at its second move
        for (int i = 0; i < 2; i++) gtp_client_send(client, "genmove b");
        EXPECT_INT(gtp_client_wait(client, NULL, &asked, &text), GTP_GOOD);
        EXPECT_INT(gtp_client_wait(client, NULL, &asked, &text), GTP_BROKEN);
        const char *reason = gtp_client_reason(client);
        EXPECT_(strstr(reason, *mode == 'c' ? "killed by signal 9" : "killed by signal 15"), "%s: %s", mode, reason);
        EXPECT_INT(count_named(name), 0);
    }
    if (!strcmp(mode, "hang")) {
        for (int i = 0; i < 2; i++) gtp_client_send(client, "genmove b");
        EXPECT_INT(gtp_client_wait(client, NULL, &asked, &text), GTP_GOOD);
    }
    gtp_client_free(client);
    EXPECT_(count_named(name) == 0, "%s: %d processes are left", mode, count_named(name));
}

int main(void) {
    a_stop_ends_the_wait_for_dead_stones();
    a_time_out_ends_the_wait_for_dead_stones();
    other_games_go_on_meanwhile();
    a_stop_ends_a_plain_wait();
    a_tournament_ends_in_time();
    what_a_program_leaves_behind_is_killed("pass", false);
    what_a_program_leaves_behind_is_killed("hang", false);
    what_a_program_leaves_behind_is_killed("crash", false);
    what_a_program_leaves_behind_is_killed("group", false);
    what_a_program_leaves_behind_is_killed("gone", true);
    what_a_program_leaves_behind_is_killed("closed", true);
    return TEST_END();
}
