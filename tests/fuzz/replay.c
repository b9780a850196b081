// Calls a fuzz target with every file of a folder, as in test_fuzz_NAME FOLDER. It fails if there
// is no file.
#include "tests/fuzz/fuzz.h"

int main(int argc, char **argv) {
    char **names, path[PATH_BYTES];
    int num_names;
    if (argc != 2 || dir_list(argv[1], "", &names, &num_names)) return 2;
    for (int i = 0; i < num_names; i++) {
        char *data;
        size_t num_bytes;
        if (file_read(path_format(path, "%.2000s/%.1000s", argv[1], names[i]), &data, &num_bytes)) return 1;
        // A copy of the exact length, so that the address sanitizer sees a read beyond it.
        uint8_t *input = malloc(num_bytes ? num_bytes : 1);
        CHECK(input);
        memcpy(input, data, num_bytes);
        free(data);
        LLVMFuzzerTestOneInput(input, num_bytes);
        free(input);
    }
    free(names);
    printf("%d inputs\n", num_names);
    return num_names > 0 ? 0 : 1;
}
