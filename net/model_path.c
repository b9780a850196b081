// Tries the text as a file, as a file with .safetensors added, and as a run folder, whose `best` it
// then reads.
#include "net/model_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".safetensors"

enum { MAX_LISTED = 12 }; // chosen, so that the message stays one line

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

// Appends ", FOLDER/NAME" and counts it in *num. The first time that there is no space for it, it
// appends ", ..." and no more after that.
static void append(char *out, const char *folder, const char *name, size_t length, int *num) {
    static const char more[] = ", ...";
    const size_t used = strlen(out);
    if (*num > MAX_LISTED) return;
    if (*num == MAX_LISTED || used + strlen(folder) + length + strlen(", /") + sizeof more > MODEL_LIST_BYTES) {
        if (used) strcat(out, more);
        *num = MAX_LISTED + 1;
        return;
    }
    snprintf(out + used, MODEL_LIST_BYTES - used, "%s%s/%.*s", used ? ", " : "", folder, (int)length, name);
    (*num)++;
}

char *model_list(char out[MODEL_LIST_BYTES], bool only_runs) {
    char **names, path[PATH_BYTES];
    int num_names, num = 0;
    out[0] = 0;
    if (dir_exists("runs") && dir_list("runs", "", &names, &num_names) == STATUS_OK) {
        // Only runs with a net, since no command can use the others.
        for (int i = 0; i < num_names; i++)
            if (strlen(names[i]) < 256 && file_exists(path_format(path, "runs/%.255s/best", names[i])))
                append(out, "runs", names[i], strlen(names[i]), &num);
        free(names);
    }
    if (!only_runs && dir_exists("models") && dir_list("models", SUFFIX, &names, &num_names) == STATUS_OK) {
        for (int i = 0; i < num_names; i++) append(out, "models", names[i], strlen(names[i]) - strlen(SUFFIX), &num);
        free(names);
    }
    for (char *c = out; *c; c++) // names of files may contain anything
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    return out;
}

enum status model_resolve(const char *text, char path[PATH_BYTES]) {
    if (!*text) return status_fail(STATUS_USAGE, "a model's name is empty: give a .safetensors file or a run folder");
    if (strlen(text) + 300 > PATH_BYTES) return status_fail(STATUS_IO, "%.80s...: the path is too long", text);
    if (!file_exists(text) && file_exists(path_format(path, "%s" SUFFIX, text))) return STATUS_OK;
    char list[MODEL_LIST_BYTES] = ""; // whoever mistypes a name may not know which there are
    if (!file_exists(text)) model_list(list, false);
    TRY(file_expect(text, "%s: there is no such model file or run folder%s%s", text, *list ? "; here there are " : "", list));
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
