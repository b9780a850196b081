// Where a MODEL of the command line lives: a .safetensors file (that ending may be left out), or a run folder, whose file `best` names its
// best net.
#ifndef NET_MODEL_PATH_H
#define NET_MODEL_PATH_H

#include "base/files.h"

// Writes the path of the net's file. Says what is missing: no such file or folder, a folder without `best`, a `best` that
// names nothing. `best` holds one line: a path in the folder ("nets/000012.safetensors"), or a name in its nets/.
enum status model_resolve(const char *text, char path[PATH_BYTES]);

#endif
