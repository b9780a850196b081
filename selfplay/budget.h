// The budgets of a training: bytes that its folder may take (--disk) and bytes of memory that its process may take (--memory).
//
// Both bound the replay window, which is what grows: on the disk oldest chunks go (run_keep), in memory oldest games. What does not
// grow (nets, trainer, searches) is estimated before a run is made, and refused in one line where it has no room; --memory also
// takes fewer games at once. What the estimate can't know is measured: the process's peak, iteration by iteration.
#ifndef SELFPLAY_BUDGET_H
#define SELFPLAY_BUDGET_H

#include "net/net.h"
#include "run/replay.h"
#include "run/run.h"
#include "selfplay/config.h"

struct budget {
    const struct config *config; // borrowed
    int max_legal;               // of the game
    long long net_bytes;         // of one copy of the weights
    long long row_memory;        // bytes of a full row with what comes with it in memory, an estimate until there are some
    long long window_disk;       // full rows that the chunks hold where --disk has cut the window; LLONG_MAX: it has not
    long long window_memory;     // full rows that --memory has room for; LLONG_MAX: any
    long long peak;              // most memory that the process ever had, as of the last look
    long long others;            // ... of it what was not the window's, at most
    bool is_cut_said[2];         // disk, memory: the log has said that the window is cut
};

// Estimates what a run of this net on this game takes at least and refuses budgets below it. Lowers config->slots, down to
// BUDGET_LEAST_SLOTS, where --memory asks for it.
enum { BUDGET_LEAST_SLOTS = 8 };
enum status budget_init(struct budget *budget, struct config *config, const struct game *game, const struct net *net);
// One line for the log: what is allowed and what is taken now. NULL where nothing is bounded.
const char *budget_text(const struct budget *budget, const struct run *run, char out[256]);
// Full rows that the window may hold when so many have been played: what the settings say, or what the budgets leave.
long long budget_window(const struct budget *budget, long long full_rows);
// Before something is written: `coming` bytes of it, saved nets and trainers aside. Prunes what is behind the window and, with --disk,
// whatever must go. STATUS_IO: the budget can't hold; nothing is lost.
enum status budget_make_room(struct budget *budget, struct run *run, long long coming);
// After an iteration: what the window may hold in memory from now on. STATUS_MEMORY: the rest alone is beyond --memory.
enum status budget_look(struct budget *budget, const struct run *run, struct replay *replay);
// Bytes of records at their widest: no file of them is larger.
long long budget_record_bytes(const struct record *records, int num_records);

#endif
