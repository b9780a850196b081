// Our client and our engine against a program that others wrote: GNU Go, where it is installed.
#include "arena/gtp_client.h"
#include "gtp/gtp_engine.h"
#include "tests/arena/arena_test.h"

#include <strings.h>
#include <unistd.h>

#define GNUGO "gnugo --mode gtp --level 1 --chinese-rules"

struct seen {
    int forfeits;
    char reason[200];
};

static void on_game(void *context, const struct match_game *game) {
    struct seen *seen = context;
    if (!game->reason || strncmp(game->reason, "forfeit", 7)) return;
    seen->forfeits++;
    snprintf(seen->reason, sizeof seen->reason, "%s", game->reason);
}

static void gnu_go_beats_random(void) {
    struct game game;
    struct match_result result;
    struct seen seen = {0};
    test_go(&game, 7, 9);
    struct player *a = test_player("gtp:" GNUGO), *b = test_player("random");
    const struct match_params params = {.game = &game,
                                        .games = 8,
                                        .threads = 2,
                                        .lanes = 2,
                                        .opening_plies = 2,
                                        .seed = 1,
                                        .clock = &test_clock,
                                        .on_game = on_game,
                                        .context = &seen};
    EXPECT_INT(match_run(&params, a, b, &result), STATUS_OK);
    EXPECT_(seen.forfeits == 0, "%d forfeits, the last: %s", seen.forfeits, seen.reason);
    EXPECT_INT(result.wins, 8);
    EXPECT_INT(result.distinct, 8);
    player_free(a);
    player_free(b);
}

// Our engine and GNU Go play a game as twogtp would have them: each is told the other's moves. Both
// must find all of them legal, and agree on the last position.
static void our_engine_plays_gnu_go(void) {
    struct gtp_client *gnugo = NULL;
    struct evaluator *evaluator = NULL;
    struct gtp_engine engine;
    const struct gtp_params params = {
        .model_name = "rollouts", .visits = 300, .batch = 1, .size = 7, .komi = 9, .seed = 2, .clock = &test_clock};
    const char *command, *text;
    char ours[8192], line[64], buffer[128];
    EXPECT_INT(evaluator_rollouts(&evaluator, 1, 1), STATUS_OK);
    EXPECT_INT(gtp_engine_init(&engine, &params, evaluator), STATUS_OK);
    EXPECT_INT(gtp_client_new(&gnugo, GNUGO, 60, &test_clock), STATUS_OK);
    gtp_client_send(gnugo, "boardsize 7");
    gtp_client_send(gnugo, "komi 9");
    gtp_client_send(gnugo, "clear_board");
    for (int i = 0; i < 3; i++) EXPECT_INT(gtp_client_wait(gnugo, NULL, &command, &text), GTP_GOOD);
    struct gtp_reply *reply = calloc(1, sizeof *reply);
    struct gtp_line parsed;
    int passes = 0, plies = 0;
    for (; passes < 2 && plies < 300; plies++) {
        const int color = plies % 2;
        if (color == 0) {
            strcpy(buffer, "genmove b");
            gtp_parse_line(buffer, &parsed);
            gtp_answer(&engine, &parsed, reply);
            EXPECT(!reply->failed);
            gtp_client_send(gnugo, "play b %s", reply->text);
            snprintf(line, sizeof line, "%.60s", reply->text);
            EXPECT_INT(gtp_client_wait(gnugo, NULL, &command, &text), GTP_GOOD);
        } else {
            gtp_client_send(gnugo, "genmove w");
            EXPECT_INT(gtp_client_wait(gnugo, NULL, &command, &text), GTP_GOOD);
            snprintf(line, sizeof line, "%.60s", text);
            if (!strcmp(line, "resign")) break;
            snprintf(buffer, sizeof buffer, "play w %s", line);
            gtp_parse_line(buffer, &parsed);
            gtp_answer(&engine, &parsed, reply);
            EXPECT_(!reply->failed, "GNU Go's %s: %s", line, reply->text);
        }
        passes = strcasecmp(line, "pass") ? 0 : passes + 1;
    }
    EXPECT_(passes == 2 || !strcmp(line, "resign"), "no end after %d plies", plies);
    // Both see the same stones.
    struct area_board board;
    gtp_engine_board(&engine, &board);
    for (int color = 0; color < 2; color++) {
        gtp_client_send(gnugo, "list_stones %s", color ? "white" : "black");
        EXPECT_INT(gtp_client_wait(gnugo, NULL, &command, &text), GTP_GOOD);
        snprintf(ours, sizeof ours, "%s", text);
        int theirs = 0, same = 0, own = 0;
        char *rest = NULL;
        for (char *word = strtok_r(ours, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
            theirs++;
            same += board.point[gtp_parse_vertex(&engine.game, word)] == (color ? -1 : 1);
        }
        for (int p = 0; p < 49; p++) own += board.point[p] == (color ? -1 : 1);
        EXPECT_INT(same, theirs);
        EXPECT_INT(own, theirs);
    }
    gtp_reply_done(reply);
    free(reply);
    gtp_client_free(gnugo);
    gtp_engine_done(&engine);
    evaluator_free(evaluator);
}

int main(void) {
    if (access("/usr/games/gnugo", X_OK) && system("command -v gnugo >/dev/null 2>&1"))
        return TEST_SKIP("gnugo is not installed");
    gnu_go_beats_random();
    our_engine_plays_gnu_go();
    return TEST_END();
}
