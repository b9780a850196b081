// Finds runs and models below the present folder by their names, and by what their databases say.
#include "cli/run_folder.h"

#include "cli/game_options.h"
#include "run/run_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LISTED = 12 }; // chosen, so that the message stays one line

// *is_held says whether the folder holds a run of this game on this board.
static enum status look_into(const char *path, const struct game *game, bool *is_held) {
    char database[PATH_BYTES];
    struct run_summary held;
    *is_held = false;
    if (!file_exists(path_format(database, "%.4000s/run.sqlite", path))) return STATUS_OK;
    TRY(run_peek(path, &held));
    *is_held = !strcmp(held.game, game->type->name) && held.height == game->height && held.width == game->width;
    return STATUS_OK;
}

enum status run_folder_default(const struct game *game, char path[PATH_BYTES]) {
    const char *name = game->type->name;
    char size[16], usual[PATH_BYTES], before[2][PATH_BYTES];
    game_size_text(game, size);
    path_format(usual, "runs/%s-%s", name, size);
    path_format(before[0], "runs/%s%s", name, size);
    path_format(before[1], "runs/%s", name);
    path_format(path, "%s", usual);
    if (file_exists(usual)) return STATUS_OK; // if it holds something else, the training says so
    for (int i = 0; i < 2; i++) {
        bool is_held;
        TRY(look_into(before[i], game, &is_held));
        if (!is_held) continue;
        path_format(path, "%s", before[i]);
        break;
    }
    return STATUS_OK;
}

// Appends ", FOLDER/NAME" and counts it in *num. The first time that there is no space for it, it
// appends ", ..." and no more after that.
static void append(char *out, size_t out_bytes, const char *folder, const char *name, size_t length, int *num) {
    static const char more[] = ", ...";
    const size_t used = strlen(out);
    if (*num > MAX_LISTED) return;
    if (*num == MAX_LISTED || used + strlen(folder) + length + strlen(", /") + sizeof more > out_bytes) {
        if (used) strcat(out, more);
        *num = MAX_LISTED + 1;
        return;
    }
    snprintf(out + used, out_bytes - used, "%s%s/%.*s", used ? ", " : "", folder, (int)length, name);
    (*num)++;
}

char *run_folder_list(char *out, size_t out_bytes) {
    static const char suffix[] = ".safetensors";
    char **names, path[PATH_BYTES];
    int num_names, num = 0;
    out[0] = 0;
    if (dir_exists("runs") && dir_list("runs", "", &names, &num_names) == STATUS_OK) {
        // Only runs with a net, since no command can use the others.
        for (int i = 0; i < num_names; i++)
            if (strlen(names[i]) < 256 && file_exists(path_format(path, "runs/%.255s/best", names[i])))
                append(out, out_bytes, "runs", names[i], strlen(names[i]), &num);
        free(names);
    }
    if (dir_exists("models") && dir_list("models", suffix, &names, &num_names) == STATUS_OK) {
        for (int i = 0; i < num_names; i++) append(out, out_bytes, "models", names[i], strlen(names[i]) - strlen(suffix), &num);
        free(names);
    }
    for (char *c = out; *c; c++) // names of files may contain anything
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    return out;
}
