// Laws of a tournament about one player: it alone plays; the first opponents are those nearest to
// the player that it is like; it is known sooner than where everybody's interval counts; and its
// interval holds the truth. All by simulated players, of known strength and cost, on the schedule
// itself: what a checkpoint gets in a ten-minute training of 7x7 Go on two cores.
#include "arena/tournament_schedule.h"

#include "base/memory.h"
#include "base/rng.h"
#include "tests/test.h"

// The checkpoint and the one before it, and then opponents as on the ladder of 7x7 Go
// (docs/results.md): their Elo, and the seconds that their moves of a game take.
enum { SUBJECT, BEFORE, FIRST_ANCHOR, MOST = 32 };
struct simulated {
    double elo, cost;
};
// Random play and UCT alone, and with settings of a net between and above them.
static const struct simulated uct[] = {{-900, 0.01}, {-100, 0.1}, {490, 0.5}, {1000, 2}, {1415, 7.5}};
static const struct simulated nets[] = {{-900, 0.01}, {-100, 0.1},  {490, 0.5},   {1000, 2},    {650, 0.01},  {1070, 0.01},
                                        {1390, 0.01}, {1450, 0.01}, {1690, 0.01}, {1700, 0.02}, {1950, 0.07}, {2140, 0.2}};
enum { SCALE = FIRST_ANCHOR + 3 }; // uct:1024, whose Elo is fixed

struct setup {
    const struct simulated *anchors;
    int num_anchors, known; // How many games each anchor has played against each neighbour before.
    bool only_first;
    double subject, before, seconds; // Elo, and seconds of one thread for the checkpoint's games.
};

struct world {
    struct rng rng;
    struct game game;
    struct player *player; // They all need one, and nobody asks it for a move.
    double elo[MOST], cost[MOST];
    int n;
};

static enum outcome play(struct world *w, int first, int second) {
    const double chance = 1 / (1 + pow(10, (w->elo[second] - w->elo[first]) / 400));
    return rng_double(&w->rng) < chance ? OUTCOME_FIRST : OUTCOME_SECOND;
}

static int add_old(struct world *w, const struct setup *setup, struct tournament_game *old) {
    int num = 0, order[MOST];
    for (int i = 0; i < w->n; i++) {
        int at = i;
        for (; at > 0 && w->elo[order[at - 1]] > w->elo[i]; at--) order[at] = order[at - 1];
        order[at] = i;
    }
    for (int k = 0; k < w->n; k++)
        for (int next = k + 1; next < w->n && next <= k + 2; next++)
            for (int g = 0; g < setup->known; g++) {
                const int a = order[k], b = order[next];
                if (a < BEFORE || b < BEFORE || ((a == BEFORE || b == BEFORE) && g >= 40)) continue;
                const int first = g % 2 ? a : b, second = g % 2 ? b : a;
                old[num++] = (struct tournament_game){
                    .first = first, .second = second, .pair = g / 2, .outcome = play(w, first, second), .forfeit = -1};
            }
    return num;
}

struct told {
    double half, low, high;
    int games, first_opponent;
    bool is_only_subject;
};

// Fits all games and returns the rating.
static struct rating fit(const struct world *w, const struct rating_pair *table) {
    struct rating_pair played[MOST * MOST];
    struct rating rating;
    int num = 0;
    for (int k = 0; k < w->n * w->n; k++)
        if (table[k].wins + table[k].losses) played[num++] = table[k];
    CHECK(rating_fit(&rating, w->n, SCALE, 1000, played, num) == STATUS_OK);
    return rating;
}

static struct told simulate(struct world *w, const struct setup *setup) {
    static struct tournament_game old[MOST * 2000];
    struct tournament_player players[MOST] = {{0}};
    struct rating_pair table[MOST * MOST];
    struct schedule schedule;
    struct told told = {.first_opponent = -1, .is_only_subject = true};
    w->n = FIRST_ANCHOR + setup->num_anchors;
    w->elo[SUBJECT] = setup->subject, w->elo[BEFORE] = setup->before;
    w->cost[SUBJECT] = w->cost[BEFORE] = 0.2; // 100 visits of a 4x48 net, by its games with 32 visits
    for (int i = 0; i < setup->num_anchors; i++)
        w->elo[FIRST_ANCHOR + i] = setup->anchors[i].elo, w->cost[FIRST_ANCHOR + i] = setup->anchors[i].cost;
    for (int i = 0; i < w->n; i++)
        players[i] = (struct tournament_player){w->player, "", i >= FIRST_ANCHOR, w->cost[i] * 4 / w->game.max_plies};
    const struct tournament_params params = {.game = &w->game,
                                             .players = players,
                                             .num_players = w->n,
                                             .anchor = SCALE,
                                             .max_games = 100000,
                                             .half_interval = 50,
                                             .min_games = 16,
                                             .only_first = setup->only_first,
                                             .first_like = setup->only_first ? BEFORE : 0,
                                             .old = old,
                                             .num_old = add_old(w, setup, old)};
    schedule_init(&schedule, &params, 0);
    for (int k = 0; k < w->n * w->n; k++) table[k] = (struct rating_pair){.first = k / w->n, .second = k % w->n};
    for (int k = 0; k < params.num_old; k++) {
        struct rating_pair *row = &table[old[k].first * w->n + old[k].second];
        row->wins += old[k].outcome == OUTCOME_FIRST, row->losses += old[k].outcome == OUTCOME_SECOND;
        schedule_add(&schedule, &old[k], true);
    }
    schedule_settle(&schedule);
    struct rating rating = fit(w, table);
    double spent = 0;
    struct owed_game last = {0}, next;
    while (spent < setup->seconds && schedule_next(&schedule, &rating, true, told.games ? &last : NULL, &next)) {
        struct tournament_game game = {.first = next.first,
                                       .second = next.second,
                                       .pair = next.pair,
                                       .outcome = play(w, next.first, next.second),
                                       .forfeit = -1,
                                       .seconds = w->cost[next.first] + w->cost[next.second]};
        if (told.first_opponent < 0) told.first_opponent = next.first == SUBJECT ? next.second : next.first;
        told.is_only_subject &= next.first == SUBJECT || next.second == SUBJECT;
        spent += game.seconds;
        struct rating_pair *row = &table[game.first * w->n + game.second];
        row->wins += game.outcome == OUTCOME_FIRST, row->losses += game.outcome == OUTCOME_SECOND;
        schedule_finished(&schedule, &game, true);
        last = next;
        told.games++;
        if (told.games % 4 == 0) {
            rating_done(&rating);
            rating = fit(w, table);
        }
    }
    rating_done(&rating);
    rating = fit(w, table);
    told.low = rating.low[SUBJECT], told.high = rating.high[SUBJECT];
    told.half = (told.high - told.low) / 2;
    rating_done(&rating);
    schedule_done(&schedule);
    return told;
}

// Half of the interval in the mean over many trainings, and how often it holds the truth.
static void average(struct world *w, struct setup setup, double *half, double *held) {
    const int rounds = test_rounds(24);
    *half = *held = 0;
    for (int i = 0; i < rounds; i++) {
        setup.subject = 1650 + rng_below(&w->rng, 500);
        setup.before = setup.subject - rng_below(&w->rng, 300);
        const struct told told = simulate(w, &setup);
        *half += told.half / rounds;
        *held += (told.low <= setup.subject && setup.subject <= told.high) / (double)rounds;
    }
}

static void test_a_checkpoint_is_known_in_its_tenth_of_the_time(struct world *w) {
    // A tenth of ten minutes on two threads for twelve checkpoints.
    const double seconds = 0.1 * 600 * 2 / 12;
    const struct setup before = {uct, sizeof uct / sizeof *uct, 4, false, 0, 0, seconds};
    const struct setup only_choice = {uct, sizeof uct / sizeof *uct, 4, true, 0, 0, seconds};
    const struct setup now = {nets, sizeof nets / sizeof *nets, 800, true, 0, 0, seconds};
    double half[3], held[3];
    average(w, before, &half[0], &held[0]);
    average(w, only_choice, &half[1], &held[1]);
    average(w, now, &half[2], &held[2]);
    fprintf(stderr,
            "half intervals: as it was +-%.0f, only the checkpoint's games +-%.0f, with known nets +-%.0f (holds %.2f)\n",
            half[0], half[1], half[2], held[2]);
    EXPECT_(half[2] <= 130, "+-%.0f", half[2]);
    EXPECT_(half[2] < half[1] / 2 && half[2] < half[0] / 2, "+-%.0f, %.0f, %.0f", half[2], half[1], half[0]);
    EXPECT_(held[2] >= 0.85, "the interval holds the truth in %.2f", held[2]);
}

static void test_the_nearest_come_first_and_others_wait(struct world *w) {
    for (int i = 0; i < 6; i++) {
        const double elo = 700 + 250 * i;
        const struct setup setup = {nets, sizeof nets / sizeof *nets, 200, true, elo, elo, 6};
        const struct told told = simulate(w, &setup);
        EXPECT(told.is_only_subject && told.games > 4);
        const double apart = fabs(w->elo[told.first_opponent] - elo);
        EXPECT_(apart <= 350, "a player of %.0f begins against one of %.0f", elo, w->elo[told.first_opponent]);
    }
}

int main(void) {
    struct world *w = memory_new(1, sizeof *w, "a test");
    rng_init(&w->rng, 3, 1);
    CHECK(game_open(&w->game, "go", &(struct game_options){.height = 7, .width = 7, .komi = GAME_KOMI_DEFAULT}) == STATUS_OK);
    CHECK(player_open(&w->player, "random", &(struct player_options){0}) == STATUS_OK);
    test_the_nearest_come_first_and_others_wait(w);
    test_a_checkpoint_is_known_in_its_tenth_of_the_time(w);
    player_free(w->player);
    free(w);
    return TEST_END();
}
