// Go's exact search, for the table of solvers (solver.h). Only game/ and its tests include this.
#ifndef GAME_GO_SOLVER_H
#define GAME_GO_SOLVER_H

#include "game/solver.h"

extern const struct solver_type go_solver;

#endif
