// Finds out which game is meant from three sources: what the user said, what the model's run was
// trained on, and what the net itself knows.
#include "cli/game_options.h"

#include "base/files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A net knows the smallest and the largest side that it was trained on, but not which of them were
// the rows. If they are the sides of the game's default board, such as Connect Four's 6 x 7, it is
// that board. Otherwise it is the square with the largest side.
static enum status size_of_net(const struct net *net, const char *name, struct game_options *options) {
    struct game usual;
    const int least = net->meta.min_size, most = net->meta.max_size;
    if (least != most) {
        TRY(game_open(&usual, name, NULL));
        const int low = usual.height < usual.width ? usual.height : usual.width;
        if (low == least && usual.height + usual.width - low == most) return STATUS_OK;
    }
    options->height = options->width = most;
    return STATUS_OK;
}

enum status game_from_settings(struct game *game, const struct game_settings *settings, const struct net *net) {
    struct game_options options = {
        .height = settings->size[0], .width = settings->size[1], .komi = GAME_KOMI_DEFAULT, .rules = settings->rules};
    const char *name = settings->game ? settings->game : net ? net->meta.game : "go";
    if (net && !options.height) TRY(size_of_net(net, name, &options));
    if (settings->komi) {
        char *end;
        options.komi = strtod(settings->komi, &end);
        if (end == settings->komi || *end || !(fabs(options.komi) <= 1000))
            return status_fail(STATUS_USAGE, "--komi: '%.80s' is not a number of points", settings->komi);
    }
    return game_open(game, name, &options);
}

// Reads one line "key = value" of a config.ini. Keys that don't choose a game are passed over.
static enum status read_line(struct run_game *run, char *line) {
    static const struct option size_row[] = {
        {"size", OPTION_SIZE, offsetof(struct game_settings, size), NULL, 0, GAME_MAX_SIDE, "points", NULL, ""},
        {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
    };
    struct options_text text = {0}; // stays empty, since a size is no text
    char *key = line + strspn(line, " \t"), *value = strchr(key, '=');
    if (!value) return STATUS_OK;
    *value++ = 0;
    value += strspn(value, " \t");
    key[strcspn(key, " \t")] = 0;
    value[strcspn(value, " \t\r#;")] = 0;
    if (!*value) return STATUS_OK;
    if (!strcmp(key, "size"))
        return strcmp(value, "0") ? options_set(size_row, &run->settings, "", key, value, &text) : STATUS_OK;
    if (!strcmp(key, "game")) {
        snprintf(run->game, sizeof run->game, "%s", value);
        run->settings.game = run->game;
    } else if (!strcmp(key, "komi")) {
        snprintf(run->komi, sizeof run->komi, "%s", value);
        run->settings.komi = run->komi;
    } else if (!strcmp(key, "rules")) {
        snprintf(run->rules, sizeof run->rules, "%s", value);
        run->settings.rules = run->rules;
    }
    return STATUS_OK;
}

enum status run_game_read(struct run_game *run, const char *net_path, const struct net *net) {
    char folder[PATH_BYTES], path[PATH_BYTES], *data, *rest = NULL;
    size_t num_bytes;
    memset(run, 0, sizeof *run);
    path_format(folder, "%s", net_path);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = 0;
    else
        path_format(folder, ".");
    path_format(path, "%s/config.ini", folder);
    char *last = strrchr(folder, '/');
    if (!strcmp(last ? last + 1 : folder, "nets")) path_format(path, "%s/../config.ini", folder);
    if (!file_exists(path)) return STATUS_OK;
    TRY(file_expect_most(path, 1 << 20)); // as options_load does
    TRY(file_read(path, &data, &num_bytes));
    enum status status = STATUS_OK;
    for (char *line = strtok_r(data, "\n", &rest); line && !status; line = strtok_r(NULL, "\n", &rest))
        status = read_line(run, line);
    free(data);
    // A run of another game says nothing about this net.
    if (!run->settings.game || strcmp(run->settings.game, net->meta.game)) memset(run, 0, sizeof *run);
    return status;
}

struct game_settings game_settings_over(const struct game_settings *said, const struct game_settings *run) {
    struct game_settings all = *said;
    if (!run->game || (said->game && strcmp(said->game, run->game))) return all;
    all.game = run->game;
    if (!said->size[0]) memcpy(all.size, run->size, sizeof all.size);
    if (!said->rules) all.rules = run->rules;
    const bool is_its_board = all.size[0] == run->size[0] && all.size[1] == run->size[1];
    const bool is_its_rules = !said->rules || (run->rules && !strcmp(said->rules, run->rules));
    if (!said->komi && is_its_board && is_its_rules) all.komi = run->komi;
    return all;
}

char *game_size_text(const struct game *game, char out[16]) {
    if (game->height == game->width)
        snprintf(out, 16, "%d", game->height);
    else
        snprintf(out, 16, "%dx%d", game->height, game->width);
    return out;
}
