// A tournament: many players, of whom those play next whose games tell most. Games of all pairings
// share batches in one process.
//
//   schedule --> lanes of all threads --> results, one by one, to the caller --> rating
//      ^                                                                          |
//      +--------------------------------------------------------------------------+
//
// Every pairing plays each of its openings twice, with colours swapped. Where two players repeat a
// whole game with the same colours, as programs do, the repetition is reported but not counted. Nor
// is a game counted that is lost by a program that never answered anything; its reason begins with
// "forfeit: can't start". Results are the caller's to keep. It hands back what it kept when it
// starts again, so a kill loses the games in play and nothing else.
#ifndef ARENA_TOURNAMENT_H
#define ARENA_TOURNAMENT_H

#include "arena/match.h"
#include "arena/rating.h"

struct tournament_player {
    // Borrowed. NULL: the player is gone, as a program may be, and is rated by its old games alone.
    struct player *player;
    // Unique in the tournament.
    const char *name;
    // An anchor that never changes: min_games does not apply to it.
    bool is_fixed;
    // A guess of the seconds that a move costs, for as long as no games tell; 0: there is none.
    double move_seconds;
};

struct tournament_game {
    // Players, by who moves first.
    int first, second;
    // The number of the pair of games among those of these two players. It says which opening is
    // played, and the two colours share it.
    long long pair;
    enum outcome outcome;
    // The first player's score; NAN: there is none.
    double score;
    int plies;
    uint64_t moves_hash;
    // The same game is among the earlier ones, so this one is not counted.
    bool is_duplicate;
    // The player who crashed, hung or cheated; -1: nobody did.
    int forfeit;
    // A program and we disagree about who won.
    bool is_disputed;
    // Why it ended otherwise than by the rules ("resign", "forfeit: illegal move D4", ...), or
    // NULL.
    const char *reason;
    // Seconds spent on it: the thinking of both sides, and its share of common batches.
    double seconds;
    // [plies]; NULL in old games.
    const uint16_t *actions;
};

struct tournament_params {
    const struct game *game;
    const struct tournament_player *players;
    int num_players;
    // The player whose Elo is fixed, and at what.
    int anchor;
    double anchor_elo;
    // The games that earlier sessions played.
    const struct tournament_game *old;
    int num_old;

    // When to stop: at whichever bound is reached first. 0 means that there is no such bound, and
    // to have none at all is a usage error. Pairs of games that have begun are finished, since
    // dropping long games would favour short ones; after max_seconds only the games in play are.
    //
    // Counted games, old ones included.
    int max_games;
    // Seconds of this session; needs a clock.
    double max_seconds;
    // Games that are still in play this long after max_seconds are dropped, to be played by a later
    // session; until then short games are favoured. 0: they are finished, however long they take.
    double grace_seconds;
    // Every player's Elo is known to within plus or minus this with 95 %. It does not apply to
    // players that are gone, can't be started, or have won all or lost all of 200 games or more.
    double half_interval;
    // With half_interval: every player has at least this many games, too.
    int min_games;

    // All games are of player 0, whose interval alone matters: every pair has it on one side, and
    // bounds on intervals and games are its own. What the others are worth stands in the old games.
    bool only_first;
    // With only_first: before its first game, player 0 is taken to be about as strong as this one;
    // 0: nothing is known of it.
    int first_like;

    // All play against all in rounds, instead of those whose games tell most; to compare with.
    bool round_robin;
    // Games at once on each thread are `lanes`; 0: chosen.
    int threads, lanes;
    // Negative: as many as suit the game.
    int opening_plies;
    // Openings have a winning chance, 0..1, within this distance of one half; 0: any will do. The
    // net `judge` says what the chance is, or where that is NULL, random play.
    double opening_band;
    const struct net *judge;
    const char *backend;
    uint64_t seed;
    // A folder for every game as SGF; NULL: none is written.
    const char *sgf_dir;
    const volatile bool *stop;
    // NULL: games cost nothing, and all pairings cost the same. Programs need a clock.
    const struct clock *clock;
    // Called under a lock, after each game and after each new rating; may be NULL.
    void (*on_game)(void *context, const struct tournament_game *game);
    void (*on_rating)(void *context, const struct rating *rating, int games);
    void *context;
};

struct tournament_result {
    struct rating rating;
    // The games that the rating was fitted to.
    struct rating_pair *pairs;
    int num_pairs;
    int games, duplicates, disputes;
    // [num_players]: the games that each player lost by crashing, hanging or cheating.
    int *forfeits;
    double seconds;
};
// Plays a tournament, whose rules of choice are at the head of tournament_schedule.c. A session
// ends before its bound when nothing is left to play: pairings whose last eight games were all
// duplicates are not chosen any more, nor are those whose programs can't be started. A tournament
// as a whole depends on the seed, on old results and on what games cost; a single game depends only
// on the seed, the players' names, the pair and the colours.
//
// A program that breaks loses that game and is started anew. One that can't be started at all is
// left out after three tries, with a line on stderr, and the tournament goes on. STATUS_CANCELLED:
// stopped, and the result holds what was played. Free the result with tournament_result_done.
enum status tournament_run(const struct tournament_params *params, struct tournament_result *result);
void tournament_result_done(struct tournament_result *result);

#endif
