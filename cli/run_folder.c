// Finds runs below the present folder by their names, and by what their databases say.
#include "cli/run_folder.h"

#include "cli/game_options.h"
#include "net/model_path.h"
#include "run/run_read.h"

#include <stdio.h>
#include <string.h>

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

enum status run_folder_expect(const char *path) {
    if (!*path || file_exists(path)) return STATUS_OK;
    char list[MODEL_LIST_BYTES];
    model_list(list, false);
    return file_expect(path, "%s: there is no such model file or run folder%s%s", path, *list ? "; here there are " : "", list);
}
