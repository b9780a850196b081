// Playing a game that counts territory as one that counts area, for nets that have never counted
// territory.
//
// Such a net fills its own territory at the end, where by area scoring that costs nothing, and
// loses a point with each stone. So with it the game is played and searched as one of area scoring:
// the two scores differ by the stones that one side has placed more, which is none or one where
// nobody passes early. Half a point of komi stands for that. And where area scoring would allow a
// move for nothing, it passes instead. The score is counted as the real rules have it. This is for
// games that end with two passes, as those against programs and people do; it knows no clean-up.
#ifndef ARENA_BY_AREA_H
#define ARENA_BY_AREA_H

#include "game/evaluator.h"
#include "net/net.h"

// What is said of it to people.
#define BY_AREA_WORDS "it plays as under chinese rules, and passes when nothing is left to gain"

// Whether the game counts territory and the net has, as far as is recorded, never done so. *played
// is then the game to play.
bool by_area_game(const struct net *net, const struct game *counted, struct game *played);

// Whether a net that plays this game may have to ask such questions, which need judgements with
// owners.
bool by_area_wants_owners(const struct game *counted);

// The question whether a move gains anything over passing, asked of the net through all symmetries.
// A move gains nothing if its point surely has the same owner without it, though the opponent moves
// next, and it changes the expected score by less than the last neutral point would. The score alone
// does not say so: a net's scores of two early positions differ by more than a point from what they
// are worth, and it would pass in the opening. The question starts zeroed.
struct by_area {
    const struct game *game;
    void *states[2]; // after the move, and with the opponent to move on the board as it is
    int action;
    double sums[2]; // of what they are worth to the mover
    double owners;  // the sum of who owns the move's point in the second, from the opponent's view
    int asked, answered;
};
void by_area_done(struct by_area *question);
// `state` is the position before the move. `before` is the one before the opponent's pass, or NULL
// where that was no pass: our pass after one would end the game and count dead stones as alive.
void by_area_ask(struct by_area *question, const struct game *game, const void *state, const void *before, int action);
// The next positions to judge, at most `max`, and their judgements, with ownership; 0: it is decided.
int by_area_gather(struct by_area *question, int max, struct position *positions);
void by_area_absorb(struct by_area *question, int n, const struct judgement *judgements);
bool by_area_is_for_nothing(const struct by_area *question);

#endif
