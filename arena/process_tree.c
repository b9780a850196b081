// Finds who is below a process by the parents that /proc/PID/stat names.
//
// The table of processes changes while it is read, so a process that is forked meanwhile is missed.
// Therefore the table is read again after each round of kills, until a round finds nobody. After a
// round only processes remain that were born during it, and their parents are dead. A process that
// multiplies faster than that is given up after MAX_ROUNDS.
#include "arena/process_tree.h"

#include "base/memory.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Chosen: a killed process is gone within about a millisecond.
enum { MAX_ROUNDS = 200, ROUND_MS = 5 };

struct process {
    pid_t pid, parent;
    // Only its exit status is left, or its first thread has ended before the others.
    bool is_gone;
    // It is a descendant of the root.
    bool is_below;
};

// Reads the process whose entry in /proc is called `name`. False: it has ended meanwhile.
static bool read_process(const char *name, struct process *out) {
    char path[300], text[512];
    snprintf(path, sizeof path, "/proc/%s/stat", name);
    FILE *file = fopen(path, "r");
    if (!file) return false;
    const size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = 0;
    // The program's name stands in brackets and may contain anything.
    const char *end = strrchr(text, ')');
    char state;
    int parent;
    if (!end || sscanf(end + 1, " %c %d", &state, &parent) != 2) return false;
    *out = (struct process){.pid = (pid_t)atol(name), .parent = (pid_t)parent, .is_gone = state == 'Z' || state == 'X'};
    return true;
}

// All processes that there are, *num of them. The caller frees the result.
static struct process *read_table(int *num) {
    struct process *table = NULL;
    int capacity = 0;
    *num = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
        if (*num == capacity) {
            capacity = capacity ? 2 * capacity : 256;
            table = memory_resize(table, (size_t)capacity, sizeof *table, "the table of processes");
        }
        *num += read_process(entry->d_name, &table[*num]);
    }
    if (folder) closedir(folder);
    return table;
}

static bool is_below(const struct process *table, int num, pid_t parent, pid_t root) {
    if (parent == root) return true;
    for (int i = 0; i < num; i++)
        if (table[i].pid == parent) return table[i].is_below;
    return false;
}

// Kills all that is below `root` now; returns how many of those were still running.
static int kill_once(pid_t root) {
    int num, killed = 0;
    struct process *table = read_table(&num);
    // Again and again, since a child may have a smaller number than its parent.
    for (bool is_new = true; is_new;) {
        is_new = false;
        for (int i = 0; i < num; i++) {
            if (table[i].is_below || !is_below(table, num, table[i].parent, root)) continue;
            table[i].is_below = is_new = true;
        }
    }
    for (int i = 0; i < num; i++)
        if (table[i].is_below && !kill(table[i].pid, SIGKILL)) killed += !table[i].is_gone;
    free(table);
    return killed;
}

void process_tree_kill(pid_t root) {
    for (int round = 0; round < MAX_ROUNDS && kill_once(root) > 0; round++) poll(NULL, 0, ROUND_MS);
}
