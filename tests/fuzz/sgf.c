// Any text is read as an SGF record. What is accepted can be written, and what was written can be
// read again.
#include "game/sgf.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    char *text = fuzz_text(data, num_bytes);
    struct sgf_record record, again;
    if (sgf_parse(&record, text, "input") == STATUS_OK) {
        char *written = sgf_format(&record);
        CHECK(sgf_parse(&again, written, "written") == STATUS_OK);
        CHECK(again.num_moves == record.num_moves && again.height == record.height && again.width == record.width);
        sgf_done(&again);
        sgf_done(&record);
        free(written);
    }
    free(text);
    return 0;
}
