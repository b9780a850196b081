// What the games are like: who wins, at which komi, how they end, whether anybody passes won games
// away or goes round in circles, and whether searches promise what results keep.
//
// The bounds of the verdicts were chosen by looking at sound runs, and are far outside them. A number
// that is worth a look in one game may be right in another: a good player of Connect Four wins nearly
// every game that it begins.
#include "exam/audit_parts.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEAST_GAMES = 50,   // below that a share says nothing
    LEAST_SURE = 200,   // sure values, for a verdict on all games
    LEAST_IN_CHUNK = 40 // sure values, for one on a chunk
};
// A value this far from 0 is sure. All of these were chosen.
static const double sure = 0.5, fair_komi = 0.75;

enum ending { END_RULES, END_PASSES, END_SETTLED, END_CUT, NUM_ENDINGS };

struct audit_games {
    struct audited *run;
    long long num_games, endings[NUM_ENDINGS], plies;
    // At about the fair komi, or in games without one: games, and points of the first player.
    long long fair_games;
    double fair_points;
    // Komi beside that of the run, on boards of its size: the sums of it and of its square.
    long long num_komi;
    double komi_sum, komi_squares;
    long long cycling, passed_away, passed_ends, refused;
    // Search values: sure ones and how many of them were right, over all games and in the last chunk.
    long long num_sure, num_right, chunk_sure, chunk_right, num_values;
    double bias; // the sum of result less value, for the first player
    struct audit_blame wrong_in;
    // Of the game that is walked through.
    uint64_t *boards; // [max_boards]
    int num_boards, max_boards;
    bool sure_pass[2]; // a side passed by choice although it was sure to win, and nobody has played since
    bool is_cycling;
};

struct audit_games *audit_games_new(struct audited *run) {
    struct audit_games *part = memory_new(1, sizeof *part, "an audit");
    part->run = run;
    part->max_boards = 1024;
    part->boards = memory_raw((size_t)part->max_boards, sizeof *part->boards, "an audit");
    return part;
}

void audit_games_free(struct audit_games *part) {
    if (!part) return;
    free(part->boards);
    free(part);
}

// Whether this board was there before in the game. Passes leave it as it is and don't count.
static void note_board(struct audit_games *part, const struct audit_at *at) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    const int last = at->ply ? at->record->plies[at->ply - 1].action : GAME_NO_ACTION;
    if (at->ply == 0) {
        part->num_boards = 0;
        part->is_cycling = false;
    }
    if (at->ply && last == at->game->pass_action) return;
    game_stones(at->game, at->state, stones);
    uint64_t key = 1;
    for (int i = 0; i < at->game->height * at->game->width; i++)
        if (stones[i]) key ^= rng_mix((uint64_t)i * 4 + (uint64_t)(stones[i] + 2));
    // A board that comes again does so soon or never; games are short enough to look at all of them.
    for (int i = 0; i < part->num_boards && !part->is_cycling; i++) part->is_cycling = part->boards[i] == key;
    if (part->num_boards == part->max_boards) {
        part->max_boards *= 2;
        part->boards = memory_resize(part->boards, (size_t)part->max_boards, sizeof *part->boards, "an audit");
    }
    part->boards[part->num_boards++] = key;
}

static void note_value(struct audit_games *part, const struct record *record, const struct record_ply *ply) {
    const double value = ((double)ply->win - (double)ply->loss) / RECORD_PROB_ONE;
    const int result = outcome_for(record->outcome, ply->mover);
    part->num_values++;
    part->bias += ply->mover ? value - result : result - value;
    if (fabs(value) < sure) return;
    const bool is_right = value > 0 ? result > 0 : result < 0;
    part->num_sure++;
    part->chunk_sure++;
    part->num_right += is_right;
    part->chunk_right += is_right;
}

void audit_games_position(struct audit_games *part, const struct audit_at *at) {
    const struct record_ply *ply = &at->record->plies[at->ply];
    note_board(part, at);
    if (at->ply == 0) part->sure_pass[0] = part->sure_pass[1] = false;
    const bool passes = at->game->pass_action != GAME_NO_ACTION && ply->action == at->game->pass_action;
    if (!passes) part->sure_pass[0] = part->sure_pass[1] = false;
    if (ply->kind == PLY_FREE) return;
    note_value(part, at->record, ply);
    if (passes && at->num_legal > 1)
        part->sure_pass[ply->mover] = (double)ply->win - (double)ply->loss > sure * RECORD_PROB_ONE;
}

static enum ending find_ending(const struct audit_at *at) {
    const struct record *record = at->record;
    const int n = record->num_plies, pass = at->game->pass_action;
    if (game_outcome(at->game, at->state) == OUTCOME_NONE) return END_SETTLED;
    if (pass != GAME_NO_ACTION && n >= 2 && record->plies[n - 1].action == pass && record->plies[n - 2].action == pass)
        return END_PASSES;
    struct game uncut;
    const struct game_options options = {
        .height = record->height, .width = record->width, .komi = record->komi, .rules = record->rules};
    CHECK(game_open(&uncut, record->game, &options) == STATUS_OK);
    return n >= record->max_plies && record->max_plies < uncut.max_plies ? END_CUT : END_RULES;
}

// Whether the game was begun with a net between a checkpoint that its gate refused and the next.
static bool is_of_refused(const struct audited *run, const struct record *record) {
    long long step = -1;
    for (int i = 0; i < run->num_checkpoints && run->checkpoints[i].step <= record->net_step; i++)
        step = run->checkpoints[i].step;
    for (int i = 0; i < run->num_gates; i++)
        if (run->gates[i].step == step) return !run->gates[i].is_passed;
    return false;
}

void audit_games_game(struct audit_games *part, const struct audit_at *at) {
    const struct record *record = at->record;
    const struct audited *run = part->run;
    const enum ending ending = find_ending(at);
    const bool is_own_size = record->height == run->game.height && record->width == run->game.width;
    note_board(part, at);
    part->num_games++;
    part->plies += record->num_plies;
    part->endings[ending]++;
    part->cycling += part->is_cycling;
    part->refused += is_of_refused(run, record);
    if (ending == END_PASSES) {
        part->passed_ends++;
        // A side that called itself the winner, passed, and lost.
        for (int side = 0; side < 2; side++)
            part->passed_away += part->sure_pass[side] && outcome_for(record->outcome, side) < 0;
    }
    const double komi = at->game->has_komi ? record->komi - run->summary.komi : 0;
    if (at->game->has_komi && is_own_size) {
        part->num_komi++;
        part->komi_sum += komi;
        part->komi_squares += komi * komi;
    }
    if (is_own_size && fabs(komi) <= fair_komi) {
        part->fair_games++;
        part->fair_points += 0.5 + 0.5 * outcome_for(record->outcome, 0);
    }
}

void audit_games_chunk(struct audit_games *part, int chunk) {
    if (part->chunk_sure >= LEAST_IN_CHUNK && 2 * part->chunk_right < part->chunk_sure)
        audit_blame(&part->wrong_in, part->run->chunks[chunk].number);
    part->chunk_sure = part->chunk_right = 0;
}

static double share_of(long long part, long long of) { return of ? (double)part / (double)of : NAN; }

static enum audit_verdict judge(bool enough, bool is_bad, bool is_odd) {
    return !enough ? AUDIT_NONE : is_bad ? AUDIT_BAD : is_odd ? AUDIT_LOOK : AUDIT_GOOD;
}

static void say_none(struct audited *run, const char *check, const char *why) {
    audit_say(run, check, AUDIT_NONE, NAN, "", NULL, "%s", why);
}

static void say_values(struct audit_games *part) {
    struct audited *run = part->run;
    if (!part->num_sure) {
        say_none(run, "values", "no search of these games was sure of anything");
        return;
    }
    const double right = share_of(part->num_right, part->num_sure);
    const enum audit_verdict all = judge(part->num_sure >= LEAST_SURE, right < 0.5, right < 0.7);
    audit_say(run, "values", part->wrong_in.num ? AUDIT_BAD : all, right, "share", &part->wrong_in,
              "of %lld search values beyond +-%.1f the game's result bore out %.1f %%; in %d chunk%s it was less than half",
              part->num_sure, sure, 100 * right, part->wrong_in.num, part->wrong_in.num == 1 ? "" : "s");
    const double bias = part->bias / (double)part->num_values;
    audit_say(run, "drift", judge(part->num_games >= 4 * LEAST_GAMES, fabs(bias) > 0.8, fabs(bias) > 0.35), bias, "points",
              NULL, "results are better for the first player than searches promised by %+.3f (a win is 1, a loss -1)", bias);
}

static void say_balance(struct audit_games *part) {
    struct audited *run = part->run;
    const bool has_komi = run->game.has_komi;
    if (!part->fair_games) {
        say_none(run, "colours", has_komi ? "no game is near the fair komi" : "no game is on the run's own board");
        return;
    }
    const double first = part->fair_games ? part->fair_points / (double)part->fair_games : NAN;
    const bool is_lopsided = first < 0.03 || first > 0.97, is_odd = first < 0.15 || first > 0.85;
    audit_say(run, "colours", judge(part->fair_games >= LEAST_GAMES, has_komi && is_lopsided, has_komi ? is_odd : is_lopsided),
              first, "share", NULL, "the first player has %.1f %% of the points in %lld games%s", 100 * first, part->fair_games,
              has_komi ? " near the fair komi" : "");
    if (!has_komi) return;
    const double n = (double)part->num_komi, mean = n ? part->komi_sum / n : NAN;
    const double deviation = n ? sqrt(fmax(0, part->komi_squares / n - mean * mean)) : NAN;
    // Games that branch off from others share their komi; so the mean is of fewer draws than games.
    const double odd = 0.5 + 8 * deviation / sqrt(fmax(1, n));
    audit_say(run, "komi", judge(part->num_komi >= LEAST_GAMES, fabs(mean) > 5 * odd, fabs(mean) > odd), mean, "points", NULL,
              "komi is %+.2f from the run's %g on average, with a standard deviation of %.1f", mean, run->summary.komi,
              deviation);
}

static void say_endings(struct audit_games *part) {
    struct audited *run = part->run;
    const long long n = part->num_games;
    const double cut = share_of(part->endings[END_CUT], n);
    audit_say(run, "endings", judge(n >= LEAST_GAMES, cut > 0.6, cut > 0.25), cut, "share", NULL,
              "%.1f %% of the games were cut for their length, %.1f %% ended by passes, %.1f %% when nothing could change the "
              "result, %.1f %% by other rules; the mean length is %.1f moves",
              100 * cut, 100 * share_of(part->endings[END_PASSES], n), 100 * share_of(part->endings[END_SETTLED], n),
              100 * share_of(part->endings[END_RULES], n), share_of(part->plies, n));
    if (run->game.pass_action != GAME_NO_ACTION && run->game.has_komi) {
        const double away = share_of(part->passed_away, n);
        audit_say(run, "passing", judge(n >= LEAST_GAMES, away > 0.2, away > 0.05), away, "share", NULL,
                  "in %.1f %% of the games a side that was sure of winning passed, the game ended, and it had lost (%lld of "
                  "%lld that ended by passes)",
                  100 * away, part->passed_away, part->passed_ends);
    }
    const double cycling = share_of(part->cycling, n);
    audit_say(run, "cycles", judge(n >= LEAST_GAMES, cycling > 0.5, cycling > 0.05), cycling, "share", NULL,
              "in %.1f %% of the games a whole board came back", 100 * cycling);
}

void audit_games_end(struct audit_games *part) {
    struct audited *run = part->run;
    int refused = 0;
    for (int i = 0; i < run->num_gates; i++) refused += !run->gates[i].is_passed;
    if (!part->num_games) {
        say_none(run, "values", "there are no games");
        return;
    }
    say_values(part);
    say_balance(part);
    say_endings(part);
    const double share = share_of(part->refused, part->num_games);
    audit_say(run, "refused", judge(run->num_gates >= 4 && part->num_games >= LEAST_GAMES, false, share > 0.8), share, "share",
              NULL, "%.1f %% of the games are of nets that their gate refused later (%d of %d gates)", 100 * share, refused,
              run->num_gates);
}
