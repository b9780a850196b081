// Exact answers to "can this side force a win?", by depth-first proof-number search [Nagai 2002;
// Kishimoto & Mueller 2005] over any game's own rules.
//
// A question has a hero, whose win is to be shown. The hero may leave moves out that are foolish
// (proof_params.is_foolish), and the other side has all of its moves: so what is shown holds for
// the whole game. That a win was not found with moves left out shows nothing; then the other side
// is asked as the hero. Where neither wins, or the bound on nodes is met, the answer is not known.
//
// Some points may be closed: those of walls that nobody can kill, where the only moves left fill
// one's own eyes. Such a move changes nothing but the history: what stood before it can't come again.
// So nobody plays there, and instead the side that is not the hero may *wait* a few times, which
// means handing over the turn without a pass and without a history. Its wall keeps its eyes all the
// same. That is more than the rules give it, and so what the hero wins here it wins there.
//
// In games with superko the future depends on the positions that have occurred: the key of a
// position covers the *set* of those since the root (as game/go_solver.c does), so no answer is
// taken over from where it doesn't hold.
//
// One thread at a time may use a proof.
#ifndef EXAM_PROOF_H
#define EXAM_PROOF_H

#include "game/game.h"

enum proof_answer { PROOF_NO, PROOF_YES, PROOF_UNKNOWN };

struct proof_params {
    // Whether positions may not be repeated, so that the key needs the history.
    bool has_history;
    long long max_nodes; // of one question
    // NULL: nothing is. It isn't asked about the pass, nor about the other side's moves.
    bool (*is_foolish)(const struct game *game, const int8_t *stones, int mover, int action);
};

struct proof;

struct proof *proof_new(const struct proof_params *params);
void proof_free(struct proof *proof); // NULL is fine
// Forgets everything; questions are about this position from now on, which must not be over. The
// sides must move in turn, and a result that is no win counts as a loss of the hero: where draws are
// possible, neither side may be able to win. closed: [height, width], NULL: no point is; then
// `waits` is how often the side that is not the hero may wait. All are borrowed until the next call.
void proof_begin(struct proof *proof, const struct game *game, const void *state, const bool *closed, int waits);
// Whether the mover wins, or loses, when both play their best. PROOF_NO means that the other side
// was shown to win.
enum proof_answer proof_wins(struct proof *proof);
// The same for who moves at the root, after these moves of it, which must be legal one after the
// other and leave the game going on.
enum proof_answer proof_wins_after(struct proof *proof, const uint16_t *actions, int num_actions);
// The same after the mover at the root has played at a closed point.
enum proof_answer proof_wins_after_wait(struct proof *proof);
// The nodes of the last question, and of all since proof_begin.
long long proof_nodes(const struct proof *proof);
long long proof_total(const struct proof *proof);

#endif
