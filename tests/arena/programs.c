// Law: whatever a GTP program does, the match goes on, ends, and says who did what.
#include "tests/arena/arena_test.h"

struct seen {
    int games, with_reason;
    char reason[200], expected[80];
};

static void on_game(void *context, const struct match_game *game) {
    struct seen *seen = context;
    seen->games++;
    if (game->reason) snprintf(seen->reason, sizeof seen->reason, "%s", game->reason);
    if (game->reason && strstr(game->reason, seen->expected)) seen->with_reason++;
}

// Plays `games` games of random against a program, or against the fake engine in this mode. Every
// game must end for the reason `expected`; "": for no reason.
static struct match_result play(const char *mode, int games, const char *expected, double timeout) {
    struct game game;
    char text[200];
    struct seen seen = {0};
    struct match_result result;
    snprintf(seen.expected, sizeof seen.expected, "%s", expected);
    const bool is_program = !strncmp(mode, "gtp:", 4);
    snprintf(text, sizeof text, "%s%s@timeout=%g,name=fake", is_program ? "" : "gtp:tests/arena/fake_engine.sh ", mode,
             timeout);
    test_go(&game, 5, 24.5);
    struct player *a = test_player("random"), *b = test_player(text);
    const struct match_params params = {.game = &game,
                                        .games = games,
                                        .threads = 2,
                                        .lanes = 2,
                                        .opening_plies = 2,
                                        // With this seed random does not pass at its first moves.
                                        .seed = 6,
                                        .clock = &test_clock,
                                        .on_game = on_game,
                                        .context = &seen};
    EXPECT_INT(match_run(&params, a, b, &result), STATUS_OK);
    EXPECT_INT(seen.games, games);
    EXPECT_INT(result.games, games);
    EXPECT_INT(result.wins + result.draws + result.losses, games);
    EXPECT_INT(result.forfeits_a, 0);
    if (expected[0])
        EXPECT_(seen.with_reason == games, "%s: %d of %d games say '%s', the last '%s'", mode, seen.with_reason, games,
                expected, seen.reason);
    player_free(a);
    player_free(b);
    return result;
}

static void misbehaviour_forfeits(const char *mode, const char *expected, double timeout) {
    const struct match_result result = play(mode, 4, expected, timeout);
    EXPECT_(result.forfeits_b == 4 && result.wins == 4, "%s: %d forfeits and %d wins, expected 4", mode, result.forfeits_b,
            result.wins);
}

static void well_behaved_programs_play(const char *mode) {
    const struct match_result result = play(mode, 6, "", 10);
    EXPECT_(result.forfeits_b == 0, "%s: %d forfeits", mode, result.forfeits_b);
}

static void bad_texts_are_refused(void) {
    const char *const texts[] = {
        "uct:", "uct:x", "uct:0", "gtp:", "gtp:  ", "/no/such/net.safetensors", "random@visits=1,bogus=2", "uct:10@visits=x"};
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++) {
        struct player *player = NULL;
        EXPECT_(player_open(&player, texts[i], NULL) != STATUS_OK, "'%s' was accepted", texts[i]);
        EXPECT(player == NULL);
    }
    // An '@' in a command line belongs to the program if no option of ours follows.
    struct player *player = test_player("gtp:engine --user me@host");
    EXPECT_TEXT(player_name(player), "gtp:engine --user me@host");
    player_free(player);
    player = test_player("gtp:engine me@host@timeout=3,name=x");
    EXPECT_TEXT(player_name(player), "x");
    player_free(player);
}

// One black stone on the board and two passes: by the rules as such Black wins, but White does if
// the stone is called dead.
static void dead_stones_are_taken_off(void) {
    struct game game;
    struct match_result result;
    test_go(&game, 5, 0.5);
    struct player *plain = test_player("gtp:tests/arena/fake_engine.sh pass"),
                  *dead = test_player("gtp:tests/arena/fake_engine.sh dead");
    const struct match_params params = {
        .game = &game, .games = 4, .threads = 1, .lanes = 1, .opening_plies = 1, .seed = 1, .clock = &test_clock};
    EXPECT_INT(match_run(&params, plain, plain, &result), STATUS_OK);
    EXPECT_INT(result.first_wins, 4);
    EXPECT_INT(result.disputes, 0);
    EXPECT_INT(match_run(&params, dead, dead, &result), STATUS_OK);
    EXPECT_INT(result.first_wins, 0);
    EXPECT_INT(result.first_draws, 0);
    EXPECT_INT(result.disputes, 4);
    player_free(plain);
    player_free(dead);
}

// Programs know no clean-up, so the game is over at the first two passes. If the stone is dead,
// Black has no territory, and the stone is a prisoner.
static void territory_is_agreed_with_programs(void) {
    struct game game;
    struct match_result result;
    const struct game_options options = {.height = 5, .komi = 0.5, .rules = "japanese"};
    EXPECT_INT(game_open(&game, "go", &options), STATUS_OK);
    struct player *plain = test_player("gtp:tests/arena/fake_engine.sh pass"),
                  *dead = test_player("gtp:tests/arena/fake_engine.sh dead"), *ours = test_player("uct:20");
    const struct match_params params = {
        .game = &game, .games = 4, .threads = 1, .lanes = 1, .opening_plies = 1, .seed = 1, .clock = &test_clock};
    EXPECT_INT(match_run(&params, plain, plain, &result), STATUS_OK);
    EXPECT_INT(result.first_wins, 4);
    EXPECT_INT(match_run(&params, dead, dead, &result), STATUS_OK);
    EXPECT_INT(result.first_wins, 0);
    EXPECT_INT(result.first_draws, 0);
    EXPECT_INT(result.disputes, 0);
    EXPECT_INT(match_run(&params, ours, plain, &result), STATUS_OK);
    EXPECT_INT(result.games, 4);
    EXPECT_INT(result.forfeits_a + result.forfeits_b, 0);
    player_free(plain);
    player_free(dead);
    player_free(ours);
}

int main(void) {
    territory_is_agreed_with_programs();
    dead_stones_are_taken_off();
    bad_texts_are_refused();
    well_behaved_programs_play("pass");
    well_behaved_programs_play("noid");
    well_behaved_programs_play("crlf");
    misbehaviour_forfeits("exit", "ended at 'genmove", 10);
    misbehaviour_forfeits("crash", "killed by signal 9", 10);
    misbehaviour_forfeits("hang", "no answer to 'genmove", 0.2);
    misbehaviour_forfeits("deaf", "no answer to 'boardsize 5'", 0.2);
    misbehaviour_forfeits("nonsense", "answers nonsense: 'Segmentation fault", 10);
    misbehaviour_forfeits("nowhere", "answers genmove with 'Z99'", 10);
    misbehaviour_forfeits("illegal", "illegal move A1", 10);
    misbehaviour_forfeits("refuse", "refuses 'play", 10);
    misbehaviour_forfeits("flood", "answers", 10);
    misbehaviour_forfeits("step", "out of step", 10);
    misbehaviour_forfeits("pass >/dev/null; no-such-program", "no answer", 0.2);
    play("gtp:no-such-program", 4, "command not found", 10);
    const struct match_result resigned = play("resign", 4, "resign", 10);
    EXPECT_INT(resigned.forfeits_b, 0);
    EXPECT_INT(resigned.wins, 4);
    return TEST_END();
}
