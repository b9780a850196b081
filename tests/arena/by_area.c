// Laws of playing by area where territory is counted: only nets that never counted it do, and only
// then; the question what a move gains has one answer, however its positions are divided into
// batches; and a seat passes where its move gains nothing, against a program, and plays where it
// gains a point.
#include "arena/by_area.h"
#include "arena/seat_parts.h"
#include "game/go_rules.h"
#include "net/learned.h"
#include "tests/arena/arena_test.h"

#include <stdlib.h>

enum { SIZE = 5, POINTS = SIZE * SIZE };

static struct net *go_net(const char *rules) {
    struct game game;
    struct rng rng;
    struct net *net = NULL;
    test_go(&game, SIZE, 3.5);
    const struct net_config config = net_config_for(&game, 1, 8);
    rng_init(&rng, 1, 0);
    if (net_new(&net, &config, &rng) != STATUS_OK) exit(1);
    snprintf(net->meta.game, sizeof net->meta.game, "go");
    if (rules) net_learned_add(&net->meta, SIZE, SIZE, rules, 100, 3000);
    return net;
}

static void open_rules(struct game *game, const char *rules, int max_plies) {
    const struct game_options options = {.height = SIZE, .width = SIZE, .komi = 0.5, .rules = rules, .max_plies = max_plies};
    EXPECT_INT(game_open(game, "go", &options), STATUS_OK);
}

static void who_plays_by_area(void) {
    static const struct {
        const char *learned, *rules;
        bool expected;
    } cases[] = {{"chinese", "japanese", true},  {"tromp-taylor", "chinese+score=territory", true},
                 {"chinese", "chinese", false},  {"japanese", "japanese", false},
                 {"japanese", "chinese", false}, {"", "japanese", false},
                 {NULL, "japanese", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct net *net = go_net(cases[i].learned);
        struct game counted, played;
        open_rules(&counted, cases[i].rules, 77);
        EXPECT_INT(by_area_game(net, &counted, &played), cases[i].expected);
        if (cases[i].expected) {
            EXPECT(played.rule[GO_SCORING] == GO_AREA && played.rule[GO_KO] == counted.rule[GO_KO]);
            EXPECT_NEAR(played.komi, 1, 0);
            EXPECT_INT(played.max_plies, 77);
        }
        net_free(net);
    }
    struct game counted, played;
    open_rules(&counted, "japanese", 0);
    EXPECT(!by_area_game(NULL, &counted, &played)); // no net
}

// Black has two columns on the left and White the rest. Where B5 is empty it is worth two points.
static void judge(int n, const struct position *positions, struct judgement *judgements) {
    for (int i = 0; i < n; i++) {
        const struct game *game = positions[i].game;
        const int side = game_to_move(game, positions[i].state) ? -1 : 1;
        int8_t owner[POINTS];
        game->type->ownership(game, positions[i].state, owner);
        for (int a = 0; a < game->num_actions; a++) judgements[i].logits[a] = a == game->pass_action ? -3 : a == 1 ? 2 : 0;
        judgements[i].wdl[0] = judgements[i].wdl[2] = 0.5f;
        judgements[i].wdl[1] = 0;
        for (int p = 0; judgements[i].ownership && p < POINTS; p++) judgements[i].ownership[p] = (float)(side * owner[p]);
        // As different through each symmetry as a net's.
        judgements[i].score = (float)(side * (2 * owner[1] - 7 - game->komi) + 0.3 * (positions[i].symmetry - 3.5));
    }
}

// A wall between the columns, with or without its last two stones, B5 and C5.
static int wall(uint16_t actions[16], bool is_whole) {
    int n = 0;
    for (int y = SIZE - 1; y >= !is_whole; y--)
        for (int side = 0; side < 2; side++) actions[n++] = (uint16_t)(y * SIZE + 1 + side);
    return n;
}

static bool is_for_nothing(const struct game *game, const void *state, const void *before, int action, int max) {
    struct by_area question = {0};
    struct position positions[64];
    static float logits[64][POINTS + 1], owners[64][POINTS];
    struct judgement judgements[64];
    int asked = 0;
    for (int i = 0; i < 64; i++) judgements[i] = (struct judgement){.logits = logits[i], .ownership = owners[i]};
    for (int again = 0; again < 2; again++) { // a question can be asked anew
        by_area_ask(&question, game, state, before, action);
        for (int n; (n = by_area_gather(&question, max, positions)) > 0; asked += n) {
            EXPECT(n <= max);
            judge(n, positions, judgements);
            by_area_absorb(&question, n, judgements);
        }
    }
    const bool answer = by_area_is_for_nothing(&question);
    EXPECT_INT(asked, 2 * 2 * 8);
    by_area_done(&question);
    return answer;
}

static void what_a_move_gains(void) {
    struct game counted, game;
    struct net *net = go_net("chinese");
    open_rules(&counted, "japanese", 0);
    EXPECT(by_area_game(net, &counted, &game));
    void *state = malloc(game.state_bytes), *before = malloc(game.state_bytes);
    for (int is_whole = 0; is_whole < 2; is_whole++) {
        uint16_t actions[16];
        const int n = wall(actions, is_whole);
        game_start(&game, state);
        for (int i = 0; i < n; i++) game_play(&game, state, actions[i]);
        static const int sizes[] = {1, 3, 7, 16, 64};
        for (int k = 0; k < 5; k++) EXPECT_INT(is_for_nothing(&game, state, NULL, is_whole ? 5 : 1, sizes[k]), is_whole);
        // After a pass of the opponent the answer is the same.
        memcpy(before, state, game.state_bytes);
        game_play(&game, before, 10);
        memcpy(state, before, game.state_bytes);
        game_play(&game, state, game.pass_action);
        EXPECT_INT(is_for_nothing(&game, state, before, is_whole ? 5 : 1, 16), is_whole);
    }
    // In the opening the scores say no more of a move, but nobody owns its point yet.
    game_start(&game, state);
    EXPECT(!is_for_nothing(&game, state, NULL, 12, 16));
    free(state);
    free(before);
    net_free(net);
}

// Black's move after the wall, of a net at these visits.
static int seat_move(const struct net *net, int visits, bool by_agreement, bool is_whole, bool after_pass) {
    struct game game;
    struct player *player;
    struct seat *seat;
    struct rng rng;
    uint16_t actions[20];
    struct position positions[8];
    static float logits[8][POINTS + 1], owners[8][POINTS];
    struct judgement judgements[8];
    int n, action, num = wall(actions, is_whole);
    if (after_pass) actions[num++] = POINTS, actions[num++] = POINTS - 1; // which gives White the turn, and then us
    open_rules(&game, "japanese", 0);
    rng_init(&rng, 1, 1);
    for (int i = 0; i < 8; i++) judgements[i] = (struct judgement){.logits = logits[i], .ownership = owners[i]};
    EXPECT_INT(player_from_net(&player, net, "net", NULL, visits, 0, "ref"), STATUS_OK);
    EXPECT_INT(seat_new(&seat, player, &test_clock), STATUS_OK);
    EXPECT_INT(seat_begin(seat, &game, 0, by_agreement, actions, num, &rng), STATUS_OK);
    enum seat_state state;
    while ((state = seat_think(seat, 8, positions, &n, &action)) == SEAT_WANTS_JUDGEMENT) {
        judge(n, positions, judgements);
        seat_absorb(seat, n, judgements);
    }
    EXPECT_INT(state, SEAT_READY);
    seat_free(seat);
    player_free(player);
    return action;
}

static void seats(void) {
    struct net *never = go_net("chinese"), *knows = go_net("japanese");
    for (int visits = 0; visits <= 60; visits += 60) {
        EXPECT_INT(seat_move(never, visits, true, true, false), POINTS);
        EXPECT(seat_move(never, visits, true, false, false) != POINTS);
        EXPECT(seat_move(never, visits, false, true, false) != POINTS); // among nets there is a clean-up
        EXPECT(seat_move(knows, visits, true, true, false) != POINTS);  // this judge would rather play
        EXPECT_INT(seat_move(never, visits, true, true, true), POINTS);
    }
    net_free(never);
    net_free(knows);
}

int main(void) {
    who_plays_by_area();
    what_a_move_gains();
    seats();
    return TEST_END();
}
