// The rules of choice, in order:
//
// 1. The missing half of a begun pair, so that colours stay balanced and a lane keeps its seats.
// 2. A frame that holds the tournament together: in the order in which the players were named, everyone plays a pair against its
//    neighbours (a ring) and against those n/3 further on either way. So everyone meets four others (all, up to five players), two of
//    them far away, before anything is believed.
// 3. With round_robin, the pairing with the fewest pairs. Else the pair that tells most for its time (rating_next_pair), players whose
//    interval is within the goal (half_interval) counting little; every
//    eighth among players who are not neighbours in the present ranking: results between neighbours only can't contradict each
//    other, so they could not show that strength is not one number.
//
// Not allowed: players that are gone or can't be started; two programs more than the machine can feed; pairings whose last games
// were all repetitions (two deterministic players and no new openings); a player that won or lost everything, beyond its even
// share of all games: its interval promises most and shrinks least.
//
// What a pair costs is learned: games' seconds, fitted as a sum of the two players' (least squares), then drawn to the
// pairing's own mean. Before any game: the callers' guesses of a move, else all cost the same.
#include "arena/tournament_schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDE_EVERY = 8,  // chosen, not tuned: costs a few games of a hundred
    MAX_REPEATS = 8, // games in a row that were played before
    MAX_FAILED_STARTS = 3,
    SURE_GAMES = 20,      // all won or lost: one-sided
    HOPELESS_GAMES = 200, // ... and no longer waited for
    COST_SWEEPS = 30,     // of coordinate descent; chosen
};
static const double guess_weight = 0.5;  // games that a guess of the cost counts as
static const double narrow_weight = 0.1; // chosen: of a variance that is within the goal
static const double min_seconds = 1e-6;  // a pair costs something

struct pairing *schedule_pairing(struct schedule *s, int i, int j) {
    return &s->pairings[i < j ? i * s->n + j : j * s->n + i];
}

enum status schedule_init(struct schedule *s, const struct tournament_params *params, int max_programs) {
    const size_t n = (size_t)params->num_players;
    *s = (struct schedule){.params = params, .n = params->num_players, .max_programs = max_programs};
    s->pairings = calloc(n * n, sizeof *s->pairings);
    s->games = calloc(n, sizeof *s->games);
    s->wins = calloc(n, sizeof *s->wins);
    s->losses = calloc(n, sizeof *s->losses);
    s->failed_starts = calloc(n, sizeof *s->failed_starts);
    s->is_out = calloc(n, sizeof *s->is_out);
    s->seconds = calloc(n * n, sizeof *s->seconds);
    s->costs = calloc(n, sizeof *s->costs);
    s->pending = calloc(n * n, sizeof *s->pending);
    s->weights = calloc(n, sizeof *s->weights);
    if (!s->pairings || !s->games || !s->wins || !s->losses || !s->failed_starts || !s->is_out || !s->seconds || !s->costs ||
        !s->pending || !s->weights)
        return status_fail(STATUS_MEMORY, "tournament: no memory for %d players", s->n);
    return STATUS_OK;
}

void schedule_done(struct schedule *s) {
    free(s->pairings);
    free(s->owed);
    free(s->games);
    free(s->wins);
    free(s->losses);
    free(s->failed_starts);
    free(s->is_out);
    free(s->seconds);
    free(s->costs);
    free(s->pending);
    free(s->weights);
}

static bool is_program_game(const struct schedule *s, int i, int j) {
    const struct tournament_player *players = s->params->players;
    return (players[i].player && player_is_program(players[i].player)) ||
           (players[j].player && player_is_program(players[j].player));
}

static bool is_present(const struct schedule *s, int i) { return s->params->players[i].player && !s->is_out[i]; }

// --- What has been played ---------------------------------------------------------------------------------------------

static void owe(struct schedule *s, int first, int second, long long pair, bool is_left_over) {
    if (s->num_owed == s->max_owed) {
        s->max_owed = 2 * s->max_owed + 16;
        s->owed = realloc(s->owed, (size_t)s->max_owed * sizeof *s->owed);
        CHECK(s->owed);
    }
    s->owed[s->num_owed++] = (struct owed_game){.first = first, .second = second, .pair = pair, .is_left_over = is_left_over};
}

void schedule_add(struct schedule *s, const struct tournament_game *game, bool is_counted) {
    struct pairing *pairing = schedule_pairing(s, game->first, game->second);
    if (game->pair >= pairing->next) pairing->next = game->pair + 1;
    pairing->repeats = game->is_duplicate ? pairing->repeats + 1 : 0;
    if (game->seconds > 0) pairing->seconds += game->seconds, pairing->timed++;
    if (!is_counted) return;
    pairing->games++;
    s->counted++;
    s->games[game->first]++, s->games[game->second]++;
    const int points = outcome_for(game->outcome, 0);
    s->wins[game->first] += points > 0, s->losses[game->first] += points < 0;
    s->wins[game->second] += points<0, s->losses[game->second] += points> 0;
}

struct half { // key of an old game, colours aside
    int i, j;
    long long pair;
    bool is_forward; // i moved first
};

static int compare_halves(const void *a, const void *b) {
    const struct half *x = a, *y = b;
    if (x->i != y->i) return x->i < y->i ? -1 : 1;
    if (x->j != y->j) return x->j < y->j ? -1 : 1;
    if (x->pair != y->pair) return x->pair < y->pair ? -1 : 1;
    return x->is_forward - y->is_forward;
}

enum status schedule_settle(struct schedule *s) {
    const int num = s->params->num_old;
    struct half *halves = malloc(((size_t)num + 1) * sizeof *halves);
    if (!halves) return status_fail(STATUS_MEMORY, "tournament: no memory for %d games", num);
    for (int k = 0; k < num; k++) {
        const struct tournament_game *g = &s->params->old[k];
        const bool is_forward = g->first < g->second;
        halves[k] = (struct half){is_forward ? g->first : g->second, is_forward ? g->second : g->first, g->pair, is_forward};
    }
    qsort(halves, (size_t)num, sizeof *halves, compare_halves);
    for (int k = 0, end; k < num; k = end) {
        bool has[2] = {false, false};
        for (end = k;
             end < num && halves[end].i == halves[k].i && halves[end].j == halves[k].j && halves[end].pair == halves[k].pair;
             end++)
            has[halves[end].is_forward] = true;
        struct pairing *pairing = schedule_pairing(s, halves[k].i, halves[k].j);
        pairing->begun++;
        if (has[0] && has[1]) continue;
        pairing->open++;
        s->open++;
        if (has[1])
            owe(s, halves[k].j, halves[k].i, halves[k].pair, true);
        else
            owe(s, halves[k].i, halves[k].j, halves[k].pair, true);
    }
    free(halves);
    return STATUS_OK;
}

void schedule_finished(struct schedule *s, const struct tournament_game *game, bool is_counted) {
    schedule_pairing(s, game->first, game->second)->open--;
    s->open--;
    s->in_play_programs -= is_program_game(s, game->first, game->second);
    schedule_add(s, game, is_counted);
}

bool schedule_failed_start(struct schedule *s, int player) {
    if (++s->failed_starts[player] < MAX_FAILED_STARTS || s->is_out[player]) return false;
    s->is_out[player] = true;
    int kept = 0; // what it owes will not be played
    for (int k = 0; k < s->num_owed; k++) {
        const struct owed_game owed = s->owed[k];
        if (owed.first != player && owed.second != player) {
            s->owed[kept++] = owed;
            continue;
        }
        schedule_pairing(s, owed.first, owed.second)->open--;
        s->open--;
    }
    s->num_owed = kept;
    return true;
}

// --- Costs ------------------------------------------------------------------------------------------------------------

// s->costs: what a game costs, as a sum of what its players cost.
static void learn_costs(struct schedule *s) {
    const int n = s->n;
    double total = 0, guessed = 0;
    int timed = 0, num_guessed = 0;
    for (int k = 0; k < n * n; k++) total += s->pairings[k].seconds, timed += s->pairings[k].timed;
    const double plies = s->params->game->max_plies / 4.0; // of one side; chosen: games end halfway to the bound
    for (int i = 0; i < n; i++)
        if (s->params->players[i].move_seconds > 0) guessed += s->params->players[i].move_seconds * plies, num_guessed++;
    const double usual = timed ? total / timed / 2 : num_guessed ? guessed / num_guessed : 0.5;
    for (int i = 0; i < n; i++) s->costs[i] = usual;
    for (int sweep = 0; sweep < COST_SWEEPS; sweep++)
        for (int i = 0; i < n; i++) {
            const double guess = s->params->players[i].move_seconds;
            double sum = guess_weight * (guess > 0 ? guess * plies : usual), weight = guess_weight;
            for (int j = 0; j < n; j++) {
                if (j == i) continue;
                const struct pairing *pairing = schedule_pairing(s, i, j);
                sum += pairing->seconds - pairing->timed * s->costs[j];
                weight += pairing->timed;
            }
            s->costs[i] = fmax(0, sum / weight);
        }
}

static double pair_seconds(struct schedule *s, int i, int j) {
    const struct pairing *pairing = schedule_pairing(s, i, j);
    const double model = s->costs[i] + s->costs[j];
    return fmax(min_seconds, 2 * (pairing->seconds + model) / (pairing->timed + 1));
}

// --- The choice -------------------------------------------------------------------------------------------------------

static bool is_one_sided(const struct schedule *s, int i, int games) {
    return s->games[i] >= games && (s->wins[i] == s->games[i] || s->losses[i] == s->games[i]);
}

bool schedule_is_one_sided(const struct schedule *s, int player) { return is_one_sided(s, player, HOPELESS_GAMES); }

static bool is_allowed(struct schedule *s, int i, int j) {
    if (!is_present(s, i) || !is_present(s, j)) return false;
    if (s->max_programs > 0 && is_program_game(s, i, j) && s->in_play_programs >= s->max_programs) return false;
    if (schedule_pairing(s, i, j)->repeats >= MAX_REPEATS) return false;
    if (s->params->round_robin) return true;
    const double even_share = 2.0 * s->counted / s->n;
    return !(is_one_sided(s, i, SURE_GAMES) && s->games[i] > even_share) &&
           !(is_one_sided(s, j, SURE_GAMES) && s->games[j] > even_share);
}

static bool has_enough_games(const struct schedule *s, int i) {
    return !is_present(s, i) || s->params->players[i].is_fixed || s->games[i] >= s->params->min_games;
}

static bool is_frame(int n, int i, int j) {
    const int far = n / 3 < 2 ? 2 : n / 3, d = j - i;
    return d == 1 || d == n - 1 || d == far || d == n - far;
}

// The first allowed pairing with the fewest pairs; of the frame alone: one that has none.
static bool fewest_pairs(struct schedule *s, bool frame, int *best_i, int *best_j) {
    const struct pairing *best = NULL;
    for (int d = 1; d < s->n; d++) // by distance, so that the first games are everybody's
        for (int i = 0; i + d < s->n; i++) {
            const int j = i + d;
            const struct pairing *pairing = schedule_pairing(s, i, j);
            if (frame && (pairing->begun > 0 || !is_frame(s->n, i, j))) continue;
            if (!is_allowed(s, i, j) || (best && best->begun <= pairing->begun)) continue;
            best = pairing;
            *best_i = i, *best_j = j;
        }
    return best != NULL;
}

static int rank_of(const struct schedule *s, const struct rating *rating, int player) {
    int rank = 0;
    for (int i = 0; i < s->n; i++)
        rank += rating->elo[i] > rating->elo[player] || (rating->elo[i] == rating->elo[player] && i < player);
    return rank;
}

enum choice { CHOICE_ANY, CHOICE_WIDE, CHOICE_SHORT_OF_GAMES };

// What is known well enough counts little, so that the last wide intervals get the games. NULL: no goal, all alike.
static const double *weigh(struct schedule *s, const struct rating *rating) {
    if (!(s->params->half_interval > 0)) return NULL;
    for (int i = 0; i < s->n; i++)
        s->weights[i] = rating->high[i] - rating->low[i] > 2 * s->params->half_interval ? 1 : narrow_weight;
    return s->weights;
}

// The most telling pair: of all, of those that are not neighbours in the ranking, or of those where somebody lacks games.
static bool most_telling(struct schedule *s, const struct rating *rating, enum choice choice, int *best_i, int *best_j) {
    const int n = s->n;
    bool is_any = false;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            s->pending[i * n + j] = i < j ? (schedule_pairing(s, i, j)->open + 1) / 2 : 0;
            bool is_wanted = i < j && is_allowed(s, i, j);
            if (is_wanted && choice == CHOICE_WIDE) is_wanted = abs(rank_of(s, rating, i) - rank_of(s, rating, j)) > 1;
            if (is_wanted && choice == CHOICE_SHORT_OF_GAMES) is_wanted = !has_enough_games(s, i) || !has_enough_games(s, j);
            s->seconds[i * n + j] = is_wanted ? pair_seconds(s, i, j) : 0;
            is_any |= is_wanted;
        }
    return is_any && rating_next_pair(rating, s->seconds, s->pending, weigh(s, rating), best_i, best_j, NULL);
}

static bool is_narrow(struct schedule *s, const struct rating *rating) {
    if (!rating->num_games) return false;
    for (int i = 0; i < s->n; i++) {
        if (!is_present(s, i) || schedule_is_one_sided(s, i)) continue;
        if (rating->high[i] - rating->low[i] > 2 * s->params->half_interval) return false;
    }
    return true;
}

bool schedule_is_satisfied(struct schedule *s, const struct rating *rating) {
    for (int i = 0; i < s->n; i++)
        if (!has_enough_games(s, i)) return false;
    return is_narrow(s, rating);
}

static bool choose_pair(struct schedule *s, const struct rating *rating, int *i, int *j) {
    if (fewest_pairs(s, true, i, j)) return true;
    if (s->params->round_robin) return fewest_pairs(s, false, i, j);
    learn_costs(s);
    // Narrow already: only the wish for a least number of games is left.
    if (s->params->half_interval > 0 && is_narrow(s, rating) && most_telling(s, rating, CHOICE_SHORT_OF_GAMES, i, j))
        return true;
    const bool is_wide = s->num_chosen % WIDE_EVERY == WIDE_EVERY - 1;
    return (is_wide && most_telling(s, rating, CHOICE_WIDE, i, j)) || most_telling(s, rating, CHOICE_ANY, i, j);
}

static bool is_left(const struct schedule *s, int games) {
    return s->params->max_games <= 0 || s->counted + s->open + games <= s->params->max_games;
}

// An owed game: the other half of `last`, else one that is left over, else (no new pairs any more) any.
static bool take_owed(struct schedule *s, const struct owed_game *last, bool any, struct owed_game *out) {
    int best = -1, best_worth = 0;
    for (int k = 0; k < s->num_owed; k++) {
        const struct owed_game *owed = &s->owed[k];
        if (!is_present(s, owed->first) || !is_present(s, owed->second) || (owed->is_left_over && !is_left(s, 0))) continue;
        const bool is_mine = last && owed->pair == last->pair && owed->first == last->second && owed->second == last->first;
        if (!is_mine && is_program_game(s, owed->first, owed->second) && s->max_programs > 0 &&
            s->in_play_programs >= s->max_programs)
            continue;
        const int worth = is_mine ? 3 : owed->is_left_over ? 2 : any ? 1 : 0;
        if (worth > best_worth) best = k, best_worth = worth;
    }
    if (best < 0) return false;
    *out = s->owed[best];
    s->owed[best] = s->owed[--s->num_owed];
    return true;
}

bool schedule_next(struct schedule *s, const struct rating *rating, bool is_open, const struct owed_game *last,
                   struct owed_game *out) {
    int i = 0, j = 0;
    bool is_found = take_owed(s, last, false, out);
    if (!is_found && is_open && is_left(s, 2) && choose_pair(s, rating, &i, &j)) {
        struct pairing *pairing = schedule_pairing(s, i, j);
        const long long pair = pairing->next++;
        const bool is_swapped = pair % 2; // who begins the pair alternates
        *out = (struct owed_game){.first = is_swapped ? j : i, .second = is_swapped ? i : j, .pair = pair};
        owe(s, out->second, out->first, pair, false);
        pairing->begun++;
        pairing->open += 2;
        s->open += 2;
        s->num_chosen++;
        is_found = true;
    }
    if (!is_found) is_found = take_owed(s, last, true, out);
    if (is_found) s->in_play_programs += is_program_game(s, out->first, out->second);
    return is_found;
}
