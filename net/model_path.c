// Tries the text as a file, as a file with .safetensors added, and as a run folder, whose `best` it
// then reads.
#include "net/model_path.h"

#include <stdlib.h>
#include <string.h>

#define SUFFIX ".safetensors"

// Reads the first line of the file, without blanks around it. It is "" where the line is empty or
// too long for a name.
static enum status read_first_line(const char *path, char line[256]) {
    char *data;
    size_t num_bytes;
    TRY(file_read(path, &data, &num_bytes));
    const char *start = data + strspn(data, " \t\r\n");
    const size_t length = strcspn(start, "\r\n");
    line[0] = 0;
    if (length < 256) {
        memcpy(line, start, length);
        line[length] = 0;
    }
    for (size_t end = strlen(line); end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t'); end--) line[end - 1] = 0;
    free(data);
    return STATUS_OK;
}

enum status model_resolve(const char *text, char path[PATH_BYTES]) {
    if (!*text) return status_fail(STATUS_USAGE, "a model's name is empty: give a .safetensors file or a run folder");
    if (strlen(text) + 300 > PATH_BYTES) return status_fail(STATUS_IO, "%.80s...: the path is too long", text);
    if (!file_exists(text) && file_exists(path_format(path, "%s" SUFFIX, text))) return STATUS_OK;
    TRY(file_expect(text, "%s: there is no such model file or run folder", text));
    if (!dir_exists(text)) {
        path_format(path, "%s", text);
        return STATUS_OK;
    }
    char best[PATH_BYTES], name[256];
    path_format(best, "%s/best", text);
    TRY(file_expect(best, "%s: has no net yet (no file 'best'): is it a run folder?", text));
    TRY(read_first_line(best, name));
    if (!*name) return status_fail(STATUS_FORMAT, "%s: names no net", best);
    static const char *const before[] = {"", "nets/", "nets/"}, *const after[] = {"", "", SUFFIX};
    for (int i = 0; i < 3; i++) {
        path_format(path, "%s/%s%s%s", text, before[i], name, after[i]);
        if (file_exists(path) && !dir_exists(path)) return STATUS_OK;
    }
    return status_fail(STATUS_IO, "%s: names %s, which is not there", best, name);
}
