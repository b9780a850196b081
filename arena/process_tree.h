// Inside arena/: everything that a process has started, by the kernel's table of processes (/proc).
#ifndef ARENA_PROCESS_TREE_H
#define ARENA_PROCESS_TREE_H

#include <sys/types.h>

// Kills all descendants of `root`, itself not, until none is left; at most a second long. Complete where `root` adopts orphans
// (PR_SET_CHILD_SUBREAPER) and lives meanwhile.
void process_tree_kill(pid_t root);

#endif
