// Where a MODEL of the command line is: a .safetensors file, whose ending may be left out, or a run
// folder, whose file `best` names its best net. Any thread.
#ifndef NET_MODEL_PATH_H
#define NET_MODEL_PATH_H

#include "base/files.h"

// Writes the path of the net's file. The status says what is missing: the file or folder, the
// `best` of a folder, or what `best` names. `best` has one line, which is a path in the folder
// ("nets/000012.safetensors") or a name in its nets/.
enum status model_resolve(const char *text, char path[PATH_BYTES]);

// Lists, for a message, the nets and runs below the present folder that a command could be given,
// such as "runs/go-7, models/go5, models/go7", or its runs alone; "": there are none. Returns out.
enum { MODEL_LIST_BYTES = 600 };
char *model_list(char out[MODEL_LIST_BYTES], bool only_runs);

#endif
