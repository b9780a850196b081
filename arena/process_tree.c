// Who is below a process, by the parents that /proc/PID/stat names.
//
// The table changes while it is read: what is forked meanwhile is missed. So it is read again after each round of kills, until a
// round finds nobody. Each round leaves only what was born during it, whose parents are dead; a process that multiplies faster than
// that is given up after MAX_ROUNDS.
#include "arena/process_tree.h"

#include "base/status.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROUNDS = 200, ROUND_MS = 5 }; // chosen: a killed process is gone within a millisecond or so

struct process {
    pid_t pid, parent;
    bool is_gone; // only its exit status is left (or its first thread has ended before the others)
    bool is_below;
};

// False: it has ended meanwhile.
static bool read_process(const char *name, struct process *out) {
    char path[300], text[512];
    snprintf(path, sizeof path, "/proc/%s/stat", name);
    FILE *file = fopen(path, "r");
    if (!file) return false;
    const size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = 0;
    const char *end = strrchr(text, ')'); // the program's name stands in brackets and may hold anything
    char state;
    int parent;
    if (!end || sscanf(end + 1, " %c %d", &state, &parent) != 2) return false;
    *out = (struct process){.pid = (pid_t)atol(name), .parent = (pid_t)parent, .is_gone = state == 'Z' || state == 'X'};
    return true;
}

// All processes that there are; *num of them. Free the result.
static struct process *read_table(int *num) {
    struct process *table = NULL;
    int room = 0;
    *num = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
        if (*num == room) {
            room = room ? 2 * room : 256;
            table = realloc(table, (size_t)room * sizeof *table);
            CHECK(table);
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

static int kill_once(pid_t root) {
    int num, killed = 0;
    struct process *table = read_table(&num);
    for (bool is_new = true; is_new;) { // a child may have a smaller number than its parent
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
