// What the fuzz targets share. A target is one function that takes any bytes and must neither crash
// nor hang nor leak: LLVMFuzzerTestOneInput, the name that libFuzzer calls. Built without clang,
// replay.c calls it for every file of the target's corpus, so that `./check` keeps what fuzzing has
// found.
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/files.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes);

static char fuzz_folder[PATH_BYTES];

static inline void fuzz_clean(void) {
    char path[PATH_BYTES], **names;
    int num_names;
    if (dir_list(fuzz_folder, "", &names, &num_names) == STATUS_OK) {
        for (int i = 0; i < num_names; i++) unlink(path_format(path, "%.2000s/%.1000s", fuzz_folder, names[i]));
        free(names);
    }
    rmdir(fuzz_folder);
}

// A folder of this process, which is removed at its end. It is in memory if the system has such a
// place, since fuzzing writes a file for each input.
static inline const char *fuzz_make_folder(void) {
    if (!fuzz_folder[0]) {
        path_format(fuzz_folder, "%s/tengen-fuzz-XXXXXX", dir_exists("/dev/shm") ? "/dev/shm" : "/tmp");
        CHECK(mkdtemp(fuzz_folder));
        atexit(fuzz_clean);
    }
    return fuzz_folder;
}

// Writes the input to a file in that folder. Returns `path`.
static inline const char *fuzz_file(char path[PATH_BYTES], const char *name, const void *data, size_t num_bytes) {
    FILE *file = fopen(path_format(path, "%.2000s/%.200s", fuzz_make_folder(), name), "wb");
    CHECK(file && fwrite(data, 1, num_bytes, file) == num_bytes && fclose(file) == 0);
    return path;
}

// The input as zero-terminated text, which the caller frees.
static inline char *fuzz_text(const uint8_t *data, size_t num_bytes) {
    char *text = malloc(num_bytes + 1);
    CHECK(text);
    memcpy(text, data, num_bytes);
    text[num_bytes] = 0;
    return text;
}

#endif
