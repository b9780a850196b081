// Where the board counts as it stands, dead stones are captured before the engine passes.
#include "gtp/gtp_cleanup.h"
#include "tests/arena/arena_test.h"

static struct gtp_params small_params(void) {
    return (struct gtp_params){
        .model_name = "rollouts", .visits = 100, .batch = 4, .size = 5, .komi = 0.5, .seed = 1, .clock = &test_clock};
}

static struct evaluator *rollouts(void) {
    struct evaluator *evaluator = NULL;
    if (evaluator_rollouts(&evaluator, 64, 1) != STATUS_OK) exit(1);
    return evaluator;
}

struct session {
    struct gtp_params params;
    struct evaluator *evaluator;
    struct gtp_engine engine;
    struct gtp_reply *reply;
};

static void open_session(struct session *s, const struct gtp_params *params) {
    s->params = *params;
    s->evaluator = rollouts();
    s->reply = calloc(1, sizeof *s->reply);
    EXPECT_INT(gtp_engine_init(&s->engine, &s->params, s->evaluator), STATUS_OK);
}

static void close_session(struct session *s) {
    gtp_engine_done(&s->engine);
    evaluator_free(s->evaluator);
    free(s->reply);
}

// The answer to one command.
static const char *ask(struct session *s, const char *command) {
    char text[200];
    struct gtp_line line;
    snprintf(text, sizeof text, "%s", command);
    gtp_parse_line(text, &line);
    gtp_answer(&s->engine, &line, s->reply);
    EXPECT_(!s->reply->failed, "%s: %s", command, s->reply->text);
    return s->reply->text;
}

static void play(struct session *s, const char *color, const char *vertices) {
    char list[200], command[64], *rest = NULL;
    snprintf(list, sizeof list, "%s", vertices);
    for (char *v = strtok_r(list, " ", &rest); v; v = strtok_r(NULL, " ", &rest)) {
        snprintf(command, sizeof command, "play %s %s", color, v);
        ask(s, command);
    }
}

static int count_stones(const struct session *s, int side) {
    struct area_board board;
    int n = 0;
    gtp_engine_board(&s->engine, &board);
    for (int p = 0; p < board.height * board.width; p++) n += board.point[p] == side;
    return n;
}

// White owns every point, and Black has one stone inside, which is dead. As the board stands Black
// wins by a point; once the stone is off, White wins by 3.
static void set_up_dead_stone(struct session *s) {
    ask(s, "boardsize 5");
    ask(s, "komi -22");
    play(s, "b", "E2");
    play(s, "w", "B5 D5 A4 B4 C4 D4 E4 A3 B3 C3 D3 E3 A2 B2 C2 A1 B1 C1 D1");
    ask(s, "play b pass");
}

static void settled_is_no_reason_to_pass_where_dead_stones_count(void) {
    for (int how = 0; how < 3; how++) { // by the rules, by the option, by the command
        struct session s;
        struct gtp_params params = small_params();
        params.rules = how ? "chinese" : "tromp-taylor";
        params.cleans_up = how == 1;
        open_session(&s, &params);
        set_up_dead_stone(&s);
        const char *command = how == 2 ? "kgs-genmove_cleanup w" : "genmove w";
        EXPECT_TEXT(ask(&s, command), "D2");
        ask(&s, "play b pass");
        EXPECT_TEXT(ask(&s, command), "E1");
        EXPECT_INT(count_stones(&s, 1), 0);
        ask(&s, "play b pass");
        EXPECT_TEXT(ask(&s, command), "pass");
        EXPECT_TEXT(ask(&s, "final_score"), "W+3.0");
        close_session(&s);
    }
    // Where dead stones are taken off by agreement, it may pass.
    struct session s;
    const struct gtp_params params = small_params();
    open_session(&s, &params);
    set_up_dead_stone(&s);
    EXPECT_TEXT(ask(&s, "genmove w"), "pass");
    EXPECT_TEXT(ask(&s, "final_score"), "W+3.0");
    EXPECT_TEXT(ask(&s, "final_status_list dead"), "E2");
    close_session(&s);
}

// By the rules of Tromp and Taylor no stone that stands is dead.
static void what_stands_counts(void) {
    struct session s;
    struct gtp_params params = small_params();
    params.rules = "tromp-taylor";
    open_session(&s, &params);
    set_up_dead_stone(&s);
    ask(&s, "play w pass");
    EXPECT_TEXT(ask(&s, "final_score"), "B+1.0");
    EXPECT_TEXT(ask(&s, "final_status_list dead"), "");
    close_session(&s);
}

// Thinks that the two columns on the left are Black's and the rest is White's, that Black wins, and
// that it is time to pass.
static void judge_walls(struct evaluator *self, int n, const struct position *p, struct judgement *j) {
    for (int i = 0; i < n; i++) {
        const struct game *game = p[i].game;
        const bool is_black = game_to_move(game, p[i].state) == 0;
        for (int a = 0; a < game->num_actions; a++) j[i].logits[a] = a == game->pass_action ? 3 : 0;
        j[i].wdl[0] = is_black ? 0.9f : 0.1f;
        j[i].wdl[1] = 0;
        j[i].wdl[2] = 1 - j[i].wdl[0];
        j[i].score = is_black ? 5 : -5;
        for (int q = 0; j[i].ownership && q < game->height * game->width; q++)
            j[i].ownership[q] = (q % game->width < 2) == is_black ? 0.9f : -0.9f;
    }
}

// The walls have no two eyes, so that nothing is settled: the net's opinion decides.
static void stones_that_are_dead_by_opinion_are_captured(void) {
    struct session s;
    struct evaluator walls = {.name = "walls", .max_batch = 64, .judge = judge_walls};
    const struct gtp_params params = small_params();
    open_session(&s, &params);
    s.engine.evaluator = &walls;
    ask(&s, "komi 0");
    play(&s, "b", "B1 B2 B3 B4 B5");
    play(&s, "w", "C1 C2 C3 C4 C5 A3");
    EXPECT_TEXT(ask(&s, "final_status_list dead"), "A3");
    EXPECT_INT(count_stones(&s, -1), 6);
    // It plays moves on the liberties alone, and one that is asked for the whole game would pass.
    for (int i = 0; i < 2; i++) {
        uint16_t until[2 * GAME_MAX_ACTIONS];
        gtp_engine_derive(&s.engine, 0);
        EXPECT(gtp_cleanup_moves(&s.engine, until));
        int num_left = 0;
        for (int a = 0; a < s.engine.game.num_actions; a++) {
            const bool is_liberty = s.engine.game.width * 1 == a || s.engine.game.width * 3 == a; // A4 and A2
            if (game_is_legal(&s.engine.game, s.engine.state, a)) EXPECT_INT(until[a], !is_liberty);
            num_left += is_liberty && !until[a];
        }
        EXPECT(num_left > 0);
        ask(&s, i ? "play b A2" : "play b A4");
        ask(&s, "play w pass");
    }
    EXPECT_INT(count_stones(&s, -1), 5);
    EXPECT_TEXT(ask(&s, "final_status_list dead"), "");
    int moves = 0;
    while (moves < 30 && strcmp(ask(&s, "kgs-genmove_cleanup b"), "pass")) moves++, ask(&s, "play w pass");
    EXPECT_(moves < 30, "%d moves and no pass", moves);
    close_session(&s);
}

// Plays random moves until the position is settled.
static bool reach_settled(struct session *s, struct rng *rng) {
    struct gtp_engine *e = &s->engine;
    gtp_engine_clear(e);
    for (int ply = 0; ply < 80; ply++) {
        uint16_t legal[GAME_MAX_ACTIONS];
        const int color = ply % 2, n = game_legal(&e->game, e->state, legal);
        if (game_certain(&e->game, e->state) != OUTCOME_NONE) return true;
        int action = e->game.type->playout_move(&e->game, e->state, rng);
        if (action == e->game.pass_action && n > 1) action = legal[rng_below(rng, (uint32_t)n - 1)];
        if (!gtp_engine_play(e, color, action)) return false;
    }
    return false;
}

// Captures for one side until there are none, while the other side passes or plays at random.
// Returns the number of moves, or -1 if there is no end.
static int clean(struct session *s, int cleaner, struct rng *rng, bool other_plays) {
    struct gtp_engine *e = &s->engine;
    for (int move = 0; move < 60; move++) {
        gtp_engine_derive(e, cleaner);
        const int action = gtp_cleanup_capture(e);
        if (action == GAME_NO_ACTION) return move;
        EXPECT(gtp_engine_play(e, cleaner, action));
        uint16_t legal[GAME_MAX_ACTIONS];
        const int n = game_legal(&e->game, e->state, legal), reply = legal[rng_below(rng, (uint32_t)n)];
        if (other_plays && reply != e->game.pass_action) gtp_engine_play(e, 1 - cleaner, reply);
    }
    return -1;
}

// In settled positions no stone that was pass-alive is lost by captures, whatever the other side
// plays. If it passes, nearly all dead stones are captured. (Where a capture would give up an eye
// for a moment, a search has to say so.)
static void captures_cost_no_life(void) {
    struct session s;
    struct rng rng;
    struct gtp_params params = small_params();
    params.rules = "chinese+ko=simple"; // superko may forbid a capture for a while
    open_session(&s, &params);
    struct gtp_engine *e = &s.engine;
    rng_init(&rng, 5, 5);
    int positions = 0, captures = 0, passed = 0, unclean = 0;
    for (int game = 0; game < test_rounds(3000); game++) {
        if (!reach_settled(&s, &rng)) continue;
        int8_t owner[25];
        struct area_board board, before;
        const int cleaner = game % 2, side = cleaner ? -1 : 1;
        const bool other_plays = game / 2 % 2;
        e->game.type->ownership(&e->game, e->state, owner);
        gtp_engine_board(e, &before);
        positions++;
        const int moves = clean(&s, cleaner, &rng, other_plays);
        EXPECT_(moves >= 0, "game %d: there is no end", game);
        captures += moves;
        gtp_engine_board(e, &board);
        bool is_clean = true;
        for (int p = 0; p < 25; p++) {
            const bool was_safe = owner[p] == side && before.point[p] == side,
                       is_dead = owner[p] == side && board.point[p] == -side;
            EXPECT_(!was_safe || board.point[p] == side, "game %d: the stone at %d is lost", game, p);
            is_clean &= !is_dead;
        }
        passed += !other_plays;
        unclean += !other_plays && !is_clean;
    }
    EXPECT_(20 * unclean < passed, "%d of %d positions keep dead stones", unclean, passed);
    EXPECT_(positions > 100 && captures > 100, "%d positions, %d captures", positions, captures);
    close_session(&s);
}

// The engine as a whole captures all of them, and then passes.
static void the_engine_leaves_no_dead_stone(void) {
    struct session s;
    struct rng rng;
    struct gtp_params params = small_params();
    params.rules = "tromp-taylor";
    params.cleans_up = true;
    open_session(&s, &params);
    struct gtp_engine *e = &s.engine;
    rng_init(&rng, 6, 6);
    int positions = 0, left = 0;
    for (int game = 0; game < test_rounds(400); game++) {
        if (!reach_settled(&s, &rng)) continue;
        int8_t owner[25];
        struct area_board board;
        float winrate;
        const int cleaner = game % 2, side = cleaner ? -1 : 1;
        e->game.type->ownership(&e->game, e->state, owner);
        positions++;
        for (int move = 0; move < 40; move++) {
            const int action = gtp_engine_think(e, cleaner, &winrate);
            if (action < 0 || action == e->game.pass_action) break;
            gtp_engine_play_own(e, cleaner, action, winrate);
            EXPECT(gtp_engine_play(e, 1 - cleaner, e->game.pass_action));
        }
        gtp_engine_board(e, &board);
        bool is_clean = true;
        for (int p = 0; p < 25; p++) is_clean &= !(owner[p] == side && board.point[p] == -side);
        left += !is_clean;
    }
    EXPECT_(positions > 10 && 20 * left <= positions, "%d of %d positions keep dead stones", left, positions);
    close_session(&s);
}

int main(void) {
    settled_is_no_reason_to_pass_where_dead_stones_count();
    what_stands_counts();
    stones_that_are_dead_by_opinion_are_captured();
    captures_cost_no_life();
    the_engine_leaves_no_dead_stone();
    return TEST_END();
}
