// tengen eval: shows what the raw net or a search thinks of a position, and what the exact solver
// says.
#include "base/memory.h"
#include "cli/command.h"
#include "cli/eval_solver.h"
#include "cli/json.h"
#include "cli/position.h"
#include "gtp/report.h"
#include "mcts/search.h"
#include "net/learned.h"
#include "net/model_path.h"
#include "net/play_evaluator.h"

#include <math.h>
#include <stdlib.h>

enum {
    EVAL_BATCH = 8, // leaves in a batch; chosen, not tuned
    EVAL_LINE = 10, // the most moves of a line that is shown
};

struct settings {
    struct game_settings game;
    const char *sgf, *moves, *backend, *plies;
    int move, visits, positions;
    long long seed;
    bool solver, list, json;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"sgf", OPTION_TEXT, FIELD(sgf), NULL, 0, 0, "", NULL,
     "the record of a game to look into; if not given, the position is the start of a game"},
    {"move", OPTION_INT, FIELD(move), "-1", -1, 10000, "moves", NULL, "how many moves of the record to play first; -1: all"},
    {"moves", OPTION_TEXT, FIELD(moves), NULL, 0, 0, "", NULL,
     "further moves to play first, after those of the record, such as \"4 4 3\" or \"c2,b3\""},
    {"visits", OPTION_INT, FIELD(visits), "0", 0, 1e8, "simulations", NULL, "how many the search makes; 0: the raw net"},
    {"solver", OPTION_FLAG, FIELD(solver), "false", 0, 0, "", NULL,
     "show also the exact value of the position and of each move"},
    {"positions", OPTION_INT, FIELD(positions), NULL, 1, 1e6, "positions", NULL,
     "with --solver: draw this many at random, and count the player's moves that are worse than the solver's"},
    {"list", OPTION_FLAG, FIELD(list), "false", 0, 0, "", NULL,
     "with --positions: list the moves with a worse result on standard error, in the form that --moves takes"},
    {"plies", OPTION_TEXT, FIELD(plies), NULL, 0, 0, "plies", NULL,
     "with --positions: how far from the start they are; if not given, 8-20, or all of a shorter game"},
    GAME_OPTION_ROWS(struct settings, game),
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where the net runs: ref, cpu, cuda or auto"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 0, 9e15, "", NULL, "seed of all random numbers"},
    {"json", OPTION_FLAG, FIELD(json), "false", 0, 0, "", NULL, "print one JSON object"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

// What is thought of the position.
struct opinion {
    const struct game *game;
    const void *state;
    int num_legal;
    uint16_t *legal;  // [num_legal]
    float *policy;    // [num_actions]
    float *ownership; // [height * width], from +1 for Black to -1 for White
    // The mover's.
    double win, draw, score;
    int best;
    long long visits;
    struct report report; // of the search; without one it has no moves
    // NULL: the solver was not asked.
    const struct exact_answer *exact;
    const char *warning; // what the net has not learned; NULL: nothing
};

static void softmax_legal(struct opinion *o, const float *logits) {
    float max = -INFINITY;
    double sum = 0;
    for (int i = 0; i < o->num_legal; i++) max = fmaxf(max, logits[o->legal[i]]);
    for (int i = 0; i < o->num_legal; i++) sum += o->policy[o->legal[i]] = expf(logits[o->legal[i]] - max);
    for (int i = 0; i < o->num_legal; i++) o->policy[o->legal[i]] = (float)(o->policy[o->legal[i]] / sum);
}

static void choose_best(struct opinion *o) {
    o->best = o->legal[0];
    for (int i = 1; i < o->num_legal; i++)
        if (o->policy[o->legal[i]] > o->policy[o->best]) o->best = o->legal[i];
}

static void judge_raw(struct opinion *o, struct evaluator *evaluator) {
    const struct game *game = o->game;
    float *logits = memory_new((size_t)game->num_actions, sizeof *logits, "an evaluation");
    const struct position position = {game, o->state, 0};
    struct judgement judgement = {.logits = logits, .ownership = game->has_ownership ? o->ownership : NULL};
    evaluator_judge(evaluator, 1, &position, &judgement);
    softmax_legal(o, logits);
    choose_best(o);
    o->win = judgement.wdl[0];
    o->draw = judgement.wdl[1];
    o->score = judgement.score;
    const float sign = game_to_move(game, o->state) ? -1 : 1;
    for (int i = 0; game->has_ownership && i < game->height * game->width; i++) o->ownership[i] *= sign;
    free(logits);
}

static enum status judge_by_search(struct opinion *o, struct evaluator *evaluator, const struct settings *s) {
    struct search_params params = search_params_default;
    params.max_leaves = EVAL_BATCH;
    params.average_root = true;
    struct search *search;
    TRY(search_new(&search, &params));
    struct rng rng;
    rng_init(&rng, (uint64_t)s->seed, 0);
    search_start(search, o->game, o->state, &rng);
    search_run(search, evaluator, s->visits, false, EVAL_BATCH);
    struct search_summary summary;
    search_summary(search, &summary);
    search_policy(search, o->policy);
    o->win = summary.wdl[0];
    o->draw = summary.wdl[1];
    o->score = summary.score;
    o->visits = summary.simulations;
    o->best = search_choose(search, 0, &rng);
    report_make(&o->report, o->game, search, &(struct report_options){.view = REPORT_MOVER, .max_line = EVAL_LINE});
    search_free(search);
    return STATUS_OK;
}

// A finished game needs no net, since its result is known.
static void judge_finished(struct opinion *o) {
    const struct game *game = o->game;
    const int side = game_to_move(game, o->state), result = outcome_for(game_outcome(game, o->state), side);
    o->best = GAME_NO_ACTION;
    o->win = result > 0;
    o->draw = result == 0;
    if (game->has_score) o->score = (side ? -1 : 1) * game_score(game, o->state);
    if (!game->has_ownership) return;
    int8_t owner[GAME_MAX_SIDE * GAME_MAX_SIDE];
    game->type->ownership(game, o->state, owner);
    for (int i = 0; i < game->height * game->width; i++) o->ownership[i] = owner[i];
}

// Six decimals are all that a float knows.
static double rounded(double x) { return round(x * 1e6) / 1e6; }

// The moves that the search visited, best first.
static void moves_json(const struct opinion *o, cJSON *object) {
    const struct game *game = o->game;
    cJSON *moves = cJSON_AddArrayToObject(object, "moves");
    char text[GAME_TEXT_BYTES];
    for (int i = 0; i < o->report.num_moves; i++) {
        const struct report_move *m = &o->report.moves[i];
        cJSON *move = cJSON_CreateObject();
        game->type->action_text(game, m->action, text);
        json_text(move, "move", text);
        json_number(move, "visits", m->visits);
        json_number(move, "winrate", rounded(m->winrate));
        json_number(move, "score", rounded(m->score));
        json_number(move, "prior", rounded(m->prior));
        json_number(move, "lcb", rounded(m->lcb));
        cJSON *line = cJSON_AddArrayToObject(move, "line");
        for (int k = 0; k < m->line_length; k++) {
            game->type->action_text(game, m->line[k], text);
            cJSON_AddItemToArray(line, cJSON_CreateString(text));
        }
        cJSON_AddItemToArray(moves, move);
    }
}

static void print_json(const struct opinion *o) {
    const struct game *game = o->game;
    cJSON *line = cJSON_CreateObject();
    char text[GAME_TEXT_BYTES];
    json_text(line, "to_move", game_to_move(game, o->state) ? "w" : "b");
    json_number(line, "winrate", rounded(o->win));
    json_number(line, "draw", rounded(o->draw));
    json_number(line, "score", game->has_score ? rounded(o->score) : NAN);
    cJSON *policy = cJSON_AddObjectToObject(line, "policy");
    for (int i = 0; i < o->num_legal; i++) {
        game->type->action_text(game, o->legal[i], text);
        json_number(policy, text, rounded(o->policy[o->legal[i]]));
    }
    if (o->best != GAME_NO_ACTION) game->type->action_text(game, o->best, text);
    json_text(line, "best", o->best == GAME_NO_ACTION ? NULL : text);
    json_number(line, "visits", (double)o->visits);
    if (o->visits) moves_json(o, line);
    if (!game->has_ownership) {
        json_text(line, "ownership", NULL);
    } else {
        cJSON *rows = cJSON_AddArrayToObject(line, "ownership");
        for (int y = 0; y < game->height; y++) {
            cJSON *row = cJSON_CreateArray();
            for (int x = 0; x < game->width; x++)
                cJSON_AddItemToArray(row, cJSON_CreateNumber(round(o->ownership[y * game->width + x] * 1e4) / 1e4));
            cJSON_AddItemToArray(rows, row);
        }
    }
    json_number(line, "komi", game->komi);
    json_text(line, "rules", game->rules);
    if (o->warning) json_text(line, "warning", o->warning);
    if (o->exact) exact_answer_json(o->exact, game, line);
    json_line(line);
}

enum { SHOWN_MOVES = 10 };

// The likeliest moves.
static void print_likely(const struct opinion *o) {
    const struct game *game = o->game;
    char text[GAME_TEXT_BYTES];
    float *left = memory_raw((size_t)game->num_actions, sizeof *left, "an evaluation");
    for (int i = 0; i < game->num_actions; i++) left[i] = o->policy[i];
    for (int rank = 0; rank < SHOWN_MOVES && rank < o->num_legal; rank++) {
        int best = o->legal[0];
        for (int i = 1; i < o->num_legal; i++)
            if (left[o->legal[i]] > left[best]) best = o->legal[i];
        game->type->action_text(game, best, text);
        printf("  %-6s %5.1f %%%s\n", text, 100 * left[best], best == o->best ? "  best" : "");
        left[best] = -1;
    }
    free(left);
}

// What the search found of the best moves.
static void print_searched(const struct opinion *o) {
    const struct game *game = o->game;
    char text[GAME_TEXT_BYTES];
    printf("  move     visits   winrate  %s  prior  line\n", game->has_score ? " score " : "");
    for (int i = 0; i < SHOWN_MOVES && i < o->report.num_moves; i++) {
        const struct report_move *m = &o->report.moves[i];
        game->type->action_text(game, m->action, text);
        printf("  %-6s %8d   %5.1f %%  ", text, m->visits, 100 * m->winrate);
        if (game->has_score) printf(" %+6.1f ", m->score);
        printf("%4.1f %% ", 100 * m->prior);
        for (int k = 0; k < m->line_length; k++) {
            game->type->action_text(game, m->line[k], text);
            printf(" %s", text);
        }
        printf("\n");
    }
    if (o->report.num_moves > SHOWN_MOVES) printf("  and %d more\n", o->report.num_moves - SHOWN_MOVES);
}

static void print_plain(const struct opinion *o) {
    const struct game *game = o->game;
    char board[8192];
    game->type->print(game, o->state, board, sizeof board);
    printf("%s\n", board);
    printf("to move   %s\nwinrate   %.1f %%\ndraw      %.1f %%\n", game_to_move(game, o->state) ? "w" : "b", 100 * o->win,
           100 * o->draw);
    // Without the komi a score looks wrong: an empty board may be lost for Black by much.
    if (game->has_score) printf("score     %+.1f\n", o->score);
    if (game->has_score && game->has_komi) printf("komi      %g\n", game->komi);
    if (game->has_score && game->rules) printf("rules     %s\n", game->rules);
    if (!o->num_legal) printf("the game is over\n");
    printf("visits    %lld\n", o->visits);
    if (o->report.num_moves)
        print_searched(o);
    else
        print_likely(o);
    for (int y = 0; game->has_ownership && y < game->height; y++) {
        printf("%s", y ? "          " : "ownership ");
        for (int x = 0; x < game->width; x++) printf(" %+5.2f", o->ownership[y * game->width + x]);
        printf("\n");
    }
    if (o->exact) exact_answer_print(o->exact, game);
}

static enum status form_opinion(struct opinion *o, struct evaluator *evaluator, const struct settings *s) {
    o->num_legal = game_legal(o->game, o->state, o->legal);
    if (o->num_legal == 0) {
        judge_finished(o);
        return STATUS_OK;
    }
    judge_raw(o, evaluator); // the net's ownership is shown beside a search, too
    return s->visits > 0 ? judge_by_search(o, evaluator, s) : STATUS_OK;
}

static enum status evaluate(const struct settings *s, const struct game *game, const void *state, const struct net *net,
                            const char *path) {
    char text[NET_UNLEARNED_BYTES];
    struct opinion o = {.game = game, .state = state, .warning = net_unlearned(&net->meta, game, text)};
    struct exact_answer exact = {0};
    struct backend *backend = NULL;
    struct evaluator *evaluator = NULL;
    o.legal = memory_new((size_t)game->num_actions, sizeof *o.legal, "an evaluation");
    o.policy = memory_new((size_t)game->num_actions, sizeof *o.policy, "an evaluation");
    o.ownership = memory_new((size_t)(game->height * game->width), sizeof *o.ownership, "an evaluation");
    enum status status = backend_open(&backend, &(struct backend_spec){.name = s->backend});
    if (status == STATUS_OK) status = play_evaluator_new(&evaluator, net, backend, EVAL_BATCH);
    if (status == STATUS_OK && s->solver) status = exact_answer_init(&exact, game, state);
    if (s->solver) o.exact = &exact;
    if (status == STATUS_OK && o.warning) net_warn_unlearned(path, o.warning, NULL);
    if (status == STATUS_OK) status = form_opinion(&o, evaluator, s);
    if (status == STATUS_OK) (s->json ? print_json : print_plain)(&o);
    exact_answer_done(&exact);
    evaluator_free(evaluator);
    if (backend) backend_close(backend);
    report_done(&o.report);
    free(o.legal);
    free(o.policy);
    free(o.ownership);
    return status;
}

// Measures the moves of a player, which here may be any player and not only a net.
static enum status judge_moves(const struct settings *s, const char *player) {
    if (!s->solver) return status_fail(STATUS_USAGE, "--positions needs --solver: it compares moves with the exact solver's");
    if (s->sgf || s->moves) return status_fail(STATUS_USAGE, "--positions draws them at random: no --sgf, no --moves");
    const struct quality_settings settings = {.game = s->game,
                                              .player = player,
                                              .plies = s->plies,
                                              .backend = s->backend,
                                              .positions = s->positions,
                                              .visits = s->visits,
                                              .seed = s->seed,
                                              .list = s->list,
                                              .json = s->json};
    return quality_print(&settings);
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 1, 1, &words, &done));
    if (done) return STATUS_OK;
    if (s.move >= 0 && !s.sgf)
        return status_fail(STATUS_USAGE, "--move %d counts the moves of a record: say which, --sgf FILE", s.move);
    if (s.positions) return judge_moves(&s, words.at[0]);
    if (s.list) return status_fail(STATUS_USAGE, "--list names moves among --positions: say how many");
    if (s.plies) return status_fail(STATUS_USAGE, "--plies is the range of --positions: say how many");
    char path[PATH_BYTES];
    struct net *net;
    TRY(model_resolve(words.at[0], path));
    TRY(net_load(&net, path));
    struct game game;
    void *state = NULL;
    struct run_game trained;
    enum status status = run_game_read(&trained, path, net);
    if (status == STATUS_OK) status = position_make(&game, &state, &s.game, &trained.settings, net, s.sgf, s.move, s.moves);
    if (status == STATUS_OK) status = net_check_game(net, &game, path);
    if (status == STATUS_OK) status = evaluate(&s, &game, state, net, path);
    free(state);
    net_free(net);
    return status;
}

const struct command command_eval = {
    "eval", "MODEL", "Shows what the raw net or a search thinks of a position, and what the exact solver says",
    "Winrate, draw and score are the mover's. With --visits each move that was visited has its own, the net's probability\n"
    "(prior) and the line that is expected to follow; its winrate counts draws half, and the first one is the best.\n"
    " Ownership goes from +1 for Black to -1 for White, in rows from the top.\n"
    "--solver knows tic-tac-toe, Connect Four up to 42 points, Hex up to 5x5, Othello on 4x4 and in endings, and Go up to\n"
    "nine points with area scoring and positional superko. Its values are the mover's: the game's score, or where there is\n"
    "none, above 0 for a win. In Connect Four they are the stones that the winner has left, so a sooner win is more.\n"
    "--solver --positions N counts how many moves of MODEL are worse than the best one in N random positions. MODEL may then\n"
    "be any PLAYER of match. A \"worse result\" gives a win or a draw away; a \"worse score\" is that, or a later win, a\n"
    "sooner loss, or fewer discs.\n",
    run};
