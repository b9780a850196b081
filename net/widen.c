// How nets get the inputs that their game has had added.
//
// A game may append planes and globals (num_first_planes in game.h). An older net becomes one of
// today with zeros where the new inputs enter. Only the last dimension but one of two tensors
// grows, so that whole rows can be copied. The net computes the same bits as before, and can learn
// to use the new inputs.
#include "net/widen.h"

#include <string.h>

// Copies the rows that both nets have from one to the other.
static void share(const struct net *narrow, const struct net *wide, const float *from, float *to, bool widens) {
    for (int i = 0; i < narrow->num_tensors; i++) {
        const struct net_tensor *n = &narrow->tensors[i], *w = net_find(wide, n->name);
        CHECK(w && w->num_dims == n->num_dims);
        const bool matrix = n->num_dims > 1;
        const size_t out = (size_t)n->dims[n->num_dims - 1];
        const size_t rows_n = matrix ? out * (size_t)n->dims[n->num_dims - 2] : out;
        const size_t rows_w = matrix ? out * (size_t)w->dims[w->num_dims - 2] : out;
        CHECK(w->dims[w->num_dims - 1] == n->dims[n->num_dims - 1] && rows_n <= rows_w &&
              w->count / rows_w == n->count / rows_n);
        for (size_t k = 0; k < n->count / rows_n; k++) {
            const size_t at_n = n->offset + k * rows_n, at_w = w->offset + k * rows_w;
            memcpy(to + (widens ? at_w : at_n), from + (widens ? at_n : at_w), rows_n * sizeof *to);
        }
    }
}

void net_widen_weights(const struct net *narrow, const struct net *wide, const float *from, float *to) {
    memset(to, 0, wide->num_weights * sizeof *to);
    share(narrow, wide, from, to, true);
}

enum status net_narrow(struct net **out, const struct net *wide, int num_planes, int num_globals) {
    struct net_config config = wide->config;
    config.num_planes = num_planes;
    config.num_globals = num_globals;
    TRY(net_new(out, &config, NULL));
    (*out)->meta = wide->meta;
    share(*out, wide, wide->weights, (*out)->weights, false);
    return STATUS_OK;
}

enum status net_widen(struct net **net, int num_planes, int num_globals) {
    struct net_config config = (*net)->config;
    if (config.num_planes == num_planes && config.num_globals == num_globals) return STATUS_OK;
    CHECK(config.num_planes <= num_planes && config.num_globals <= num_globals);
    config.num_planes = num_planes;
    config.num_globals = num_globals;
    struct net *wide;
    TRY(net_new(&wide, &config, NULL));
    wide->meta = (*net)->meta;
    net_widen_weights(*net, wide, (*net)->weights, wide->weights);
    net_free(*net);
    *net = wide;
    return STATUS_OK;
}

// How many inputs a net with `have` of them should have today: as many as the game, where it once
// had as few.
static int today(int has, int first, int now) { return first > 0 && first <= has && has < now ? now : has; }

enum status net_widen_to_game(struct net **net) {
    for (int i = 0; i < game_count(); i++) {
        struct game game;
        if (strcmp(game_at(i)->name, (*net)->meta.game)) continue;
        TRY(game_open(&game, game_at(i)->name, NULL));
        const struct net_config *c = &(*net)->config;
        return net_widen(net, today(c->num_planes, game.num_first_planes, game.num_planes),
                         today(c->num_globals, game.num_first_globals, game.num_globals));
    }
    return STATUS_OK; // no game once had as few, which net_check_game will report
}
