// The nets that can be played: the best net and the checkpoints of the runs, files that the command
// line names, and those that come with the program. Any thread.
#ifndef WEB_MODELS_H
#define WEB_MODELS_H

#include "base/files.h"
#include "web/runs.h"

enum { MODELS_ID_BYTES = 40, MODELS_MAX_FILES = 64 };

struct models;
// `files` are nets that the user named, `folders` those in which nets are looked for (a missing one
// is fine); both are copied. `runs` is borrowed. Files that can't be read are said and left out.
struct models *models_new(struct runs *runs, const char *const *files, int num_files, const char *const *folders,
                          int num_folders);
void models_free(struct models *models); // NULL is fine
// Reads what the files are. One thread calls it once; answers wait for it.
void models_read(struct models *models);

// What an id stands for.
struct models_found {
    char id[MODELS_ID_BYTES], path[PATH_BYTES], name[300];
    struct net_meta meta; // of the run's best net where the id is one of its checkpoints
    // What a new game has unless it is asked for otherwise; sides 0: as the game's default.
    int height, width;
    double komi;
    char rules[GAME_RULES_BYTES]; // "": the default
};
bool models_find(struct models *models, const char *id, struct models_found *out);
// GET /api/models without its bounds.
cJSON *models_list(struct models *models);

#endif
