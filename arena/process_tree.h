// Inside arena/: ends everything that a process has started, as the kernel's table of processes
// (/proc) shows it.
#ifndef ARENA_PROCESS_TREE_H
#define ARENA_PROCESS_TREE_H

#include <sys/types.h>

// Kills the descendants of `root`, but not `root`, until none is left or a second has passed. It
// finds them all if `root` adopts orphans (PR_SET_CHILD_SUBREAPER) and stays alive meanwhile.
void process_tree_kill(pid_t root);

#endif
