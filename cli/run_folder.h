// Where runs and models lie when nobody says where.
#ifndef CLI_RUN_FOLDER_H
#define CLI_RUN_FOLDER_H

#include "base/files.h"
#include "game/game.h"

// The folder of a run that nobody named: runs/GAME-SIZE, as in runs/go-7 or runs/connect4-6x7. The one rule, for `tengen train` and
// ./quickstart. Where there is none yet, but a run of this game and size under a name that quickstart gave before (runs/go7,
// runs/connect4), it is that one.
enum status run_folder_default(const struct game *game, char path[PATH_BYTES]);

// "models/go5, models/go7, runs/go-7": the nets and runs below the present folder that a command could be given, for a message.
// "" where there are none.
char *run_folder_list(char *out, size_t out_bytes);

#endif
