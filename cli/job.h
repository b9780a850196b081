// A command as one of several processes: the ranks that mpirun or srun has started. Without them a
// command runs alone, by the same calls.
#ifndef CLI_JOB_H
#define CLI_JOB_H

#include "cli/command.h"
#include "cluster/cluster.h"

// Meets the other ranks, with this machine's clock and stop_on_signals.
enum status job_open(struct cluster **cluster);
// Leaves them after the command's work has ended with `status`. After a failure, which has been
// said, it ends the whole job and does not return.
void job_close(struct cluster *cluster, enum status status);
// command_parse on every rank, so that what is wrong with the command line, and its help, is said
// once: by rank 0.
enum status job_parse(struct cluster *cluster, const struct command *self, const struct option *table, void *settings, int argc,
                      char **argv, int min_words, int max_words, struct words *words, bool *done);
// For a command that would do the same on every rank: refuses to be one of several processes.
enum status job_refuse(const struct command *self);
// The threads that this rank should have by itself: the processors that it may use, shared with the
// other ranks on this host unless the launcher has given each its own.
int job_processors(const struct cluster *cluster);

#endif
