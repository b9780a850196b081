// The budgets of a training: the bytes that its folder may take (--disk), and the bytes of memory
// that its process may take (--memory).
//
// Both bound the replay window, which is what grows: on the disk the oldest chunks go (run_keep),
// in memory the oldest games. What does not grow (nets, trainer, searches) is estimated before a
// run is made, and is refused in one line where it does not fit; --memory also makes fewer games be
// played at once. What the estimate can't know is measured: the highest use of the process,
// iteration by iteration. A struct budget belongs to the thread of the loop.
#ifndef SELFPLAY_BUDGET_H
#define SELFPLAY_BUDGET_H

#include "net/net.h"
#include "run/replay.h"
#include "run/run.h"
#include "selfplay/config.h"

struct budget {
    const struct config *config; // Borrowed.
    int max_legal;               // The most legal moves of a position of the game.
    long long net_bytes;         // The size of one copy of the weights.
    // The bytes that a full row takes in memory, with what comes with it. An estimate, until there
    // are some.
    long long row_memory;
    // The full rows that the chunks hold where --disk has cut the window; LLONG_MAX: it has not.
    long long window_disk;
    long long window_memory; // The full rows for which --memory has space; LLONG_MAX: any number.
    long long peak;          // The most memory that the process ever had, as of the last look.
    long long others;        // The most of it that did not belong to the window.
    bool is_cut_said[2];     // For disk and memory: the log has said that the window is cut.
};

// Estimates what a run of this net on this game takes at least, and refuses budgets below it
// (STATUS_USAGE). Lowers config->slots, down to BUDGET_LEAST_SLOTS, where --memory needs it.
enum { BUDGET_LEAST_SLOTS = 8 };
enum status budget_init(struct budget *budget, struct config *config, const struct game *game, const struct net *net);
// One line for the log: what is allowed and what is taken now. NULL where nothing is bounded.
const char *budget_text(const struct budget *budget, const struct run *run, char out[256]);
// The full rows that the window may hold once so many have been played: what the settings say, or
// what the budgets leave.
long long budget_window(const struct budget *budget, long long full_rows);
// To be called before something is written: `coming` bytes of it, without saved nets and trainers.
// Removes what lies behind the window and, with --disk, whatever must go. STATUS_IO where the
// budget can't hold; nothing is lost then.
enum status budget_make_space(struct budget *budget, struct run *run, long long coming);
// To be called after an iteration: learns what the window may hold in memory from now on.
// STATUS_MEMORY where everything else alone is beyond --memory.
enum status budget_look(struct budget *budget, const struct run *run, struct replay *replay);
// The bytes of the records at their widest; no file of them is larger.
long long budget_record_bytes(const struct record *records, int num_records);

#endif
