#include "cli/game_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// A net knows the least and the greatest side that it was trained on, not which way round: where those are the sides of the game's
// default board (Connect Four's 6 x 7) it is that one, else the square of the greatest.
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

char *game_size_text(const struct game *game, char out[16]) {
    if (game->height == game->width)
        snprintf(out, 16, "%d", game->height);
    else
        snprintf(out, 16, "%dx%d", game->height, game->width);
    return out;
}
