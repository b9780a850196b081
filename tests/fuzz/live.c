// The file of games in play, whose checksum is made right first, so that what follows it is read.
#include "run/live.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    char path[PATH_BYTES];
    struct live_games games;
    bool found;
    if (num_bytes < 12 || num_bytes > LIVE_MAX_BYTES) return 0;
    const char *folder = fuzz_make_folder();
    uint8_t *bytes = malloc(num_bytes);
    CHECK(bytes);
    memcpy(bytes, data, num_bytes);
    const uint32_t sum = crc32c(0, bytes + 12, num_bytes - 12);
    for (int i = 0; i < 4; i++) bytes[8 + i] = (uint8_t)(sum >> (8 * i));
    FILE *file = fopen(path_format(path, "%s/live", folder), "w");
    CHECK(file && fwrite(bytes, 1, num_bytes, file) == num_bytes && fclose(file) == 0);
    free(bytes);
    if (live_read(folder, &games, &found) == STATUS_OK && found) live_done(&games);
    return 0;
}
