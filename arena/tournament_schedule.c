// The rules of choice, in order:
//
// 1. The missing half of a pair that has begun, so that colours stay balanced and a lane keeps its
//    seats.
// 2. A frame that holds the tournament together: in the order in which the players were named,
//    everyone plays a pair of games against both neighbours in a ring, and against those n/3
//    further on either way. So everyone meets four others (or all of at most five players),
//    two of them far away, before any result is believed.
// 3. With round_robin, the pairing with the fewest pairs. Otherwise the pair that tells most for
//    its time (rating_next_pair), where players whose interval is within the goal (half_interval)
//    count little. Every eighth choice is among players who are not neighbours in the present
//    ranking. Results between neighbours alone can't contradict each other, so they could not show
//    that strength is more than one number.
//
// With only_first, rules 2 and 3 make way for another one: the pair of player 0 that narrows its
// own interval most for its time. Before its first game player 0 is taken for the one that the
// caller says it is like, give or take like_elo. So the first opponents are those nearest in
// strength, and others only follow where results say so.
//
// Not allowed are: players that are gone or can't be started; more games with programs at once than
// max_programs; pairings whose last games were all repetitions, as of two deterministic players
// when openings run out; and beyond its even share of all games a player that won or lost
// everything. The interval of such a player promises most and shrinks least.
//
// What a pair costs is learned from the seconds that games took. They are fitted by least squares
// as a sum over the two players, and the more games a pairing has, the more its own mean counts.
// Before any game the callers' guesses are taken, and if there are none, all games cost the same.
#include "arena/tournament_schedule.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    // Chosen, not tuned: it costs a few games in a hundred.
    WIDE_EVERY = 8,
    // After this many repeated games in a row a pairing is not chosen any more.
    MAX_REPEATS = 8,
    MAX_FAILED_STARTS = 3,
    // A player that won all or lost all of this many games is one-sided, and gets no more than its
    // even share of games.
    SURE_GAMES = 20,
    // After this many the tournament no longer waits for such a player's interval.
    HOPELESS_GAMES = 200,
    // Rounds of coordinate descent for the costs; chosen.
    COST_SWEEPS = 30,
};
static const double guess_weight = 0.5;  // a guess of the cost counts as this many games
static const double narrow_weight = 0.1; // the weight of a variance within the goal; chosen
static const double like_elo = 200;      // the standard deviation of a new player about the one it is like; chosen
static const double min_seconds = 1e-6;  // no pair is free, since its gain is divided by its cost

struct pairing *schedule_pairing(struct schedule *s, int i, int j) {
    return &s->pairings[i < j ? i * s->n + j : j * s->n + i];
}

void schedule_init(struct schedule *s, const struct tournament_params *params, int max_programs) {
    static const char what[] = "the schedule of a tournament";
    const size_t n = (size_t)params->num_players;
    *s = (struct schedule){.params = params, .n = params->num_players, .max_programs = max_programs};
    s->pairings = memory_new(n * n, sizeof *s->pairings, what);
    s->games = memory_new(n, sizeof *s->games, what);
    s->wins = memory_new(n, sizeof *s->wins, what);
    s->losses = memory_new(n, sizeof *s->losses, what);
    s->failed_starts = memory_new(n, sizeof *s->failed_starts, what);
    s->is_out = memory_new(n, sizeof *s->is_out, what);
    s->seconds = memory_new(n * n, sizeof *s->seconds, what);
    s->costs = memory_new(n, sizeof *s->costs, what);
    s->pending = memory_new(n * n, sizeof *s->pending, what);
    s->weights = memory_new(n, sizeof *s->weights, what);
    s->elo = memory_new(n, sizeof *s->elo, what);
    s->covariance = memory_new(n * n, sizeof *s->covariance, what);
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
    free(s->elo);
    free(s->covariance);
}

static bool is_program_game(const struct schedule *s, int i, int j) {
    const struct tournament_player *players = s->params->players;
    return (players[i].player && player_is_program(players[i].player)) ||
           (players[j].player && player_is_program(players[j].player));
}

static bool is_present(const struct schedule *s, int i) { return s->params->players[i].player && !s->is_out[i]; }

// --- What has been played ---------------------------------------------------------------------

static void owe(struct schedule *s, int first, int second, long long pair, bool is_left_over) {
    if (s->num_owed == s->max_owed) {
        s->max_owed = 2 * s->max_owed + 16;
        s->owed = memory_resize(s->owed, (size_t)s->max_owed, sizeof *s->owed, "the schedule of a tournament");
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

// An old game of players i < j as one half of a pair.
struct half {
    int i, j;
    long long pair;
    // i moved first.
    bool is_forward;
};

static int compare_halves(const void *a, const void *b) {
    const struct half *x = a, *y = b;
    if (x->i != y->i) return x->i < y->i ? -1 : 1;
    if (x->j != y->j) return x->j < y->j ? -1 : 1;
    if (x->pair != y->pair) return x->pair < y->pair ? -1 : 1;
    return x->is_forward - y->is_forward;
}

void schedule_settle(struct schedule *s) {
    const int num = s->params->num_old;
    struct half *halves = memory_raw((size_t)num, sizeof *halves, "the games of earlier sessions");
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
    int kept = 0; // its owed games will not be played
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

// --- Costs ------------------------------------------------------------------------------------

// Fits s->costs, so that a game's seconds are about the sum over its two players.
static void learn_costs(struct schedule *s) {
    const int n = s->n;
    double total = 0, guessed = 0;
    int timed = 0, num_guessed = 0;
    for (int k = 0; k < n * n; k++) total += s->pairings[k].seconds, timed += s->pairings[k].timed;
    // Of one side; chosen, as if games ended halfway to the bound.
    const double plies = s->params->game->max_plies / 4.0;
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

// --- The choice -------------------------------------------------------------------------------

static bool is_one_sided(const struct schedule *s, int i, int games) {
    return s->games[i] >= games && (s->wins[i] == s->games[i] || s->losses[i] == s->games[i]);
}

bool schedule_is_one_sided(const struct schedule *s, int player) { return is_one_sided(s, player, HOPELESS_GAMES); }

static bool is_allowed(struct schedule *s, int i, int j) {
    if (!is_present(s, i) || !is_present(s, j)) return false;
    if (s->params->only_first && i && j) return false;
    if (s->max_programs > 0 && is_program_game(s, i, j) && s->in_play_programs >= s->max_programs) return false;
    if (schedule_pairing(s, i, j)->repeats >= MAX_REPEATS) return false;
    if (s->params->round_robin || s->params->only_first) return true;
    const double even_share = 2.0 * s->counted / s->n;
    return !(is_one_sided(s, i, SURE_GAMES) && s->games[i] > even_share) &&
           !(is_one_sided(s, j, SURE_GAMES) && s->games[j] > even_share);
}

static bool has_enough_games(const struct schedule *s, int i) {
    return !is_present(s, i) || s->params->players[i].is_fixed || s->games[i] >= s->params->min_games ||
           (s->params->only_first && i);
}

static bool is_frame(int n, int i, int j) {
    const int far = n / 3 < 2 ? 2 : n / 3, d = j - i;
    return d == 1 || d == n - 1 || d == far || d == n - far;
}

// The first allowed pairing that has the fewest pairs. If `frame`: the first of the frame that has
// none at all.
static bool fewest_pairs(struct schedule *s, bool frame, int *best_i, int *best_j) {
    const struct pairing *best = NULL;
    for (int d = 1; d < s->n; d++) // by distance, so that everybody plays early
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

// Players that are known well enough count little, so that those with wide intervals get the games.
// NULL: there is no goal, and all count alike.
static const double *weigh(struct schedule *s, const struct rating *rating) {
    if (!(s->params->half_interval > 0) && !s->params->only_first) return NULL;
    for (int i = 0; i < s->n && s->params->only_first; i++) s->weights[i] = i == 0;
    for (int i = 0; i < s->n && !s->params->only_first; i++)
        s->weights[i] = rating->high[i] - rating->low[i] > 2 * s->params->half_interval ? 1 : narrow_weight;
    return s->weights;
}

// What is thought of the players while player 0 has no games: it is like another one.
static struct rating take_for_alike(struct schedule *s, const struct rating *rating) {
    const size_t n = (size_t)s->n, like = (size_t)s->params->first_like;
    struct rating alike = *rating;
    memcpy(s->elo, rating->elo, n * sizeof *s->elo);
    memcpy(s->covariance, rating->covariance, n * n * sizeof *s->covariance);
    s->elo[0] = s->elo[like];
    for (size_t i = 0; i < n; i++) s->covariance[i] = s->covariance[i * n] = s->covariance[like * n + i];
    s->covariance[0] = s->covariance[like * n + like] + like_elo * like_elo;
    alike.elo = s->elo;
    alike.covariance = s->covariance;
    return alike;
}

// The pair that tells most: among all, among those that are not neighbours in the ranking, or among
// those where a player has too few games.
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
    const bool is_alike = s->params->only_first && s->params->first_like > 0 && !s->games[0];
    const struct rating thought = is_alike ? take_for_alike(s, rating) : *rating;
    return is_any && rating_next_pair(&thought, s->seconds, s->pending, weigh(s, rating), best_i, best_j, NULL);
}

static bool is_narrow(struct schedule *s, const struct rating *rating) {
    if (!rating->num_games) return false;
    for (int i = 0; i < s->n; i++) {
        if (!is_present(s, i) || schedule_is_one_sided(s, i) || (s->params->only_first && i)) continue;
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
    if (s->params->only_first) {
        learn_costs(s);
        return most_telling(s, rating, CHOICE_ANY, i, j);
    }
    if (fewest_pairs(s, true, i, j)) return true;
    if (s->params->round_robin) return fewest_pairs(s, false, i, j);
    learn_costs(s);
    // If all intervals are narrow, only the least number of games may still be missing.
    if (s->params->half_interval > 0 && is_narrow(s, rating) && most_telling(s, rating, CHOICE_SHORT_OF_GAMES, i, j))
        return true;
    const bool is_wide = s->num_chosen % WIDE_EVERY == WIDE_EVERY - 1;
    return (is_wide && most_telling(s, rating, CHOICE_WIDE, i, j)) || most_telling(s, rating, CHOICE_ANY, i, j);
}

static bool is_left(const struct schedule *s, int games) {
    return s->params->max_games <= 0 || s->counted + s->open + games <= s->params->max_games;
}

// Takes an owed game: the other half of `last`, else one that an earlier session left over, else,
// if there are no more new pairs and so `any` is true, any of them.
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
        const bool is_swapped = pair % 2; // so the players take turns to begin a pair
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
