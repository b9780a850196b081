// Any text is read as an SGF record. What is accepted can be written, what was written can be read
// again and is the same game, and both are played to the same position.
#include "game/sgf.h"
#include "tests/fuzz/fuzz.h"

// The position after all moves that can be played, or NULL where the game can't be opened.
static void *play(const struct sgf_record *record, struct game *game, int *num_played) {
    const struct game_options options = {record->height, record->width, GAME_KOMI_DEFAULT, NULL, 0};
    if (game_open(game, record->game, &options) != STATUS_OK) return NULL;
    void *state = calloc(1, game->state_bytes);
    CHECK(state);
    game_start(game, state);
    sgf_replay(record, game, state, record->num_moves, num_played, "input");
    // What is said to be playable is, if the record can begin at all.
    void *other = calloc(1, game->state_bytes);
    CHECK(other);
    if (sgf_replay(record, game, other, 0, NULL, "input") == STATUS_OK)
        CHECK(sgf_replay(record, game, other, *num_played, NULL, "input") == STATUS_OK);
    free(other);
    return state;
}

static void compare(const struct sgf_record *a, const struct sgf_record *b) {
    CHECK(a->num_moves == b->num_moves && a->height == b->height && a->width == b->width);
    CHECK(a->handicap == b->handicap && a->first_to_move == b->first_to_move && a->num_later == b->num_later);
    for (int i = 0; i <= a->num_moves; i++) CHECK(sgf_mover(a, i) == sgf_mover(b, i));
    struct game game;
    int played[2] = {0, 0};
    void *one = play(a, &game, &played[0]), *two = play(b, &game, &played[1]);
    CHECK(played[0] == played[1] && !one == !two);
    if (one) CHECK(game_hash(&game, one) == game_hash(&game, two));
    free(one);
    free(two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    char *text = fuzz_text(data, num_bytes);
    struct sgf_record record, again;
    if (sgf_parse(&record, text, "input") == STATUS_OK) {
        char *written = sgf_format(&record);
        CHECK(sgf_parse(&again, written, "written") == STATUS_OK);
        compare(&record, &again);
        sgf_done(&again);
        sgf_done(&record);
        free(written);
    }
    free(text);
    return 0;
}
