// Games between opponents that never change need be played once, and not in every run anew: those
// of anchors.tsv are part of the program. With them a checkpoint that has met only those of its own
// strength, which are cheap settings of a net that Tengen has trained, stands on the scale of
// `uct:1024` at once. A player is known by its key, and a net's key by its digest: whatever plays
// differently is somebody else, about whom the table says nothing.
#include "ladder/ladder_parts.h"

#include "base/memory.h"
#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PLAYERS = 64 };

// Pairs of the table are numbered from here on, so that they are never taken for pairs of a run.
#define FIRST_PAIR (1LL << 40)

// The player's text without the folder and the ending of its file.
static void name_player(struct ladder_known *player) {
    const char *options = strchr(player->spec, '@'), *slash = strrchr(player->spec, '/');
    const char *name = slash ? slash + 1 : player->spec;
    const int length = (int)strcspn(name, options ? ".@" : "");
    snprintf(player->name, sizeof player->name, "%.*s%s", length, name, options ? options : "");
}

// Reads "player ID KEY SPEC SECONDS", with tabs between; false: it is another line.
static bool read_player(const char *line, int *id, struct ladder_known *player) {
    if (sscanf(line, "player\t%d\t%767[^\t]\t%199[^\t]\t%lf", id, player->key, player->spec, &player->move_seconds) != 4 ||
        *id < 0 || *id >= MOST_PLAYERS)
        return false;
    name_player(player);
    return true;
}

struct games_line {
    char game[32], rules[GAME_RULES_BYTES];
    int height, width, first, second, wins, draws, losses;
    double komi;
};

// Reads "games GAME HEIGHT WIDTH KOMI RULES FIRST SECOND WINS DRAWS LOSSES".
static bool read_games(const char *line, struct games_line *g) {
    char format[96];
    snprintf(format, sizeof format, "games\t%%31[^\t]\t%%d\t%%d\t%%lf\t%%%d[^\t]\t%%d\t%%d\t%%d\t%%d\t%%d",
             GAME_RULES_BYTES - 1);
    return sscanf(line, format, g->game, &g->height, &g->width, &g->komi, g->rules, &g->first, &g->second, &g->wins, &g->draws,
                  &g->losses) == 10 &&
           g->first >= 0 && g->second >= 0 && g->first < MOST_PLAYERS && g->second < MOST_PLAYERS;
}

static bool is_about(const struct games_line *g, const struct game *game) {
    return !strcmp(g->game, game->type->name) && g->height == game->height && g->width == game->width &&
           g->komi == game->komi && !strcmp(g->rules, game->rules);
}

int ladder_known_players(const struct game *game, struct ladder_known **out) {
    struct ladder_known *all = memory_new(MOST_PLAYERS, sizeof *all, "the anchors of a ladder");
    bool has_games[MOST_PLAYERS] = {false};
    int num = 0;
    for (int i = 0; i < ladder_anchor_lines_count; i++) {
        struct ladder_known player = {0};
        struct games_line games;
        int id;
        if (read_player(ladder_anchor_lines[i], &id, &player)) all[id] = player;
        if (read_games(ladder_anchor_lines[i], &games) && is_about(&games, game))
            has_games[games.first] = has_games[games.second] = true;
    }
    for (int id = 0; id < MOST_PLAYERS; id++)
        if (has_games[id] && *all[id].key) all[num++] = all[id];
    *out = all;
    return num;
}

static void add_games(struct ladder_book *book, const struct games_line *g, int first, int second) {
    const enum outcome outcomes[3] = {OUTCOME_FIRST, OUTCOME_DRAW, OUTCOME_SECOND};
    const int counts[3] = {g->wins, g->draws, g->losses};
    long long pair = FIRST_PAIR;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < counts[k]; i++, pair++) {
            const uint64_t name = ((uint64_t)first << 40) ^ ((uint64_t)second << 20) ^ (uint64_t)(pair - FIRST_PAIR);
            ladder_book_add(book, &(struct tournament_game){.first = first,
                                                            .second = second,
                                                            .pair = pair,
                                                            .outcome = outcomes[k],
                                                            .score = NAN,
                                                            .moves_hash = rng_mix(name ^ 0x6b6e6f776e),
                                                            .forfeit = -1});
        }
}

void ladder_known_add(struct ladder_book *book, const struct game *game) {
    int player_of[MOST_PLAYERS], id;
    for (int i = 0; i < MOST_PLAYERS; i++) player_of[i] = -1;
    for (int i = 0; i < ladder_anchor_lines_count; i++) {
        struct ladder_known player;
        if (read_player(ladder_anchor_lines[i], &id, &player)) player_of[id] = i;
    }
    for (int i = 0; i < ladder_anchor_lines_count; i++) {
        struct games_line g;
        struct ladder_known players[2];
        int at[2];
        if (!read_games(ladder_anchor_lines[i], &g) || !is_about(&g, game)) continue;
        CHECK(player_of[g.first] >= 0 && player_of[g.second] >= 0 && g.first != g.second);
        for (int side = 0; side < 2; side++) {
            CHECK(read_player(ladder_anchor_lines[player_of[side ? g.second : g.first]], &id, &players[side]));
            at[side] = ladder_book_add_player(book, players[side].key, players[side].spec, players[side].name, true);
        }
        add_games(book, &g, at[0], at[1]);
    }
}

bool ladder_knows(const struct ladder_book *book, const struct game *game) {
    struct ladder_known *players;
    const int num = ladder_known_players(game, &players);
    bool knows = false;
    for (int i = 0; i < num; i++) {
        const int at = ladder_book_find(book, players[i].key);
        knows |= at >= 0 && book->players[at].is_anchor && !strncmp(players[i].key, "net:", 4);
    }
    free(players);
    return knows;
}
