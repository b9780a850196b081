// Reads the list of `--sizes`, opens a game on each of its boards, and draws among them by their
// shares.
#include "selfplay/boards.h"

#include "base/options.h"
#include "selfplay/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    int size[2];
    double share;
};

static enum status unreadable(const char *text) {
    return status_fail(STATUS_USAGE,
                       "sizes: '%.80s' is not a list as in 7,9:2,13 (a size, and its share of games if it is not 1)", text);
}

// Reads one entry of the list, such as "9", "9:2" or "6x7:0.5".
static enum status read_entry(const char *sizes, const char *text, size_t length, struct entry *out) {
    static const struct option rows[] = {
        {"size", OPTION_SIZE, offsetof(struct entry, size), NULL, 1, GAME_MAX_SIDE, "points", NULL, ""},
        {"share", OPTION_REAL, offsetof(struct entry, share), NULL, 1e-3, 1e6, "", NULL, ""},
        {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
    };
    struct options_text unused = {0}; // Numbers need no text to be kept.
    char copy[40];
    if (length == 0 || length >= sizeof copy) return unreadable(sizes);
    memcpy(copy, text, length);
    copy[length] = 0;
    char *share = strchr(copy, ':');
    if (share) *share++ = 0;
    out->share = 1;
    TRY(options_set(rows, out, "sizes: ", "size", copy, &unused));
    return share ? options_set(rows, out, "sizes: ", "share", share, &unused) : STATUS_OK;
}

static int points_of(const struct entry *entry) { return entry->size[0] * entry->size[1]; }

// Reads the list into entries. *largest is the index of the board with most points.
static enum status read_list(const char *sizes, struct entry entries[BOARDS_MAX], int *num, int *largest) {
    *num = *largest = 0;
    for (const char *at = sizes;; at++) {
        const size_t length = strcspn(at, ",");
        if (*num == BOARDS_MAX) return status_fail(STATUS_USAGE, "sizes: more than %d boards", BOARDS_MAX);
        struct entry *entry = &entries[*num];
        TRY(read_entry(sizes, at, length, entry));
        for (int i = 0; i < *num; i++)
            if (!memcmp(entries[i].size, entry->size, sizeof entry->size))
                return status_fail(STATUS_USAGE, "sizes: %dx%d stands in '%.80s' twice", entry->size[0], entry->size[1], sizes);
        if (points_of(entry) > points_of(&entries[*largest])) *largest = *num;
        ++*num;
        at += length;
        if (!*at) return STATUS_OK;
    }
}

enum status boards_largest(const char *sizes, int size[2]) {
    struct entry entries[BOARDS_MAX];
    int num, largest;
    if (!sizes || !sizes[0]) return STATUS_OK;
    TRY(read_list(sizes, entries, &num, &largest));
    memcpy(size, entries[largest].size, sizeof entries[largest].size);
    return STATUS_OK;
}

// Opens a board beside the run's own: its games must fit where those of the run's own board do, and
// one net must be able to play both.
static enum status open_beside(const struct config *c, const struct game *own, const struct entry *entry, struct game *out) {
    struct game_options options = {
        .height = entry->size[0], .width = entry->size[1], .komi = GAME_KOMI_DEFAULT, .rules = own->rules};
    TRY(game_open(out, c->game, &options));
    const int longest = config_max_plies(c, out);
    options.max_plies = longest ? longest : out->max_plies;
    if (options.max_plies > own->max_plies) options.max_plies = own->max_plies;
    if (options.max_plies < out->max_plies) TRY(game_open(out, c->game, &options));
    if (out->height > own->height || out->width > own->width || out->num_planes != own->num_planes ||
        out->num_globals != own->num_globals || out->policy_planes != own->policy_planes ||
        out->num_global_actions != own->num_global_actions || out->state_bytes > own->state_bytes)
        return status_fail(STATUS_USAGE, "sizes: %s on %dx%d does not fit into the run's board, %dx%d", c->game, out->height,
                           out->width, own->height, own->width);
    return STATUS_OK;
}

enum status boards_init(struct boards *b, const struct config *c, const struct game *own) {
    struct entry entries[BOARDS_MAX];
    int num, largest;
    double sum = 0;
    *b = (struct boards){.own = *own, .small = *own, .num = 1, .at = {*own}, .share = {1}};
    if (c->curriculum > 0) TRY(config_curriculum(c, own, &b->small));
    if (!c->sizes || !c->sizes[0]) return STATUS_OK;
    if (c->curriculum > 0)
        return status_fail(STATUS_USAGE, "curriculum and sizes are two ways to have smaller boards: give one");
    TRY(read_list(c->sizes, entries, &num, &largest));
    if (entries[largest].size[0] != own->height || entries[largest].size[1] != own->width)
        return status_fail(STATUS_USAGE, "sizes: the largest of '%.80s' is %dx%d; it must be the run's size, %dx%d", c->sizes,
                           entries[largest].size[0], entries[largest].size[1], own->height, own->width);
    b->num = num;
    for (int i = 0; i < num; i++) sum += entries[i].share;
    for (int i = 0; i < num; i++) {
        b->share[i] = entries[i].share / sum;
        if (i == largest)
            b->at[i] = *own;
        else
            TRY(open_beside(c, own, &entries[i], &b->at[i]));
    }
    return STATUS_OK;
}

const struct game *boards_draw(const struct boards *b, double number) {
    int i = 0;
    while (i < b->num - 1 && number >= b->share[i]) number -= b->share[i++];
    return &b->at[i];
}

char *boards_text(const struct boards *b, char out[BOARDS_TEXT_BYTES]) {
    size_t length = 0;
    out[0] = 0;
    for (int i = 0; i < b->num && length < BOARDS_TEXT_BYTES; i++) {
        char komi[32] = "";
        if (b->at[i].has_komi) snprintf(komi, sizeof komi, " (komi %g)", b->at[i].komi);
        length += (size_t)snprintf(out + length, BOARDS_TEXT_BYTES - length, "%s%.0f %% on %dx%d%s", i ? ", " : "",
                                   100 * b->share[i], b->at[i].height, b->at[i].width, komi);
    }
    return out;
}

static int min_of(int a, int b) { return a < b ? a : b; }
static int max_of(int a, int b) { return a > b ? a : b; }

void boards_sides(const struct boards *b, int *least, int *greatest) {
    *least = GAME_MAX_SIDE;
    *greatest = 0;
    for (int i = 0; i < b->num; i++) {
        *least = min_of(*least, min_of(b->at[i].height, b->at[i].width));
        *greatest = max_of(*greatest, max_of(b->at[i].height, b->at[i].width));
    }
}
