// Laws of ratings: the fit is that of the textbook where the textbook has one; its 95 % intervals
// contain the truth in 95 % of simulated tournaments; intransitive results are doubted and sound
// ones are not; the active choice of pairs needs far fewer games than all against all.
#include "arena/rating.h"
#include "base/rng.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLAYERS = 12 };
static const double LN = 2.302585092994046 / 400;

struct truth {
    double elo[PLAYERS], advantage, draw_log; // draw_log is -INFINITY where there are no draws
};

// Plays one more game of this pair.
static void play(const struct truth *t, struct rng *rng, struct rating_pair *pair) {
    const double u = (t->elo[pair->first] + t->advantage - t->elo[pair->second]) * LN / 2;
    const double w = exp(u), l = exp(-u), d = isfinite(t->draw_log) ? exp(t->draw_log) : 0;
    const double x = rng_double(rng) * (w + d + l);
    if (x < w)
        pair->wins++;
    else if (x < w + d)
        pair->draws++;
    else
        pair->losses++;
}

static struct truth random_truth(struct rng *rng, double spread, bool draws) {
    struct truth t = {.advantage = 40, .draw_log = draws ? -0.3 : -INFINITY};
    for (int i = 1; i < PLAYERS; i++) t.elo[i] = spread * rng_normal(rng);
    return t;
}

// Every pair of players plays `games` games with each colour.
static int round_robin(const struct truth *t, int games, struct rng *rng, struct rating_pair *pairs) {
    int num = 0;
    for (int i = 0; i < PLAYERS; i++)
        for (int j = 0; j < PLAYERS; j++) {
            if (i == j) continue;
            pairs[num] = (struct rating_pair){.first = i, .second = j};
            for (int k = 0; k < games; k++) play(t, rng, &pairs[num]);
            num++;
        }
    return num;
}

// The naive twin: the Bradley-Terry model without draws or advantage, fitted by minorisation and
// maximisation [Hunter 2004, (3)], which is slow but simple enough to trust.
static void hunter(const struct rating_pair *pairs, int num, double elo[PLAYERS]) {
    double gamma[PLAYERS], next[PLAYERS], wins[PLAYERS] = {0};
    for (int i = 0; i < PLAYERS; i++) gamma[i] = 1;
    for (int k = 0; k < num; k++) wins[pairs[k].first] += pairs[k].wins, wins[pairs[k].second] += pairs[k].losses;
    for (int round = 0; round < 20000; round++) {
        double sum[PLAYERS] = {0};
        for (int k = 0; k < num; k++) {
            const int i = pairs[k].first, j = pairs[k].second, n = pairs[k].wins + pairs[k].losses;
            sum[i] += n / (gamma[i] + gamma[j]), sum[j] += n / (gamma[i] + gamma[j]);
        }
        for (int i = 0; i < PLAYERS; i++) next[i] = wins[i] / sum[i];
        for (int i = 0; i < PLAYERS; i++) gamma[i] = next[i] / next[0];
    }
    for (int i = 0; i < PLAYERS; i++) elo[i] = log(gamma[i]) / LN;
}

static void textbook(void) {
    struct rng rng;
    struct rating_pair pairs[PLAYERS * PLAYERS];
    rng_init(&rng, 5, 0);
    for (int round = 0; round < 5; round++) {
        struct truth t = random_truth(&rng, 150, false);
        t.advantage = 0;
        int num = round_robin(&t, 20, &rng, pairs);
        // Hunter's model has no first player, so each pair's games are entered for both roles
        // alike, and the advantage is 0.
        for (int k = 0; k < num; k++)
            for (int m = 0; m < k; m++)
                if (pairs[k].first == pairs[m].second && pairs[k].second == pairs[m].first) {
                    const int a = pairs[k].wins + pairs[m].losses, b = pairs[k].losses + pairs[m].wins;
                    pairs[k].wins = pairs[m].losses = a, pairs[k].losses = pairs[m].wins = b;
                }
        double expected[PLAYERS];
        struct rating r;
        hunter(pairs, num, expected);
        EXPECT_INT(rating_fit(&r, PLAYERS, 0, 0, pairs, num), STATUS_OK);
        // The prior pulls a little.
        for (int i = 0; i < PLAYERS; i++) EXPECT_NEAR(r.elo[i], expected[i], 0.5);
        EXPECT_NEAR(r.advantage, 0, 1e-6);
        EXPECT(r.is_connected);
        rating_done(&r);
    }
}

// For two players with equal colours there is a closed form: log(w / l), with variance 1 / w + 1 /
// l.
static void closed_form(void) {
    const struct rating_pair pairs[] = {{0, 1, 30, 0, 70}, {1, 0, 70, 0, 30}};
    struct rating r;
    EXPECT_INT(rating_fit(&r, 2, 0, 1000, pairs, 2), STATUS_OK);
    EXPECT_NEAR(r.elo[1], 1000 + log(140.0 / 60) / LN, 0.1);
    EXPECT_NEAR(r.high[1] - r.elo[1], 1.96 * sqrt(1.0 / 140 + 1.0 / 60) / LN, 0.1);
    EXPECT_NEAR(r.low[0], 1000, 0);
    EXPECT_NEAR(rating_expectation(&r, 1, 0, NULL, NULL), 0.7, 1e-3);
    EXPECT(rating_superiority(&r, 1, 0) > 0.999 && rating_superiority(&r, 0, 1) < 0.001);
    rating_done(&r);
}

static void coverage(bool draws, int tournaments) {
    struct rng rng;
    struct rating_pair pairs[PLAYERS * PLAYERS];
    int held = 0, all = 0, advantage_held = 0, doubted = 0;
    rng_init(&rng, 7, draws);
    for (int round = 0; round < tournaments; round++) {
        const struct truth t = random_truth(&rng, 200, draws);
        const int num = round_robin(&t, 8, &rng, pairs);
        struct rating r;
        struct rating_doubt doubt;
        EXPECT_INT(rating_fit(&r, PLAYERS, 0, 0, pairs, num), STATUS_OK);
        for (int i = 1; i < PLAYERS; i++, all++) held += r.low[i] <= t.elo[i] && t.elo[i] <= r.high[i];
        advantage_held += r.advantage_low <= t.advantage && t.advantage <= r.advantage_high;
        doubted += rating_intransitive(&r, pairs, num, &doubt);
        rating_done(&r);
    }
    const double share = (double)held / all, advantage_share = (double)advantage_held / tournaments;
    printf("%d tournaments of %d players %s draws: %.2f %% of ratings and %.1f %% of advantages in their 95 %% interval, %d "
           "doubted\n",
           tournaments, PLAYERS, draws ? "with" : "without", 100 * share, 100 * advantage_share, doubted);
    EXPECT_(share > 0.93 && share < 0.97, "coverage %.4f", share);
    EXPECT_(advantage_share > 0.92 && advantage_share < 0.98, "coverage of the advantage %.4f", advantage_share);
    EXPECT_(doubted <= tournaments / 25, "%d of %d sound tournaments doubted", doubted, tournaments);
}

static void doubts(void) {
    const struct rating_pair circle[] = {{0, 1, 35, 0, 15}, {1, 0, 15, 0, 35}, {1, 2, 35, 0, 15},
                                         {2, 1, 15, 0, 35}, {2, 0, 35, 0, 15}, {0, 2, 15, 0, 35}};
    struct rating r;
    struct rating_doubt doubt;
    EXPECT_INT(rating_fit(&r, 3, 0, 0, circle, 6), STATUS_OK);
    EXPECT(rating_intransitive(&r, circle, 6, &doubt));
    EXPECT(fabs(doubt.z) > 2.5 && doubt.games == 100);
    rating_done(&r);
    const struct rating_pair split[] = {{0, 1, 10, 0, 10}, {2, 3, 10, 0, 10}, {1, 2, 10, 0, 0}};
    EXPECT_INT(rating_fit(&r, 4, 0, 0, split, 3), STATUS_OK);
    EXPECT(!r.is_connected);
    // It is finite, and the interval says how little is known.
    EXPECT(r.elo[2] < -400 && isfinite(r.low[2]) && r.high[2] - r.low[2] > 1000);
    rating_done(&r);
    const struct rating_pair wrong[] = {{1, 1, 1, 0, 0}};
    EXPECT_INT(rating_fit(&r, 4, 0, 0, wrong, 1), STATUS_USAGE);
}

static double mean_interval(const struct rating *r) {
    double sum = 0;
    for (int i = 0; i < r->num_players; i++) sum += r->high[i] - r->low[i];
    return sum / (r->num_players - 1);
}

static double widest_half_interval(const struct rating *r) {
    double widest = 0;
    for (int i = 0; i < r->num_players; i++) widest = fmax(widest, (r->high[i] - r->low[i]) / 2);
    return widest;
}

enum goal { GOAL_MEAN, GOAL_WIDEST };

// How many games the active choice needs until the mean interval, or the widest half interval, is
// within `bound`; it gives up after `most`. weighted: players within the bound count a tenth.
static int active_games(const struct truth *t, enum goal goal, double bound, bool weighted, int most, struct rng *rng) {
    struct rating_pair pairs[PLAYERS * PLAYERS] = {0}, played[PLAYERS * PLAYERS];
    struct rating r;
    double seconds[PLAYERS * PLAYERS], weights[PLAYERS];
    for (int i = 0; i < PLAYERS * PLAYERS; i++) {
        pairs[i].first = i / PLAYERS, pairs[i].second = i % PLAYERS;
        seconds[i] = 1;
    }
    for (int games = 0;; games += 2) {
        int count = 0, i, j;
        for (int k = 0; k < PLAYERS * PLAYERS; k++)
            if (pairs[k].first != pairs[k].second) played[count++] = pairs[k];
        EXPECT_INT(rating_fit(&r, PLAYERS, 0, 0, played, count), STATUS_OK);
        const double reached = goal == GOAL_MEAN ? mean_interval(&r) : widest_half_interval(&r);
        for (i = 0; i < PLAYERS; i++) weights[i] = (r.high[i] - r.low[i]) / 2 > bound ? 1 : 0.1;
        if (!(games && reached <= bound) && games <= most)
            EXPECT(rating_next_pair(&r, seconds, NULL, weighted ? weights : NULL, &i, &j, NULL));
        rating_done(&r);
        if ((games && reached <= bound) || games > most) return games;
        play(t, rng, &pairs[i * PLAYERS + j]);
        play(t, rng, &pairs[j * PLAYERS + i]);
    }
}

// How many games the active choice needs for the mean interval of `rounds` rounds of all against
// all, as a share of the games of those rounds.
static double active_share(const struct truth *t, int rounds, struct rng *rng) {
    struct rating_pair pairs[PLAYERS * PLAYERS];
    struct rating r;
    const int num = round_robin(t, rounds, rng, pairs);
    EXPECT_INT(rating_fit(&r, PLAYERS, 0, 0, pairs, num), STATUS_OK);
    const double goal = mean_interval(&r);
    const int all_games = r.num_games;
    rating_done(&r);
    return (double)active_games(t, GOAL_MEAN, goal, false, 2 * all_games, rng) / all_games;
}

static void active(void) {
    struct rng rng;
    double sum = 0;
    enum { TOURNAMENTS = 20 };
    rng_init(&rng, 9, 0);
    for (int k = 0; k < TOURNAMENTS; k++) {
        struct truth t = {.advantage = 40, .draw_log = -INFINITY};
        // A ladder as trainings climb it.
        for (int i = 1; i < PLAYERS; i++) t.elo[i] = 150.0 * i + 60 * rng_normal(&rng);
        sum += active_share(&t, 6, &rng);
    }
    printf("active pairing reaches the mean interval of all against all with %.0f %% of its games (%d ladders)\n",
           100 * sum / TOURNAMENTS, TOURNAMENTS);
    EXPECT_(sum / TOURNAMENTS < 0.6, "share %.3f", sum / TOURNAMENTS);
}

// To weight the players whose intervals are still too wide saves games.
static void weighted(void) {
    enum { TOURNAMENTS = 6, MOST = 20000 };
    struct rng rng;
    long long games[2] = {0};
    for (int k = 0; k < TOURNAMENTS; k++) {
        rng_init(&rng, 11, (uint64_t)k);
        struct truth t = {.advantage = 40, .draw_log = -INFINITY};
        for (int i = 1; i < PLAYERS; i++) t.elo[i] = 150.0 * i + 60 * rng_normal(&rng);
        for (int w = 0; w < 2; w++) games[w] += active_games(&t, GOAL_WIDEST, 100, w, MOST, &rng);
    }
    printf("all intervals within +-100: %lld games, %lld where those within it count a tenth (%d ladders)\n", games[0],
           games[1], TOURNAMENTS);
    EXPECT_(games[1] < games[0], "%lld games against %lld", games[1], games[0]);
}

int main(void) {
    closed_form();
    textbook();
    doubts();
    coverage(false, 500);
    coverage(true, 500);
    active();
    weighted();
    return TEST_END();
}
