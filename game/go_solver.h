// Inside game/: Go's exact search, see solver.h.
#ifndef GAME_GO_SOLVER_H
#define GAME_GO_SOLVER_H

#include "game/solver.h"

extern const struct solver_type go_solver;

#endif
