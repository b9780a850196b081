// Where runs and models are looked for when nobody says where.
#ifndef CLI_RUN_FOLDER_H
#define CLI_RUN_FOLDER_H

#include "base/files.h"
#include "game/game.h"

// The folder of a run that nobody named: runs/GAME-SIZE, as in runs/go-7 or runs/connect4-6x7.
// `tengen train` and ./quickstart both ask here. Earlier versions of quickstart used the names
// runs/go7 and runs/connect4. If runs/GAME-SIZE does not exist, but a run of this game and size
// does under such a name, it is that one.
enum status run_folder_default(const struct game *game, char path[PATH_BYTES]);

// Lists, for a message, the nets and runs below the present folder that a command could be given,
// such as "runs/go-7, models/go5, models/go7"; "": there are none. Returns out.
char *run_folder_list(char *out, size_t out_bytes);

#endif
