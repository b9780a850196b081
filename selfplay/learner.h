// What every rank of a training has and does: games in play, the window, and the net in training.
// Rank 0's loop (loop.c) decides what is done when; the other ranks obey it (follow.c). A process
// alone is rank 0.
//
// One thread uses a learner, which has pools of its own.
#ifndef SELFPLAY_LEARNER_H
#define SELFPLAY_LEARNER_H

#include "base/clock.h"
#include "net/train.h"
#include "selfplay/judges.h"
#include "selfplay/team.h"

struct learner {
    const struct config *config; // Resolved; borrowed, as are the game, the clock and the cluster.
    const struct game *game;
    const struct clock *clock;
    struct cluster *cluster; // NULL: this process alone.
    const volatile bool *stop;
    struct team team;
    struct devices devices;
    // Self-play's pool has more threads where they share devices; elsewhere the two are the same.
    struct thread_pool *pool, *play_pool;
    struct net *net; // With the raw weights.
    struct train *train;
    struct judges judges; // One for each worker of play_pool.
    struct replay *replay;
    struct actors *actors;
    struct batch **shards;    // [team.end_shard - team.first_shard]
    struct live_writer *live; // Some games are shown there while they are played; NULL: none are.
    // With --from: the net has known the game from the start (train_params.starts_trained).
    bool starts_trained;
};

// The four steps of a start, in this order; learner_done is fine after each, and after a failure.
// First the borrowed fields are filled in. This finds the devices, and tries them.
enum status learner_try_devices(struct learner *learner);
// Needs learner->net. Opens pools, trainer, shards, and an empty window.
enum status learner_open(struct learner *learner);
// All ranks take the training and the window of rank 0.
enum status learner_share(struct learner *learner);
// Begins to play. All ranks have the same session.
enum status learner_begin(struct learner *learner, int session);
void learner_done(struct learner *learner);

// What the orders of the same names ask for. learner_play and learner_step are of all ranks
// together.
enum status learner_play(struct learner *learner, const struct order *order, struct team_games *games);
// Takes records (they are zeroed) into the window.
void learner_learn(struct learner *learner, const struct order *order, struct record *records, int num_records);
enum status learner_step(struct learner *learner, const struct order *order, struct losses *losses);
// *num_differed: on how many ranks the weights had come to differ from rank 0's, and were replaced.
enum status learner_refresh(struct learner *learner, int *num_differed);

#endif
