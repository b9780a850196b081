// tengen match: plays paired games between two players, and prints the result with its interval.
#include "arena/by_area.h"
#include "arena/match.h"
#include "arena/openings.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/command.h"
#include "cli/game_options.h"
#include "cli/job.h"
#include "cli/json.h"
#include "cli/machine.h"
#include "net/learned.h"
#include "selfplay/team.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct settings {
    struct game_settings game;
    int games, visits, threads, lanes, batch, openings;
    double opening_band, elo0, elo1;
    long long seed;
    const char *sgf, *backend, *side;
    bool json, quiet, sprt;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"games", OPTION_INT, FIELD(games), "100", 1, 1e7, "games", NULL,
     "how many to play; an odd number is rounded up, since each opening is played with both colours"},
    GAME_OPTION_ROWS(struct settings, game),
    {"visits", OPTION_INT, FIELD(visits), "100", 0, 1e8, "simulations", NULL,
     "how many a model without @visits= makes for each move; 0: the raw net"},
    {"side", OPTION_CHOICE, FIELD(side), "both", 0, 0, "", "both|first|second",
     "which side the first PLAYER has: both in turn, or always the same"},
    {"openings", OPTION_INT, FIELD(openings), "-1", -1, OPENING_MAX_PLIES, "plies", NULL,
     "how many random plies begin each pair of games; -1: by the size of the board"},
    {"opening-band", OPTION_REAL, FIELD(opening_band), "0", 0, 2, "", NULL,
     "take only openings whose expectation is this near to that of the start; 0: take any"},
    {"sgf", OPTION_TEXT, FIELD(sgf), NULL, 0, 0, "", NULL, "a folder to write the games to as SGF"},
    {"sprt", OPTION_FLAG, FIELD(sprt), "false", 0, 0, "", NULL,
     "stop as soon as a sequential test of --elo1 against --elo0 has decided, with 5 % errors"},
    {"elo0", OPTION_REAL, FIELD(elo0), "0", -1000, 1000, "Elo", NULL, "with --sprt: the difference to refuse"},
    {"elo1", OPTION_REAL, FIELD(elo1), "30", -1000, 1000, "Elo", NULL, "with --sprt: the difference to accept"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where nets run: ref, cpu, cuda or auto"},
    {"threads", OPTION_INT, FIELD(threads), "0", 0, 1024, "threads", NULL, "how many threads play; 0: one for each processor"},
    {"lanes", OPTION_INT, FIELD(lanes), "0", 0, 4096, "games", NULL,
     "how many each thread plays at once; 0: chosen by the kind of players"},
    {"batch", OPTION_INT, FIELD(batch), "1", 1, 1024, "leaves", NULL, "how many of one game are judged at once"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 0, 9e15, "", NULL, "seed of all random numbers"},
    {"quiet", OPTION_FLAG, FIELD(quiet), "false", 0, 0, "", NULL, "print the result only"},
    {"json", OPTION_FLAG, FIELD(json), "false", 0, 0, "", NULL, "print one JSON object for each game, then one for the result"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

struct reporting {
    const struct settings *settings;
    const struct game *game;
    char forfeit[320]; // why the last game that was forfeited was
};

static const char *outcome_text(enum outcome outcome) {
    return outcome == OUTCOME_FIRST ? "b" : outcome == OUTCOME_SECOND ? "w" : outcome == OUTCOME_DRAW ? "draw" : NULL;
}

static void report_game(void *context, const struct match_game *game) {
    struct reporting *reporting = context;
    const struct game *rules = reporting->game;
    if (game->reason && strcmp(game->reason, "resign") != 0)
        snprintf(reporting->forfeit, sizeof reporting->forfeit, "%s", game->reason);
    if (reporting->settings->quiet) return;
    if (!reporting->settings->json) {
        const char *winner = game->outcome == OUTCOME_FIRST    ? game->black
                             : game->outcome == OUTCOME_SECOND ? game->white
                                                               : "draw";
        char margin[32] = "";
        if (isfinite(game->score)) snprintf(margin, sizeof margin, " by %g", fabs(game->score));
        text_print(stderr, "game %d: %s (b) - %s (w): %s%s, %d plies%s%s\n", game->index + 1, game->black, game->white, winner,
                   game->outcome == OUTCOME_DRAW ? "" : margin, game->plies, game->reason ? ", " : "",
                   game->reason ? game->reason : "");
        return;
    }
    cJSON *line = cJSON_CreateObject();
    json_number(line, "game", game->index + 1);
    json_text(line, "black", game->black);
    json_text(line, "white", game->white);
    json_text(line, "result", outcome_text(game->outcome));
    json_number(line, "score", game->score);
    json_number(line, "plies", game->plies);
    json_text(line, "reason", game->reason);
    json_number(line, "seconds", game->seconds);
    cJSON *moves = cJSON_AddArrayToObject(line, "moves");
    for (int i = 0; i < game->plies; i++) {
        char text[GAME_TEXT_BYTES];
        rules->type->action_text(rules, game->actions[i], text);
        cJSON_AddItemToArray(moves, cJSON_CreateString(text));
    }
    json_line(line);
}

static double first_player_score(const struct match_result *r) {
    return r->games ? (r->first_wins + 0.5 * r->first_draws) / r->games : NAN;
}

static void print_json(const struct match_result *r, const char *a, const char *b, const struct game *game,
                       const struct settings *s, const char *warning) {
    cJSON *line = cJSON_CreateObject();
    char size[16];
    json_number(line, "games", r->games);
    json_text(line, "a", a);
    json_text(line, "b", b);
    json_number(line, "wins", r->wins);
    json_number(line, "draws", r->draws);
    json_number(line, "losses", r->losses);
    json_number(line, "score", r->score);
    json_number(line, "score_low", r->score_low);
    json_number(line, "score_high", r->score_high);
    json_number(line, "elo", r->elo);
    json_number(line, "elo_low", r->elo_low);
    json_number(line, "elo_high", r->elo_high);
    json_number(line, "first_player_score", first_player_score(r));
    json_number(line, "distinct", r->distinct);
    json_number(line, "forfeits_a", r->forfeits_a);
    json_number(line, "forfeits_b", r->forfeits_b);
    json_number(line, "disputes", r->disputes);
    json_text(line, "board", game->type->name);
    json_text(line, "size", game_size_text(game, size));
    json_number(line, "komi", game->komi);
    json_text(line, "rules", game->rules);
    if (*warning) json_text(line, "warning", warning);
    if (s->sprt) {
        json_number(line, "sprt", r->sprt);
        json_number(line, "sprt_llr", r->sprt_llr);
    }
    json_line(line);
}

static void print_estimates(const struct match_result *r) {
    printf("  score     %.1f %%, 95 %% interval %.1f .. %.1f %%\n", 100 * r->score, 100 * r->score_low, 100 * r->score_high);
    printf("  Elo       %+.0f, 95 %% interval %+.0f .. %+.0f\n", r->elo, r->elo_low, r->elo_high);
    printf("  first     %.1f %% for the side that moves first\n", 100 * first_player_score(r));
}

// The player that lost every game by breaking; NULL: there is none. With such a player nothing was
// measured, and there is no score.
static const struct player *absent_of(const struct match_result *r, const struct player *a, const struct player *b) {
    return !r->games ? NULL : r->forfeits_a == r->games ? a : r->forfeits_b == r->games ? b : NULL;
}

static void print_plain(const struct match_result *r, const char *a, const char *b, const struct game *game,
                        const struct settings *s) {
    char size[16];
    text_print(stdout, "%s against %s on %s %s, komi %g\n", a, b, game->type->name, game_size_text(game, size), game->komi);
    printf("  games     %d (%d distinct): %d won, %d drawn, %d lost\n", r->games, r->distinct, r->wins, r->draws, r->losses);
    if (!isnan(r->score)) print_estimates(r);
    if (r->forfeits_a || r->forfeits_b || r->disputes)
        text_print(stdout, "  forfeits  %d of %s, %d of %s; %d results disputed\n", r->forfeits_a, a, r->forfeits_b, b,
                   r->disputes);
    if (s->sprt)
        printf("  SPRT      %s (log-likelihood ratio %.2f)\n",
               r->sprt > 0   ? "accepted"
               : r->sprt < 0 ? "refused"
                             : "undecided",
               r->sprt_llr);
}

// Says on stderr what a net has not learned of the game, and adds it to the warning of the result.
static void warn_unlearned(const struct player *player, const struct player *other, const struct game *game, char *warning,
                           size_t bytes) {
    char text[NET_UNLEARNED_BYTES];
    struct game played;
    const struct net *net = player_net(player);
    const char *unlearned = net ? net_unlearned(&net->meta, game, text) : NULL;
    if (!unlearned) return;
    const bool by_area = player_is_program(other) && by_area_game(net, game, &played);
    net_warn_unlearned(player_name(player), unlearned, by_area ? BY_AREA_WORDS : NULL);
    snprintf(warning + strlen(warning), bytes - strlen(warning), "%s%s: %s", *warning ? "; " : "", player_name(player),
             unlearned);
}

static enum status play(const struct settings *s, const struct player *a, const struct player *b, struct cluster *cluster) {
    struct game game;
    const struct player *model = player_net(a) ? a : b;
    struct run_game run = {0};
    if (player_net_path(model)) TRY(run_game_read(&run, player_net_path(model), player_net(model)));
    const struct game_settings settings = game_settings_over(&s->game, &run.settings);
    TRY(game_from_settings(&game, &settings, player_net(model)));
    TRY(player_check_game(a, &game));
    TRY(player_check_game(b, &game));
    const struct player *const both[] = {a, b};
    char warning[2 * NET_UNLEARNED_BYTES] = "";
    const bool is_leader = cluster_rank(cluster) == 0;
    for (int i = 0; i < 2 && is_leader; i++) warn_unlearned(both[i], both[1 - i], &game, warning, sizeof warning);
    if (s->sprt && s->elo1 <= s->elo0) return status_fail(STATUS_USAGE, "--elo1 must be above --elo0");
    struct reporting reporting = {.settings = s, .game = &game};
    const struct match_params params = {.game = &game,
                                        .a_side = !strcmp(s->side, "first")    ? 1
                                                  : !strcmp(s->side, "second") ? 2
                                                                               : 0,
                                        .games = s->games,
                                        .threads = s->threads > 0 ? s->threads : job_processors(cluster),
                                        .lanes = s->lanes,
                                        .opening_plies = s->openings < 0 ? opening_default_plies(&game) : s->openings,
                                        .opening_band = s->opening_band,
                                        .seed = (uint64_t)s->seed,
                                        .max_batch = s->batch,
                                        .sgf_dir = s->sgf,
                                        .sprt = s->sprt,
                                        .sprt_elo0 = s->elo0,
                                        .sprt_elo1 = s->elo1,
                                        .sprt_alpha = 0.05,
                                        .sprt_beta = 0.05,
                                        .stop = cluster_stop(cluster),
                                        .clock = machine_clock(),
                                        .on_game = is_leader ? report_game : NULL,
                                        .context = &reporting,
                                        .part = cluster_rank(cluster),
                                        .parts = cluster_size(cluster) > 1 ? cluster_size(cluster) : 0,
                                        .exchange = team_exchange_bytes,
                                        .exchange_context = cluster};
    struct match_result result = {0};
    const enum status status = match_run(&params, a, b, &result);
    if ((status && status != STATUS_CANCELLED) || !is_leader) return status;
    // A program that never played points to a mistake in its command line, and is no result.
    const struct player *absent = absent_of(&result, a, b);
    // Nothing is known, also if it was stopped before the first pair ended.
    if (!result.games || absent)
        result.score = result.score_low = result.score_high = result.elo = result.elo_low = result.elo_high = NAN;
    if (s->json)
        print_json(&result, player_name(a), player_name(b), &game, s, warning);
    else
        print_plain(&result, player_name(a), player_name(b), &game, s);
    if (absent) return status_fail(STATUS_IO, "match: %s forfeited every game: %s", player_name(absent), reporting.forfeit);
    return status;
}

// Ranks that play other matches must not count together.
static enum status expect_same(const struct settings *s, const struct words *words, struct cluster *cluster) {
    if (cluster_size(cluster) == 1) return STATUS_OK;
    struct settings shared = *s;
    char *text;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);
    if (!file) return status_fail(STATUS_MEMORY, "match: no memory for the settings as text");
    shared.threads = shared.lanes = 0;
    fprintf(file, "program %s\n%s\n%s\n", version_program(), words->at[0], words->at[1]);
    options_print(table, &shared, file);
    fclose(file);
    const enum status status = team_expect_same(cluster, text, "another match");
    free(text);
    return status;
}

static enum status open_and_play(const struct settings *s, const struct words *words, struct cluster *cluster) {
    const struct player_options options = {.visits = s->visits ? s->visits : PLAYER_RAW, .backend = s->backend};
    struct player *a = NULL, *b = NULL;
    enum status status = expect_same(s, words, cluster);
    if (status == STATUS_OK) status = player_open(&a, words->at[0], &options);
    if (status == STATUS_OK) status = player_open(&b, words->at[1], &options);
    if (status == STATUS_OK) status = play(s, a, b, cluster);
    player_free(a);
    player_free(b);
    return status;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    struct cluster *cluster;
    bool done;
    TRY(job_open(&cluster));
    enum status status = job_parse(cluster, self, table, &s, argc, argv, 2, 2, &words, &done);
    if (status == STATUS_OK && !done) status = open_and_play(&s, &words, cluster);
    const bool is_leader = cluster_rank(cluster) == 0;
    job_close(cluster, status);
    return status == STATUS_CANCELLED && !is_leader ? STATUS_OK : status; // Rank 0 says that it was stopped.
}

const struct command command_match = {
    "match", "PLAYER PLAYER", "Plays paired games, colours swapped, and estimates the difference in strength",
    "A PLAYER is a MODEL (a .safetensors file or a run folder), random, uct:ROLLOUTS, solver, or gtp:COMMAND LINE,\n"
    "with options after '@', as in runs/go7@visits=200,temperature=0. A net has the options\n"
    "  visits=N             visits for each move; 0: the raw policy\n"
    "  temperature=T        temperature of the choice among visited moves, in the first temperature_plies=N plies\n"
    "  score=X              share, 0..1, of the expected score in what the search wants, beside winning\n"
    "  lcb=S                play the move with the largest value less S standard errors; 0: the most visited move\n"
    "  prove=0              don't let finished positions decide what leads to them\n"
    "  average_root         judge the root through every symmetry and take the mean\n"
    "  symmetry             judge each leaf through a random symmetry\n"
    "  gumbel               Gumbel search instead of PUCT, with candidates=N moves at the root\n"
    "  c_puct=X, fpu=X      PUCT: how much it explores, and how much less than its parent an unvisited move is worth\n"
    "  batch=N, backend=B   leaves in a batch, and where the net runs\n"
    "uct has temperature, temperature_plies, gumbel, candidates, c_puct, fpu and average_root of these. A program has\n"
    "timeout=S, the seconds that one answer may take (60). Every player has name=TEXT.\n"
    "A program must be told to speak GTP, as in gtp:gnugo --mode gtp --level 10 --chinese-rules, and plays Go only.\n"
    "If a player breaks in every game, there is no score. Under mpirun or srun the games are dealt out over all ranks, each\n"
    "of which needs the files of the players (docs/cluster.md).\n"
    "solver plays exactly. It knows tic-tac-toe, Connect Four up to 42 points (where its first replies take minutes), Hex up\n"
    "to 5x5, Othello on 4x4, and Go up to nine points with area scoring and positional superko.\n" GAMES_HELP,
    run};
