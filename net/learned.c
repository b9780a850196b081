// The list is short, so that everything is a walk along it.
#include "net/learned.h"

#include "game/go_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// More games than this no file has seen, so that sums never overflow.
#define MOST 1000000000000000LL

// The sum of two numbers of which either may be unknown.
static long long sum_of(long long a, long long b) { return a < 0 || b < 0 ? -1 : a + b; }

void net_learned_add(struct net_meta *meta, int height, int width, const char *rules, long long games, long long positions) {
    const char *text = rules ? rules : "";
    for (int i = 0; i < meta->num_learned; i++) {
        struct net_learned *entry = &meta->learned[i];
        if (entry->height != height || entry->width != width || strcmp(entry->rules, text)) continue;
        entry->games = sum_of(entry->games, games);
        entry->positions = sum_of(entry->positions, positions);
        return;
    }
    if (meta->num_learned == NET_MAX_LEARNED) return;
    struct net_learned *entry = &meta->learned[meta->num_learned++];
    *entry = (struct net_learned){.height = height, .width = width, .games = games, .positions = positions};
    snprintf(entry->rules, sizeof entry->rules, "%s", text);
}

// --- Nets from before there was a list -----------------------------------------------------------

// The word behind an option of the command, cut to its end; "": it is not there.
static void option_of(const char *command, const char *name, char *out, size_t out_bytes) {
    const char *at = command;
    const size_t length = strlen(name);
    out[0] = 0;
    while ((at = strstr(at, name))) {
        at += length;
        if (*at != ' ' && *at != '=') continue;
        at++;
        const size_t word = strcspn(at, " ");
        if (word < out_bytes) snprintf(out, out_bytes, "%.*s", (int)word, at);
        return;
    }
}

// The command that trained it. The oldest nets have it as their note.
static const char *command_of(const struct net_meta *meta) {
    return meta->command[0] ? meta->command : strncmp(meta->note, "tengen train ", 13) ? "" : meta->note;
}

// Adds the board under one rule set; NULL: the game's default. What a file says may be anything, so
// a text that names no rules of Go is left out without a message.
static void add_under(struct net_meta *meta, int height, int width, const char *rules) {
    struct go_rules parts;
    struct game usual;
    const bool is_go = !strcmp(meta->game, "go");
    if (rules && is_go) {
        if (!go_rules_read(&parts, rules)) return;
        rules = go_rules_text(&parts);
    }
    if (!rules && game_open(&usual, meta->game, NULL) == STATUS_OK) rules = usual.rules;
    if (rules) net_learned_add(meta, height, width, rules, -1, -1);
}

// Adds the board under the rules of the command.
static void add_under_rules(struct net_meta *meta, int height, int width) {
    char rules[GAME_RULES_BYTES], mix[256], *rest = NULL;
    option_of(command_of(meta), "--rules", rules, sizeof rules);
    option_of(command_of(meta), "--rules-mix", mix, sizeof mix);
    if (height > GAME_MAX_SIDE || width > GAME_MAX_SIDE) return;
    if (!command_of(meta)[0] || !game_find(meta->game)) {
        net_learned_add(meta, height, width, "", -1, -1);
        return;
    }
    add_under(meta, height, width, rules[0] ? rules : NULL);
    for (char *word = strtok_r(mix, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) add_under(meta, height, width, word);
}

// The board that a game has by itself, if its sides are those of the net, such as 6 x 7.
static bool is_usual_board(const struct net_meta *meta, struct game *usual) {
    if (!game_find(meta->game) || game_open(usual, meta->game, NULL) != STATUS_OK) return false;
    const int low = usual->height < usual->width ? usual->height : usual->width;
    return low == meta->min_size && usual->height + usual->width - low == meta->max_size;
}

static void add_boards(struct net_meta *meta) {
    char sizes[256], *rest = NULL;
    struct game usual;
    option_of(command_of(meta), "--sizes", sizes, sizeof sizes);
    if (sizes[0]) {
        for (char *word = strtok_r(sizes, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
            char *end;
            const int height = (int)strtol(word, &end, 10), width = *end == 'x' ? (int)strtol(end + 1, NULL, 10) : height;
            if (height > 0 && width > 0) add_under_rules(meta, height, width);
        }
    } else if (meta->min_size != meta->max_size && is_usual_board(meta, &usual)) {
        add_under_rules(meta, usual.height, usual.width);
    } else if (!command_of(meta)[0]) {
        for (int size = meta->min_size; size <= meta->max_size && size > 0; size++) add_under_rules(meta, size, size);
    } else if (meta->max_size > 0) {
        // A curriculum has two boards.
        if (meta->min_size > 0 && meta->min_size < meta->max_size) add_under_rules(meta, meta->min_size, meta->min_size);
        add_under_rules(meta, meta->max_size, meta->max_size);
    }
}

void net_learned_derive(struct net_meta *meta) {
    if (meta->num_learned) return;
    add_boards(meta);
    if (meta->num_learned == 1) meta->learned[0].games = meta->games;
}

// --- Questions -----------------------------------------------------------------------------------

bool net_has_learned_board(const struct net_meta *meta, int height, int width) {
    for (int i = 0; i < meta->num_learned; i++)
        if (meta->learned[i].height == height && meta->learned[i].width == width) return true;
    return meta->num_learned == 0;
}

// Whether two rule sets are one to a net. The bonus for handicap stones is: all that a net sees of it
// is the komi.
static bool same_to_a_net(const char *a, const char *b) {
    struct go_rules x, y;
    if (!strcmp(a, b)) return true;
    if (!go_rules_read(&x, a) || !go_rules_read(&y, b)) return false;
    y.part[GO_BONUS] = x.part[GO_BONUS];
    return !memcmp(x.part, y.part, sizeof x.part);
}

bool net_has_learned_rules(const struct net_meta *meta, const char *rules) {
    bool is_recorded = false;
    for (int i = 0; i < meta->num_learned; i++) {
        if (same_to_a_net(meta->learned[i].rules, rules ? rules : "")) return true;
        is_recorded |= meta->learned[i].rules[0] != 0;
    }
    return !is_recorded;
}

const char *net_main_rules(const struct net_meta *meta) {
    const struct net_learned *most = NULL;
    for (int i = 0; i < meta->num_learned; i++)
        if (meta->learned[i].rules[0] && (!most || meta->learned[i].games > most->games)) most = &meta->learned[i];
    return most ? most->rules : NULL;
}

// Appends to a list of words, "a, b, ...", each once and no more than fits.
static void append_once(char *list, size_t bytes, const char *word) {
    const size_t used = strlen(list), length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ' ') && (!at[length] || at[length] == ',')) return;
    if (used > 3 && !strcmp(list + used - 3, "...")) return;
    snprintf(list + used, bytes - used, "%s%s", used ? ", " : "", used + length + 10 > bytes ? "..." : word);
}

const char *net_unlearned(const struct net_meta *meta, const struct game *game, char out[NET_UNLEARNED_BYTES]) {
    char boards[80] = "", rules[80] = "", board[24], what[128];
    const bool knows_board = net_has_learned_board(meta, game->height, game->width);
    const bool knows_rules = net_has_learned_rules(meta, game->rules);
    if (knows_board && knows_rules) return NULL;
    snprintf(board, sizeof board, "%dx%d", game->height, game->width);
    for (int i = 0; i < meta->num_learned; i++) {
        snprintf(what, sizeof what, "%dx%d", meta->learned[i].height, meta->learned[i].width);
        append_once(boards, sizeof boards, what);
        if (meta->learned[i].rules[0]) append_once(rules, sizeof rules, meta->learned[i].rules);
    }
    if (knows_board)
        snprintf(what, sizeof what, "not %.70s rules", game->rules);
    else if (knows_rules)
        snprintf(what, sizeof what, "not %s", board);
    else
        snprintf(what, sizeof what, "neither %s nor %.60s rules", board, game->rules);
    snprintf(out, NET_UNLEARNED_BYTES, "it has learned %s%s%s%s, and %s", boards, *rules ? " under " : "", rules,
             *rules ? " rules" : "", what);
    return out;
}

void net_warn_unlearned(const char *name, const char *unlearned, const char *more) {
    char line[1024];
    snprintf(line, sizeof line - 1, "tengen: %.300s: %s%s%.200s", name, unlearned, more ? "; " : "", more ? more : "");
    for (char *c = line; *c; c++) // a name may contain anything
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    strcat(line, "\n");
    status_say(line, strlen(line));
}

char *net_learned_text(const struct net_learned *entry, char *out, size_t out_bytes) {
    snprintf(out, out_bytes, "%dx%d games %lld positions %lld rules %s", entry->height, entry->width, entry->games,
             entry->positions, entry->rules);
    return out;
}

bool net_learned_read(const char *text, struct net_learned *out) {
    int used = 0;
    *out = (struct net_learned){0};
    const int got = sscanf(text, "%3dx%3d games %19lld positions %19lld rules%n", &out->height, &out->width, &out->games,
                           &out->positions, &used);
    if (got != 4 || !used || (text[used] != ' ' && text[used]) || out->height < 1 || out->height > GAME_MAX_SIDE ||
        out->width < 1 || out->width > GAME_MAX_SIDE || out->games < -1 || out->positions < -1 || out->games > MOST ||
        out->positions > MOST)
        return false;
    const char *rules = text[used] ? text + used + 1 : "";
    if (strlen(rules) >= sizeof out->rules || strpbrk(rules, " ,")) return false;
    memcpy(out->rules, rules, strlen(rules) + 1);
    return true;
}
