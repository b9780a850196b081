// Captures dead stones where the board is going to be counted as it stands.
//
// Pass-alive chains [Benson 1976] can't be captured even if their owner always passes. The rest of
// the board falls into parts between them. The other side can't live in a part in which it has no
// room for two eyes, which are two points that touch no pass-alive chain and not each other; and
// its stones there can be captured, because the empty points next to them can be filled. A move
// that does so is fine if all pass-alive chains stay so, which is tried out: it must not fill a
// last eye. go_benson.c asks the same of every position of a search; here it is asked once for a
// move, of single stones, so that plain flood fills do.
//
// Elsewhere, and where only a move that gives up an eye captures, the net says which stones are
// dead, and a search where to play.
#include "gtp/gtp_cleanup.h"

#include "game/go_rules.h"

#include <string.h>

enum { MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE };

static bool is_go(const struct game *game) { return !strcmp(game->type->name, "go"); }

// Writes the neighbours of a point and returns their number.
static int neighbours(const struct area_board *board, int p, int near[4]) {
    const int w = board->width, x = p % w, y = p / w;
    int n = 0;
    if (y > 0) near[n++] = p - w;
    if (x > 0) near[n++] = p - 1;
    if (x < w - 1) near[n++] = p + 1;
    if (y < board->height - 1) near[n++] = p + w;
    return n;
}

// The connected parts of the points that are in a set: part[p] is a number from 0, or -1 outside.
// Returns how many there are.
static int find_parts(const struct area_board *board, const bool *in, int16_t *part) {
    const int points = board->height * board->width;
    int num = 0;
    for (int p = 0; p < points; p++) part[p] = -1;
    for (int p = 0; p < points; p++) {
        uint16_t list[MAX_POINTS];
        int n = 0, near[4];
        if (!in[p] || part[p] >= 0) continue;
        part[list[n++] = (uint16_t)p] = (int16_t)num;
        for (int i = 0; i < n; i++)
            for (int k = neighbours(board, list[i], near); k-- > 0;)
                if (in[near[k]] && part[near[k]] < 0) part[list[n++] = (uint16_t)near[k]] = (int16_t)num;
        num++;
    }
    return num;
}

static bool touches(const struct area_board *board, int p, const int16_t *part, int wanted) {
    int near[4];
    for (int k = neighbours(board, p, near); k-- > 0;)
        if (part[near[k]] == wanted) return true;
    return false;
}

// How many of the regions that count are vital to a chain.
static int count_vital(const struct area_board *board, bool suicide, const int16_t *region, int num_regions, const bool *counts,
                       const int16_t *chain, int which) {
    bool vital[MAX_POINTS], borders[MAX_POINTS] = {false};
    int num = 0;
    memcpy(vital, counts, (size_t)num_regions * sizeof *vital);
    for (int p = 0; p < board->height * board->width; p++) {
        if (region[p] < 0) continue;
        const bool touched = touches(board, p, chain, which);
        borders[region[p]] |= touched;
        if (!touched && (suicide || !board->point[p])) vital[region[p]] = false;
    }
    for (int r = 0; r < num_regions; r++) num += vital[r] && borders[r];
    return num;
}

// Marks the stones of `own`'s pass-alive chains.
static void mark_alive(const struct area_board *board, int own, bool suicide, bool *alive) {
    const int points = board->height * board->width;
    int16_t chain[MAX_POINTS], region[MAX_POINTS];
    bool others[MAX_POINTS], counts[MAX_POINTS];
    for (int p = 0; p < points; p++) {
        alive[p] = board->point[p] == own;
        others[p] = !alive[p];
        counts[p] = true;
    }
    const int num_chains = find_parts(board, alive, chain), num_regions = find_parts(board, others, region);
    bool falls[MAX_POINTS] = {false};
    for (bool changed = true; changed;) {
        changed = false;
        for (int c = 0; c < num_chains; c++) {
            if (falls[c] || count_vital(board, suicide, region, num_regions, counts, chain, c) >= 2) continue;
            falls[c] = changed = true;
            for (int p = 0; p < points; p++)
                if (region[p] >= 0 && touches(board, p, chain, c)) counts[region[p]] = false;
        }
    }
    for (int p = 0; p < points; p++) alive[p] = alive[p] && !falls[chain[p]];
}

// Marks the points between pass-alive chains where the other side has no room for two eyes.
static void mark_safe(const struct area_board *board, const bool *alive, bool *safe) {
    const int points = board->height * board->width;
    int16_t part[MAX_POINTS], shore[MAX_POINTS];
    bool rest[MAX_POINTS] = {false};
    for (int p = 0; p < points; p++) {
        rest[p] = !alive[p];
        shore[p] = alive[p] ? 0 : -1;
    }
    const int num_parts = find_parts(board, rest, part);
    for (int i = 0; i < num_parts; i++) {
        int inner[3], num_inner = 0, borders = 0, near[4];
        for (int p = 0; p < points; p++) {
            if (part[p] != i) continue;
            const bool touched = touches(board, p, shore, 0);
            borders += touched;
            if (!touched && num_inner < 3) inner[num_inner++] = p;
        }
        bool has_room = num_inner > 2 || !borders;
        if (num_inner == 2) {
            has_room = true;
            for (int k = neighbours(board, inner[0], near); k-- > 0;) has_room &= near[k] != inner[1];
        }
        for (int p = 0; p < points; p++)
            if (part[p] == i) safe[p] = !has_room;
    }
    for (int p = 0; p < points; p++)
        if (alive[p]) safe[p] = true;
}

// Marks the liberties of a chain and returns their number.
static int mark_liberties(const struct area_board *board, const uint16_t *chain, int n, bool *liberty) {
    int count = 0, near[4];
    memset(liberty, 0, (size_t)(board->height * board->width) * sizeof *liberty);
    for (int i = 0; i < n; i++)
        for (int k = neighbours(board, chain[i], near); k-- > 0;) {
            if (board->point[near[k]] || liberty[near[k]]) continue;
            liberty[near[k]] = true;
            count++;
        }
    return count;
}

static bool keeps_life(const struct area_board *board, int own, bool suicide, int action, const bool *alive) {
    struct area_board after = *board;
    bool alive_after[MAX_POINTS];
    area_play(&after, own, action);
    mark_alive(&after, own, suicide, alive_after);
    for (int p = 0; p < board->height * board->width; p++)
        if (alive[p] && !alive_after[p]) return false;
    return true;
}

int gtp_cleanup_capture(struct gtp_engine *engine) {
    const struct game *game = &engine->game;
    if (!is_go(game)) return GAME_NO_ACTION;
    const int points = game->height * game->width, own = engine->to_play ? -1 : 1;
    const bool suicide = game->rule[GO_SUICIDE] == GO_SUICIDE_ALLOWED;
    uint16_t legal[GAME_MAX_ACTIONS], chain[MAX_POINTS];
    bool alive[MAX_POINTS], safe[MAX_POINTS], liberty[MAX_POINTS], done[MAX_POINTS] = {false};
    struct area_board board;
    int best = GAME_NO_ACTION, best_liberties = points + 1;
    gtp_engine_board(engine, &board);
    mark_alive(&board, own, suicide, alive);
    mark_safe(&board, alive, safe);
    const int num_legal = game_legal(game, engine->state, legal);
    for (int p = 0; p < points; p++) {
        if (board.point[p] != -own || !safe[p] || done[p]) continue;
        const int n = area_chain(&board, p, chain), num_liberties = mark_liberties(&board, chain, n, liberty);
        for (int i = 0; i < n; i++) done[chain[i]] = true;
        // The chain that is nearest to its end comes first.
        for (int i = 0; i < num_legal && num_liberties < best_liberties; i++) {
            if (legal[i] >= points || !liberty[legal[i]] || !keeps_life(&board, own, suicide, legal[i], alive)) continue;
            best = legal[i];
            best_liberties = num_liberties;
        }
    }
    return best;
}

bool gtp_cleanup_moves(struct gtp_engine *engine, uint16_t *until) {
    const struct game *game = &engine->game;
    if (!is_go(game)) return false;
    const int points = game->height * game->width, color = engine->to_play, own = color ? -1 : 1;
    uint8_t status[MAX_POINTS];
    uint16_t legal[GAME_MAX_ACTIONS], chain[MAX_POINTS];
    bool wanted[MAX_POINTS] = {false}, liberty[MAX_POINTS], done[MAX_POINTS] = {false};
    struct area_board board;
    gtp_engine_board(engine, &board);
    gtp_engine_guess_stones(engine, &board, status);
    gtp_engine_derive(engine, color); // the guess may have looked at another side's turn
    for (int p = 0; p < points; p++) {
        if (board.point[p] != -own || status[p] != AREA_DEAD || done[p]) continue;
        const int n = area_chain(&board, p, chain);
        mark_liberties(&board, chain, n, liberty);
        for (int i = 0; i < n; i++) done[chain[i]] = true;
        for (int q = 0; q < points; q++) wanted[q] |= liberty[q];
    }
    bool found = false;
    memset(until, 0, 2 * (size_t)game->num_actions * sizeof *until);
    const int num_legal = game_legal(game, engine->state, legal);
    for (int i = 0; i < num_legal; i++) {
        const bool is_wanted = legal[i] < points && wanted[legal[i]];
        found |= is_wanted;
        until[color * game->num_actions + legal[i]] = !is_wanted;
    }
    return found;
}
