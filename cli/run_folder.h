// Where runs are looked for when nobody says where, or where there is none.
#ifndef CLI_RUN_FOLDER_H
#define CLI_RUN_FOLDER_H

#include "base/files.h"
#include "game/game.h"

// The folder of a run that nobody named: runs/GAME-SIZE, as in runs/go-7 or runs/connect4-6x7.
// `tengen train` and ./quickstart both ask here. Earlier versions of quickstart used the names
// runs/go7 and runs/connect4. If runs/GAME-SIZE does not exist, but a run of this game and size
// does under such a name, it is that one.
enum status run_folder_default(const struct game *game, char path[PATH_BYTES]);

// Whether there is anything at this path. Otherwise the error lists the runs and nets that there
// are.
enum status run_folder_expect(const char *path);

#endif
