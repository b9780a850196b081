// Laws of tournaments: stronger players are rated higher, no game is played or counted twice, the
// choice saves games, and nothing that a program does stops the others.
#include "arena/tournament.h"
#include "tests/arena/arena_test.h"

#include <dirent.h>
#include <unistd.h>

enum { MAX_PLAYERS = 12, MAX_GAMES = 4000 };

// Every game in the order in which they ended.
struct journal {
    struct tournament_game games[MAX_GAMES];
    char reasons[MAX_GAMES][100];
    int num, ratings, games_to_goal;
    double goal; // the mean half interval that is waited for
    volatile bool stop;
    int stop_after; // 0: never
};

static void on_game(void *context, const struct tournament_game *game) {
    struct journal *journal = context;
    CHECK(journal->num < MAX_GAMES);
    struct tournament_game *kept = &journal->games[journal->num];
    *kept = *game;
    kept->actions = NULL;
    if (game->reason) {
        snprintf(journal->reasons[journal->num], sizeof journal->reasons[0], "%s", game->reason);
        kept->reason = journal->reasons[journal->num];
    }
    journal->num++;
    if (journal->stop_after && journal->num >= journal->stop_after) journal->stop = true;
}

static double mean_half_interval(const struct rating *rating) {
    double sum = 0;
    for (int i = 0; i < rating->num_players; i++) sum += (rating->high[i] - rating->low[i]) / 2;
    return sum / (rating->num_players - 1);
}

static void on_rating(void *context, const struct rating *rating, int games) {
    struct journal *journal = context;
    journal->ratings++;
    if (journal->goal > 0 && !journal->games_to_goal && rating->is_connected && mean_half_interval(rating) <= journal->goal)
        journal->games_to_goal = games;
}

// The players of a tournament.
struct cast {
    struct player *opened[MAX_PLAYERS];
    struct tournament_player players[MAX_PLAYERS];
    int num;
};

static struct cast cast_of(const char *const *texts) {
    struct cast cast = {.num = 0};
    for (; texts[cast.num]; cast.num++) {
        cast.opened[cast.num] = test_player(texts[cast.num]);
        cast.players[cast.num] =
            (struct tournament_player){.player = cast.opened[cast.num], .name = player_name(cast.opened[cast.num])};
    }
    return cast;
}

static void cast_done(struct cast *cast) {
    for (int i = 0; i < cast->num; i++) player_free(cast->opened[i]);
}

static struct tournament_params params_of(const struct game *game, const struct cast *cast, struct journal *journal) {
    return (struct tournament_params){.game = game,
                                      .players = cast->players,
                                      .num_players = cast->num,
                                      .threads = 2,
                                      .lanes = 2,
                                      .opening_plies = 2,
                                      .seed = 4,
                                      .stop = &journal->stop,
                                      .clock = &test_clock,
                                      .on_game = on_game,
                                      .on_rating = on_rating,
                                      .context = journal};
}

// Every half of a pair was played at most once, and all but `max_open` pairs with both colours.
static void expect_each_game_once(const struct journal *journal, int max_open) {
    int open = 0;
    for (int i = 0; i < journal->num; i++) {
        const struct tournament_game *a = &journal->games[i];
        bool has_other_half = false;
        for (int j = 0; j < journal->num; j++) {
            const struct tournament_game *b = &journal->games[j];
            if (a->pair != b->pair) continue;
            EXPECT_(i == j || a->first != b->first || a->second != b->second, "games %d and %d are both %d-%d of pair %lld", i,
                    j, a->first, a->second, a->pair);
            has_other_half |= a->first == b->second && a->second == b->first;
        }
        open += !has_other_half;
    }
    EXPECT_(open <= max_open, "%d pairs lack a half, expected %d", open, max_open);
}

// The result agrees with the games that were reported.
static void expect_result_of(const struct tournament_result *result, const struct journal *journal, int num_players) {
    int counted = 0, duplicates = 0, disputes = 0, forfeits[MAX_PLAYERS] = {0}, rated = 0;
    for (int i = 0; i < journal->num; i++) {
        const struct tournament_game *g = &journal->games[i];
        const bool is_start = g->reason && strstr(g->reason, "can't start");
        counted += !g->is_duplicate && !is_start;
        duplicates += g->is_duplicate;
        disputes += g->is_disputed;
        if (g->forfeit >= 0) forfeits[g->forfeit]++;
    }
    for (int k = 0; k < result->num_pairs; k++)
        rated += result->pairs[k].wins + result->pairs[k].draws + result->pairs[k].losses;
    EXPECT_INT(result->games, counted);
    EXPECT_INT(rated, counted);
    EXPECT_INT(result->rating.num_games, counted);
    EXPECT_INT(result->duplicates, duplicates);
    EXPECT_INT(result->disputes, disputes);
    for (int i = 0; i < num_players; i++) EXPECT_INT(result->forfeits[i], forfeits[i]);
}

static const char *const ladder[] = {"random", "uct:16", "uct:64", "uct:256", NULL};

static void stronger_players_rate_higher(void) {
    struct game game;
    struct journal *journal = calloc(1, sizeof *journal);
    struct tournament_result result;
    test_go(&game, 5, 3.5);
    struct cast cast = cast_of(ladder);
    struct tournament_params params = params_of(&game, &cast, journal);
    params.max_games = 240;
    params.anchor = 1;
    params.anchor_elo = 1000;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    EXPECT_INT(result.games, 240);
    EXPECT_INT((int)result.rating.elo[1], 1000);
    for (int i = 1; i < 4; i++)
        EXPECT_(result.rating.elo[i] > result.rating.elo[i - 1], "%s: %.0f Elo, %s: %.0f", ladder[i], result.rating.elo[i],
                ladder[i - 1], result.rating.elo[i - 1]);
    EXPECT(result.rating.is_connected);
    EXPECT(journal->ratings > 20);
    expect_each_game_once(journal, 0);
    expect_result_of(&result, journal, 4);
    for (int i = 0; i < 4; i++) { // with four players, everyone has met all three others
        bool met[4] = {false};
        for (int k = 0; k < journal->num; k++)
            if (journal->games[k].first == i) met[journal->games[k].second] = true;
        for (int j = 0; j < 4; j++) EXPECT(met[j] || i == j);
    }
    tournament_result_done(&result);
    cast_done(&cast);
    free(journal);
}

// Wherever a session ends and loses its last games, the next one goes on, completes the halves of
// pairs, and plays lost games in the same way.
static void a_tournament_goes_on_where_it_was_killed(void) {
    struct game game;
    struct journal *first = calloc(1, sizeof *first), *second = calloc(1, sizeof *second);
    struct tournament_result result;
    test_go(&game, 5, 3.5);
    struct cast cast = cast_of(ladder);
    struct tournament_params params = params_of(&game, &cast, first);
    params.max_games = 200;
    first->stop_after = 61;
    EXPECT_INT(tournament_run(&params, &result), STATUS_CANCELLED);
    EXPECT(first->num >= 61 && first->num < 80);
    expect_result_of(&result, first, 4);
    tournament_result_done(&result);

    enum { LOST = 7 };
    const int kept = first->num - LOST;
    params.old = first->games;
    params.num_old = kept;
    params.max_games = 140;
    params.context = second;
    params.stop = &second->stop;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    EXPECT_INT(result.games, 140);
    EXPECT_INT(kept + second->num - result.duplicates, 140);
    int again = 0;
    for (int i = kept; i < first->num; i++)
        for (int j = 0; j < second->num; j++) {
            const struct tournament_game *a = &first->games[i], *b = &second->games[j];
            if (a->first != b->first || a->second != b->second || a->pair != b->pair) continue;
            EXPECT(a->moves_hash == b->moves_hash && a->outcome == b->outcome);
            again++;
        }
    EXPECT_(again > 0, "%d of %d lost games were played again", again, LOST);
    memmove(second->games + kept, second->games, (size_t)second->num * sizeof *second->games);
    memcpy(second->games, first->games, (size_t)kept * sizeof *second->games);
    second->num += kept;
    expect_each_game_once(second, 0);
    expect_result_of(&result, second, 4);
    tournament_result_done(&result);

    // Nothing is left to play.
    params.old = second->games;
    params.num_old = second->num;
    params.on_game = NULL;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    EXPECT_INT(result.games, 140);
    tournament_result_done(&result);
    cast_done(&cast);
    free(first);
    free(second);
}

static void games_do_not_depend_on_threads(void) {
    struct game game;
    struct journal *one = calloc(1, sizeof *one), *three = calloc(1, sizeof *three);
    struct tournament_result result;
    const char *const texts[] = {"random", "uct:4", "uct:16", NULL};
    test_go(&game, 5, 3.5);
    struct cast cast = cast_of(texts);
    struct tournament_params params = params_of(&game, &cast, one);
    params.max_games = 36;
    params.round_robin = true;
    params.threads = params.lanes = 1;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    tournament_result_done(&result);
    params.context = three;
    params.threads = params.lanes = 3;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    tournament_result_done(&result);
    int same = 0;
    for (int i = 0; i < one->num; i++)
        for (int j = 0; j < three->num; j++) {
            const struct tournament_game *a = &one->games[i], *b = &three->games[j];
            same += a->first == b->first && a->second == b->second && a->pair == b->pair && a->moves_hash == b->moves_hash;
        }
    EXPECT_INT(one->num, 36);
    EXPECT_INT(same, 36);
    cast_done(&cast);
    free(one);
    free(three);
}

static struct net *random_net(uint64_t seed) {
    struct game game;
    struct rng rng;
    struct net *net = NULL;
    test_go(&game, 5, 3.5);
    const struct net_config config = net_config_for(&game, 1, 8);
    rng_init(&rng, seed, 0);
    if (net_new(&net, &config, &rng) != STATUS_OK) exit(1);
    snprintf(net->meta.game, sizeof net->meta.game, "go");
    net->meta.min_size = 2;
    net->meta.max_size = 9;
    return net;
}

// Two deterministic players from the empty board can play two different games. The tournament
// counts those and ends.
static void repeated_games_count_once(void) {
    struct game game;
    struct journal *journal = calloc(1, sizeof *journal);
    struct tournament_result result;
    struct net *nets[2] = {random_net(1), random_net(2)};
    struct cast cast = {.num = 2};
    test_go(&game, 5, 3.5);
    for (int i = 0; i < 2; i++) {
        EXPECT_INT(player_from_net(&cast.opened[i], nets[i], i ? "b" : "a", NULL, 4, 0, "ref"), STATUS_OK);
        cast.players[i] = (struct tournament_player){.player = cast.opened[i], .name = i ? "b" : "a"};
    }
    struct tournament_params params = params_of(&game, &cast, journal);
    params.opening_plies = 0;
    params.max_games = 100;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    EXPECT_INT(result.games, 2);
    EXPECT_INT(result.duplicates, journal->num - 2);
    EXPECT(result.duplicates >= 8 && result.duplicates < 40);
    expect_result_of(&result, journal, 2);
    tournament_result_done(&result);
    // With openings within a band, by a net's judgement, there are new games.
    memset(journal, 0, sizeof *journal);
    params.opening_plies = 2;
    params.opening_band = 0.25;
    params.judge = nets[0];
    params.backend = "ref";
    params.max_games = 20;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    EXPECT_INT(result.games, 20);
    tournament_result_done(&result);
    cast_done(&cast);
    for (int i = 0; i < 2; i++) net_free(nets[i]);
    free(journal);
}

static void equal_players_rate_equal(void) {
    struct game game;
    struct journal *journal = calloc(1, sizeof *journal);
    struct tournament_result result;
    const char *const texts[] = {"uct:8@name=a", "uct:8@name=b", NULL};
    test_go(&game, 5, 3.5);
    struct cast cast = cast_of(texts);
    struct tournament_params params = params_of(&game, &cast, journal);
    params.max_games = 1000;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    printf("two equal players, %d games: difference %.0f Elo [%.0f, %.0f], first move worth %.0f Elo [%.0f, %.0f]\n",
           result.games, result.rating.elo[1], result.rating.low[1], result.rating.high[1], result.rating.advantage,
           result.rating.advantage_low, result.rating.advantage_high);
    EXPECT(result.rating.low[1] < 0 && result.rating.high[1] > 0);
    EXPECT(result.rating.high[1] - result.rating.low[1] < 100);
    EXPECT(result.rating.advantage_low < result.rating.advantage_high);
    tournament_result_done(&result);
    cast_done(&cast);
    free(journal);
}

// The mean half interval after the first `num_games` of the journal, if the truth is `truth`. It
// comes from the inverse of the information about all players but the anchor, with the advantage
// and the frequency of draws taken as known.
static double mean_half_interval_at(const struct rating *truth, const struct journal *journal, int num_games) {
    double m[MAX_PLAYERS][2 * MAX_PLAYERS] = {{0}};
    const int n = truth->num_players, anchor = truth->anchor;
    for (int k = 0; k < num_games; k++) {
        const struct tournament_game *g = &journal->games[k];
        double win, draw;
        const double mean = rating_expectation(truth, g->first, g->second, &win, &draw);
        const double w = g->is_duplicate ? 0 : (win + draw / 4 - mean * mean) * pow(log(10) / 400, 2);
        m[g->first][g->first] += w, m[g->second][g->second] += w;
        m[g->first][g->second] -= w, m[g->second][g->first] -= w;
    }
    for (int i = 0; i < n; i++) m[anchor][i] = m[i][anchor] = 0;
    m[anchor][anchor] = 1;
    for (int i = 0; i < n; i++) m[i][n + i] = 1;
    // Gauss-Jordan, without pivots since the matrix is positive definite.
    for (int i = 0; i < n; i++) {
        if (!(m[i][i] > 1e-12)) return INFINITY;
        const double pivot = m[i][i];
        for (int c = 0; c < 2 * n; c++) m[i][c] /= pivot;
        for (int r = 0; r < n; r++) {
            const double factor = m[r][i];
            for (int c = 0; r != i && c < 2 * n; c++) m[r][c] -= factor * m[i][c];
        }
    }
    double sum = 0;
    for (int i = 0; i < n; i++)
        if (i != anchor) sum += 1.96 * sqrt(m[i][n + i]);
    return sum / (n - 1);
}

// On a real ladder the choice needs fewer games than all against all for the same mean interval. An
// interval depends on the ratings found, and those depend on which games were chosen, since the
// strength of real players is not quite one number, and upsets between distant players pull the
// scale together. So the law is about the intervals at common ratings, fitted to the games of both
// tournaments. What each tournament says itself is printed.
static void the_choice_saves_games(void) {
    enum { ROUND_ROBIN_GAMES = 672 }; // 12 rounds
    const char *const texts[] = {"random", "uct:1", "uct:4", "uct:12", "uct:36", "uct:100", "uct:300", "uct:900", NULL};
    struct game game;
    struct journal *all = calloc(1, sizeof *all), *active = calloc(1, sizeof *active);
    struct tournament_result of_all, of_active;
    struct rating common;
    test_go(&game, 5, 3.5);
    struct cast cast = cast_of(texts);
    struct tournament_params params = params_of(&game, &cast, all);
    params.anchor = 3;
    params.clock = NULL; // so that games are saved, not time
    params.max_games = ROUND_ROBIN_GAMES;
    params.round_robin = true;
    EXPECT_INT(tournament_run(&params, &of_all), STATUS_OK);
    params.context = active;
    params.max_games = ROUND_ROBIN_GAMES * 3 / 4;
    params.round_robin = false;
    active->goal = mean_half_interval(&of_all.rating);
    EXPECT_INT(tournament_run(&params, &of_active), STATUS_OK);
    struct rating_pair pairs[2 * MAX_PLAYERS * MAX_PLAYERS];
    memcpy(pairs, of_all.pairs, (size_t)of_all.num_pairs * sizeof *pairs);
    memcpy(pairs + of_all.num_pairs, of_active.pairs, (size_t)of_active.num_pairs * sizeof *pairs);
    EXPECT_INT(rating_fit(&common, cast.num, params.anchor, 0, pairs, of_all.num_pairs + of_active.num_pairs), STATUS_OK);
    for (int i = 0; i < cast.num; i++)
        printf("  %-8s all against all %5.0f +- %3.0f  chosen %5.0f +- %3.0f\n", texts[i], of_all.rating.elo[i],
               (of_all.rating.high[i] - of_all.rating.low[i]) / 2, of_active.rating.elo[i],
               (of_active.rating.high[i] - of_active.rating.low[i]) / 2);
    const double goal = mean_half_interval_at(&common, all, all->num);
    int games = 0;
    while (games < active->num && mean_half_interval_at(&common, active, games) > goal) games++;
    printf("a real ladder of %d, all against all %d games: +- %.0f Elo on average; chosen ones: %d, %.0f %%. At the ratings "
           "that each "
           "finds itself: %.0f %%\n",
           cast.num, ROUND_ROBIN_GAMES, goal, games, 100.0 * games / ROUND_ROBIN_GAMES,
           active->games_to_goal ? 100.0 * active->games_to_goal / ROUND_ROBIN_GAMES : NAN);
    EXPECT_(games <= 0.6 * ROUND_ROBIN_GAMES, "%d games of %d", games, ROUND_ROBIN_GAMES);
    for (int i = 0; i < cast.num; i++) { // players meet others than their neighbours
        bool met[MAX_PLAYERS] = {false};
        int num_met = 0, far = 0;
        for (int k = 0; k < active->num; k++) {
            const struct tournament_game *g = &active->games[k];
            if (g->first != i || met[g->second]) continue;
            met[g->second] = true;
            num_met++;
            far += abs(g->second - i) > 1;
        }
        EXPECT_(num_met >= 3 && far >= 1, "%s met %d others, %d of them far away", texts[i], num_met, far);
    }
    rating_done(&common);
    tournament_result_done(&of_all);
    tournament_result_done(&of_active);
    cast_done(&cast);
    free(all);
    free(active);
}

static void an_interval_bound_is_kept(void) {
    struct game game;
    struct journal *journal = calloc(1, sizeof *journal);
    struct tournament_result result;
    const char *const texts[] = {"random", "uct:2", "uct:4", NULL};
    test_go(&game, 5, 3.5);
    struct cast cast = cast_of(texts);
    struct tournament_params params = params_of(&game, &cast, journal);
    params.half_interval = 60;
    params.min_games = 40;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    int games[3] = {0};
    for (int k = 0; k < journal->num; k++) games[journal->games[k].first]++, games[journal->games[k].second]++;
    for (int i = 0; i < 3; i++) {
        // The last games may make it a little wider again.
        EXPECT(result.rating.high[i] - result.rating.low[i] <= 120 * 1.02);
        EXPECT(games[i] >= 40);
    }
    expect_each_game_once(journal, 0);
    tournament_result_done(&result);
    cast_done(&cast);
    free(journal);
}

static void a_player_that_is_gone_is_rated_by_its_games(void) {
    struct game game;
    struct journal *journal = calloc(1, sizeof *journal);
    struct tournament_result result;
    const char *const texts[] = {"random", "uct:2", "uct:8", NULL};
    test_go(&game, 5, 3.5);
    struct cast cast = cast_of(texts);
    struct tournament_player gone[3];
    struct tournament_params params = params_of(&game, &cast, journal);
    params.max_games = 60;
    params.round_robin = true;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    tournament_result_done(&result);
    memcpy(gone, cast.players, sizeof gone);
    gone[2].player = NULL;
    const int before = journal->num;
    struct tournament_game old[100];
    CHECK(before <= 100);
    memcpy(old, journal->games, (size_t)before * sizeof *old);
    params.players = gone;
    params.old = old;
    params.num_old = before;
    params.max_games = 100;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    for (int k = before; k < journal->num; k++) EXPECT(journal->games[k].first != 2 && journal->games[k].second != 2);
    EXPECT_INT(result.games, 100);
    EXPECT(result.rating.elo[2] > result.rating.elo[0]);
    tournament_result_done(&result);
    cast_done(&cast);
    free(journal);
}

#define FAKE(mode, timeout) "gtp:tests/arena/fake_engine.sh " mode "@name=" mode ",timeout=" timeout

// Whatever a program does in the middle of a tournament, the right player is blamed, and everybody
// else plays on.
static void broken_programs_stop_nobody(void) {
    const char *const texts[] = {"random",
                                 "uct:4",
                                 FAKE("pass", "20"),
                                 FAKE("crash", "20"),
                                 FAKE("nonsense", "20"),
                                 FAKE("hang", "0.3"),
                                 FAKE("illegal", "20"),
                                 FAKE("second", "20"),
                                 FAKE("deaf", "0.3"),
                                 FAKE("gone", "20"),
                                 "gtp:no-such-program@name=absent",
                                 NULL};
    const char *const expected[MAX_PLAYERS] = {NULL,
                                               NULL,
                                               NULL,
                                               "killed by signal 9",
                                               "answers nonsense",
                                               "no answer to 'genmove",
                                               "illegal move A1",
                                               "killed by signal 9",
                                               "can't start: no answer",
                                               "can't start: ended at",
                                               "can't start: command not found"};
    struct game game;
    struct journal *journal = calloc(1, sizeof *journal);
    struct tournament_result result;
    char folder[] = "/tmp/tengen-tournament-XXXXXX", path[512];
    EXPECT(mkdtemp(folder) != NULL);
    test_go(&game, 5, 24.5);
    struct cast cast = cast_of(texts);
    struct tournament_params params = params_of(&game, &cast, journal);
    params.max_games = 240;
    params.max_seconds = 600; // so that the test does not hang, however busy the machine is
    params.sgf_dir = folder;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    EXPECT_INT(result.games, 240);
    expect_result_of(&result, journal, cast.num);
    for (int k = 0; k < journal->num; k++) {
        const struct tournament_game *g = &journal->games[k];
        EXPECT(g->forfeit < 0 || g->forfeit == g->first || g->forfeit == g->second);
        if (g->forfeit < 0) continue;
        const char *why = expected[g->forfeit];
        EXPECT_(why && strstr(g->reason, why), "%s is blamed for '%s'", texts[g->forfeit], g->reason);
        EXPECT_INT(g->outcome, g->forfeit == g->first ? OUTCOME_SECOND : OUTCOME_FIRST);
    }
    for (int i = 0; i < cast.num; i++) {
        printf("  %-10s forfeited %d of its games\n", cast.players[i].name, result.forfeits[i]);
        if (expected[i]) EXPECT_(result.forfeits[i] >= 1, "%s forfeited nothing", texts[i]);
        if (i >= 8) EXPECT_(result.forfeits[i] >= 3 && result.forfeits[i] <= 8, "%s: %d tries", texts[i], result.forfeits[i]);
    }
    int files = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (!strstr(entry->d_name, ".sgf")) continue;
        files++;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    if (dir) closedir(dir);
    rmdir(folder);
    EXPECT_INT(files, journal->num);
    tournament_result_done(&result);
    cast_done(&cast);
    free(journal);
}

static void disputes_are_attributed(void) {
    const char *const texts[] = {FAKE("pass", "20"), FAKE("dead", "20"), NULL};
    struct game game;
    struct journal *journal = calloc(1, sizeof *journal);
    struct tournament_result result;
    test_go(&game, 5, 0.5);
    struct cast cast = cast_of(texts);
    struct tournament_params params = params_of(&game, &cast, journal);
    params.opening_plies = 1;
    params.max_games = 8;
    EXPECT_INT(tournament_run(&params, &result), STATUS_OK);
    EXPECT(result.disputes > 0);
    for (int k = 0; k < journal->num; k++)
        if (journal->games[k].is_disputed) EXPECT(strstr(journal->games[k].reason, "dead"));
    tournament_result_done(&result);
    cast_done(&cast);
    free(journal);
}

static void what_makes_no_sense_is_refused(void) {
    struct game game;
    struct journal *journal = calloc(1, sizeof *journal);
    struct tournament_result result;
    const char *const texts[] = {"random@name=a", "random@name=b", NULL};
    test_go(&game, 5, 3.5);
    struct cast cast = cast_of(texts);
    const struct tournament_params sound = params_of(&game, &cast, journal);
    struct tournament_params params = sound;
    EXPECT_INT(tournament_run(&params, &result), STATUS_USAGE); // there is no bound
    params.max_games = 2;
    params.anchor = 2;
    EXPECT_INT(tournament_run(&params, &result), STATUS_USAGE);
    params.anchor = 0;
    const struct tournament_game stranger = {.first = 0, .second = 7, .forfeit = -1};
    params.old = &stranger;
    params.num_old = 1;
    EXPECT_INT(tournament_run(&params, &result), STATUS_USAGE);
    params.num_old = 0;
    cast.players[1].name = "a";
    EXPECT_INT(tournament_run(&params, &result), STATUS_USAGE);
    EXPECT_INT(journal->num, 0);
    cast_done(&cast);
    free(journal);
}

int main(void) {
    what_makes_no_sense_is_refused();
    a_tournament_goes_on_where_it_was_killed();
    games_do_not_depend_on_threads();
    repeated_games_count_once();
    a_player_that_is_gone_is_rated_by_its_games();
    an_interval_bound_is_kept();
    disputes_are_attributed();
    broken_programs_stop_nobody();
    // What follows is about numbers, for which many games are played that use no other code.
    if (TEST_IS_SANITIZED) return TEST_END();
    stronger_players_rate_higher();
    equal_players_rate_equal();
    the_choice_saves_games();
    return TEST_END();
}
