// Go's rule sets and their parts on positions whose answers are known.
#include "game/go.h"
#include "tests/game/go_support.h"
#include "tests/test.h"

static const char *const sets[] = {"chinese", "tromp-taylor", "aga", "new-zealand", "japanese"};

static void check_text(const char *text, const char *canonical) {
    struct game g;
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.height = 5, .rules = text}), STATUS_OK);
    EXPECT_TEXT(g.rules, canonical);
}

static void texts_name_sets_and_parts(void) {
    for (int i = 0; i < 5; i++) check_text(sets[i], sets[i]);
    check_text(NULL, "chinese");
    check_text("New Zealand", "new-zealand");
    check_text("new_zealand", "new-zealand");
    check_text("NZ", "new-zealand");
    check_text("tt", "tromp-taylor");
    check_text("chinese+suicide=1+bonus=0", "tromp-taylor"); // equal rules have equal texts
    check_text("aga+suicide=1+bonus=0", "new-zealand");
    check_text("suicide=1", "ko=positional+score=area+suicide=1+bonus=n+tax=none");
    check_text("japanese+Tax=None", "ko=simple+score=territory+suicide=0+bonus=0+tax=none");
    static const char *const bad[] = {"",
                                      "ing",
                                      "chinese+",
                                      "+ko=simple",
                                      "chinese+japanese",
                                      "ko",
                                      "ko=",
                                      "=simple",
                                      "chinese+ko=super",
                                      "chinese+color=1",
                                      "chinese=ko",
                                      "ko=simple=area",
                                      "suicide=1+aga",
                                      "chinese+ko simple"};
    struct game g;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT_(game_open(&g, "go", &(struct game_options){.rules = bad[i]}) == STATUS_USAGE, "'%s' is accepted", bad[i]);
}

static void every_combination_has_a_text_of_its_own(void) {
    static const uint8_t num_values[GO_NUM_PARTS] = {3, 2, 2, 3, 2};
    const char *texts[72];
    int n = 0;
    for (int k = 0; k < 72; k++) {
        struct go_rules rules, back;
        for (int i = 0, rest = k; i < GO_NUM_PARTS; rest /= num_values[i++]) rules.part[i] = (uint8_t)(rest % num_values[i]);
        texts[n] = go_rules_text(&rules);
        EXPECT(strlen(texts[n]) < GAME_RULES_BYTES);
        EXPECT(go_rules_read(&back, texts[n]) && !memcmp(&back, &rules, sizeof rules));
        for (int i = 0; i < n; i++) EXPECT(strcmp(texts[i], texts[n]));
        n++;
    }
    EXPECT_INT(n, 72);
}

// The cycle "sending two, returning one": White captures two, Black recaptures one, and the board
// is the one after White's first move, but now White is to move.
static const char *const send_two = "B1 D1 C1 A1";

static void situational_superko_tells_the_mover_apart(void) {
    static const struct {
        const char *rules;
        bool legal;
    } cases[] = {
        {"chinese", false}, {"tromp-taylor", false}, {"aga", true}, {"new-zealand", true}, {"chinese+ko=simple", true}};
    for (int i = 0; i < 5; i++) {
        struct board b = board_open_by(cases[i].rules, 1, 5, 0);
        play(&b, send_two);
        EXPECT_INT(stone(&b, "B1"), '.');
        EXPECT_(is_legal(&b, "B1") == cases[i].legal, "%s: B1 is legal: %d", cases[i].rules, is_legal(&b, "B1"));
        free(b.state);
    }
    struct board b = board_open_by("aga", 1, 5, 0);
    play(&b, send_two);
    // This repeats the situation after White's first move, but a pass is always legal.
    play(&b, "B1 pass");
    EXPECT_INT(game_outcome(&b.game, b.state), OUTCOME_NONE);
    EXPECT(!is_legal(&b, "C1")); // it would repeat a position
    EXPECT(is_legal(&b, "A1"));
    free(b.state);
}

static void check_void(const struct board *b) {
    uint16_t actions[32];
    int8_t owner[32];
    EXPECT_INT(game_outcome(&b->game, b->state), OUTCOME_DRAW);
    EXPECT_INT(game_legal(&b->game, b->state, actions), 0);
    EXPECT_NEAR(game_score(&b->game, b->state), 0, 0);
    b->game.type->ownership(&b->game, b->state, owner);
    for (int p = 0; p < b->game.height * b->game.width; p++) EXPECT_INT(owner[p], 0);
}

static void a_cycle_under_simple_ko_ends_the_game_without_result(void) {
    struct board b = board_open_by("japanese", 1, 5, 6.5);
    play(&b, send_two);
    play(&b, "B1");
    EXPECT_INT(game_outcome(&b.game, b.state), OUTCOME_NONE);
    EXPECT(go_is_cycle(&b.game, b.state, go_pass(&b.game)));
    play(&b, "pass"); // the same position with Black to move as before
    check_void(&b);
    free(b.state);
    b = board_open_by("chinese+ko=simple", 1, 4, 0); // a cycle without a pass
    play(&b, "B1 D1 A1 C1");
    EXPECT(go_is_cycle(&b.game, b.state, action_of(&b, "B1")));
    play(&b, "B1"); // ".X..", White to move
    check_void(&b);
    free(b.state);
    // A ko makes no cycle, since it can't be retaken at once.
    b = board_open_by("japanese", 5, 5, 0.5);
    play(&b, "C2 D2 B3 E3 C4 D4 D3 C3");
    EXPECT(!is_legal(&b, "D3"));
    play(&b, "pass pass"); // two passes make none either
    EXPECT_INT(game_outcome(&b.game, b.state), OUTCOME_NONE);
    EXPECT_INT(b.state->is_cleanup, 1);
    free(b.state);
}

static void suicide_of_many_where_it_is_allowed(void) {
    static const char rows[] = ".XO. XXO. OO.. ....";
    for (int i = 0; i < 5; i++) {
        struct board b = board_of_by(sets[i], 0.5, rows);
        const bool allowed = i == 1 || i == 3;
        EXPECT_INT(is_legal(&b, "A4"), allowed);
        if (allowed) {
            play(&b, "A4");
            EXPECT_INT(stone(&b, "A4"), '.');
            EXPECT_INT(stone(&b, "B3"), '.');
            check_captures(&b, 0, 4);
            EXPECT_INT(b.state->stones[0], 0);
            EXPECT(is_legal(&b, "A4"));
        }
        free(b.state);
        b = board_of_by(sets[i], 0.5, ".O.. O... .... ....");
        EXPECT(!is_legal(&b, "A4")); // suicide of one stone is never legal
        free(b.state);
    }
}

// Both sides pass, twice under territory scoring.
static double score_after_passes(const char *rules, double komi, const char *rows) {
    struct board b = board_of_by(rules, komi, rows);
    play(&b, go_has_territory(&b.game) ? "pass pass pass pass" : "pass pass");
    EXPECT(game_outcome(&b.game, b.state) != OUTCOME_NONE);
    const double score = game_score(&b.game, b.state);
    free(b.state);
    return score;
}

static void territory_is_area_without_stones(void) {
    static const char rows[] = ".XO.. .XO.. .XO.. .XO.. .XO.O";
    EXPECT_NEAR(score_after_passes("chinese", 0, rows), 10 - 15, 0);
    EXPECT_NEAR(score_after_passes("japanese", 0, rows), 5 - 9, 0);
    EXPECT_NEAR(score_after_passes("japanese", 6.5, rows), 5 - 9 - 6.5, 0);
}

static void the_clean_up_shows_what_is_dead_and_costs_nothing(void) {
    static const char rows[] = ".XO.X .XO.. .XO.. .XO.. .XO..";
    struct board b = board_of_by("japanese", 0, rows);
    play(&b, "pass pass");
    EXPECT_INT(game_outcome(&b.game, b.state), OUTCOME_NONE);
    play(&b, "pass D5 pass E4"); // White captures E5 by two more stones
    EXPECT_INT(stone(&b, "E5"), '.');
    play(&b, "pass pass");
    EXPECT_NEAR(game_score(&b.game, b.state), 5 - 10 - 1, 0);
    int8_t owner[25];
    b.game.type->ownership(&b.game, b.state, owner);
    EXPECT_INT(owner[4], -1);
    EXPECT_INT(owner[3], -1);
    free(b.state);
    b = board_of_by("japanese", 0, rows); // before the clean-up these two stones cost two points
    play(&b, "pass D5 pass E4 pass pass pass pass");
    EXPECT_NEAR(game_score(&b.game, b.state), 5 - 8 - 1, 0);
    free(b.state);
    // When nobody plays in the clean-up all stones live, and the points between them are nobody's.
    EXPECT_NEAR(score_after_passes("japanese+tax=none", 0, rows), 5, 0);
}

static void an_area_is_not_taxed_for_dame_but_seki_is(void) {
    static const char seki[] = "..X.O."; // each side has an eye, and neither can fill the middle
    EXPECT_NEAR(score_after_passes("chinese", 0, seki), 3 - 2, 0);
    EXPECT_NEAR(score_after_passes("chinese+tax=seki", 0, seki), 1 - 1, 0);
    EXPECT_NEAR(score_after_passes("japanese+tax=none", 0, seki), 2 - 1, 0);
    EXPECT_NEAR(score_after_passes("japanese", 0, seki), 0, 0);
    // Dame make a seki until they are filled, but never one of pass-alive stones.
    static const char dame[] = "..X.O. ..XXO. ..XXO. ..XXO. ..XXO.";
    EXPECT_NEAR(score_after_passes("japanese", 0, dame), 0, 0);
    struct board b = board_of_by("japanese", 0, dame);
    play(&b, "pass pass D5 pass pass"); // filling it in the clean-up costs nothing
    EXPECT_NEAR(game_score(&b.game, b.state), 10 - 5, 0);
    int8_t owner[30];
    b.game.type->ownership(&b.game, b.state, owner);
    EXPECT_INT(owner[0], 1);
    EXPECT_INT(owner[3], 0); // it was a dame when play ended
    EXPECT_INT(owner[5], -1);
    free(b.state);
    EXPECT_NEAR(score_after_passes("japanese", 0, ".X.X.X. XXXXXX. OOOOOO. .O.O.O."), 3 - 3, 0);
    EXPECT_NEAR(score_after_passes("japanese", 0, ".X.X.X. XXXXXX. OOOOOO. .OOO.O."), 3 - 2, 0);
    // White can't live there and is dead as it stands.
    EXPECT_NEAR(score_after_passes("japanese", 0, ".X.X. XXXX. OOOOO"), 9 + 5, 0);
}

static void prisoners_count_under_territory_scoring(void) {
    struct board b = board_of_by("japanese", 0, ".XO. XXO. OO.. ....");
    play(&b, "pass A4"); // White captures three stones
    check_captures(&b, 0, 3);
    play(&b, "pass pass pass pass");
    // 16 points less 5 stones, and three prisoners.
    EXPECT_NEAR(game_score(&b.game, b.state), -11 - 3, 0);
    free(b.state);
}

static void handicap_bonus_is_as_the_set_says(void) {
    static const double bonus[5][2] = {{2, 9}, {0, 0}, {1, 8}, {0, 0}, {0, 0}};
    for (int i = 0; i < 5; i++) {
        struct board b = board_open_by(sets[i], 9, 9, 0.5);
        EXPECT_NEAR(go_handicap_bonus(&b.game, 0), 0, 0);
        EXPECT_NEAR(go_handicap_bonus(&b.game, 1), 0, 0);
        EXPECT_NEAR(go_handicap_bonus(&b.game, 2), bonus[i][0], 0);
        EXPECT_NEAR(go_handicap_bonus(&b.game, 9), bonus[i][1], 0);
        free(b.state);
    }
}

static void the_net_is_told_the_rules(void) {
    static const float parts[5][5] = {{0, 0, 0, 0, 0}, {0, 0, 1, 0, 0}, {1, 0, 0, 0, 0}, {1, 0, 1, 0, 0}, {0, 1, 0, 1, 1}};
    for (int i = 0; i < 5; i++) {
        struct board b = board_of_by(sets[i], 0.5, ".XO.. .XO.. .XO.. .XO.. .XO.O");
        float planes[25][GO_NUM_PLANES] = {{0}}, globals[GO_NUM_GLOBALS];
        b.game.type->encode(&b.game, b.state, 0, planes[0], 5, GO_NUM_PLANES, globals);
        for (int k = 0; k < 5; k++) EXPECT_NEAR(globals[6 + k], parts[i][k], 0);
        EXPECT_NEAR(globals[11], 0, 0);
        EXPECT_NEAR(globals[12], 0, 0);
        for (int p = 0; p < 25; p++) EXPECT(planes[p][14] == 0 && planes[p][15] == 0);
        free(b.state);
    }
    struct board b = board_of_by("japanese", 0, ".XO.X .XO.. .XO.. .XO.. .XO..");
    float planes[25][GO_NUM_PLANES] = {{0}}, globals[GO_NUM_GLOBALS];
    play(&b, "pass pass pass D5 pass E4 pass"); // captures E5, which stood when the clean-up began
    b.game.type->encode(&b.game, b.state, 0, planes[0], 5, GO_NUM_PLANES, globals);
    EXPECT_NEAR(globals[11], 1, 0);
    EXPECT_NEAR(globals[12], 0, 0); // captures in the clean-up are no prisoners
    EXPECT_NEAR(planes[4][15], 1, 0);
    EXPECT_NEAR(planes[4][1], 0, 0);
    EXPECT_NEAR(planes[3][14], 0, 0); // D5 is new
    EXPECT_NEAR(planes[2][14], 1, 0); // C5 stood, and is the mover's
    free(b.state);
}

static void keys_differ_by_rules_and_prisoners(void) {
    uint64_t keys[5];
    for (int i = 0; i < 5; i++) {
        struct board b = board_open_by(sets[i], 5, 5, 0.5);
        play(&b, "C3");
        keys[i] = game_hash(&b.game, b.state);
        for (int k = 0; k < i; k++) EXPECT(keys[k] != keys[i]);
        free(b.state);
    }
    // The stones, the mover and the last moves are the same, but not the prisoners.
    for (int i = 0; i < 5; i++) {
        struct board a = board_open_by(sets[i], 5, 5, 0.5), b = board_open_by(sets[i], 5, 5, 0.5);
        play(&a, "B5 A5 A4 E1 E5 D1 D5");
        play(&b, "B5 pass A4 E1 E5 D1 D5");
        check_captures(&a, 1, 0);
        check_captures(&b, 0, 0);
        EXPECT_INT(game_hash(&a.game, a.state) != game_hash(&b.game, b.state), go_has_territory(&a.game));
        free(a.state);
        free(b.state);
    }
}

int main(void) {
    texts_name_sets_and_parts();
    every_combination_has_a_text_of_its_own();
    situational_superko_tells_the_mover_apart();
    a_cycle_under_simple_ko_ends_the_game_without_result();
    suicide_of_many_where_it_is_allowed();
    territory_is_area_without_stones();
    the_clean_up_shows_what_is_dead_and_costs_nothing();
    an_area_is_not_taxed_for_dame_but_seki_is();
    prisoners_count_under_territory_scoring();
    handicap_bonus_is_as_the_set_says();
    the_net_is_told_the_rules();
    keys_differ_by_rules_and_prisoners();
    return TEST_END();
}
