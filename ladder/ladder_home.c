// A ladder for a net whose run is elsewhere or gone: a run folder with one checkpoint, which is the
// net. So its games are kept, and all that works on runs works on it: elo, info, export, gtp --elo.
#include "ladder/ladder.h"

#include "net/learned.h"
#include "net/net_file.h"
#include "run/run.h"

#include <stdlib.h>
#include <string.h>

// The board with most points among those that it has learned, under the rules that it knows best.
static enum status home_game(const struct net *net, const char *path, struct game *game) {
    const struct net_learned *largest = NULL;
    for (int i = 0; i < net->meta.num_learned; i++) {
        const struct net_learned *l = &net->meta.learned[i];
        if (!largest || l->height * l->width > largest->height * largest->width) largest = l;
    }
    const char *rules = net_main_rules(&net->meta);
    const struct game_options options = {.height = largest ? largest->height : 0,
                                         .width = largest ? largest->width : 0,
                                         .komi = GAME_KOMI_DEFAULT,
                                         .rules = rules};
    TRY(game_open(game, net->meta.game, &options));
    return net_check_game(net, game, path);
}

static enum status add_only_checkpoint(struct run *run, struct net *net, const char *path, double wall) {
    struct run_checkpoint *checkpoints, only = {.step = net->meta.step,
                                                .games = net->meta.games,
                                                .samples = net->meta.samples,
                                                .seconds = net->meta.seconds,
                                                .wall = wall,
                                                .is_best = true};
    int num;
    char own[PATH_BYTES], digest[65];
    net_digest(net, digest); // not the file's, which may be from a time when the game had fewer inputs
    TRY(run_checkpoints(run, &checkpoints, &num));
    const bool is_it = num == 1 && !strcmp(checkpoints[0].digest, digest);
    free(checkpoints);
    if (is_it) return STATUS_OK;
    if (num) return status_fail(STATUS_USAGE, "%s: is a run of other nets than %s", run_path(run), path);
    TRY(net_save(net, run_net_path(run, only.step, own)));
    memcpy(only.digest, net->meta.digest, sizeof only.digest);
    return run_add_checkpoint(run, &only);
}

enum status ladder_make_home(const char *net_path, const char *folder, double wall) {
    static const struct run_label label = {LADDER_HOME_LABEL, "1"};
    struct net *net;
    struct game game;
    struct run *run = NULL;
    TRY(net_load(&net, net_path));
    enum status status = home_game(net, net_path, &game);
    if (status == STATUS_OK)
        status = run_open(&run, &(struct run_params){.path = folder,
                                                     .create = true,
                                                     .quiet = true,
                                                     .wall = wall,
                                                     .game = game.type->name,
                                                     .height = game.height,
                                                     .width = game.width,
                                                     .komi = game.komi,
                                                     .rules = game.rules,
                                                     .seed = net->meta.seed,
                                                     .labels = &label,
                                                     .num_labels = 1});
    if (status == STATUS_OK) status = add_only_checkpoint(run, net, net_path, wall);
    run_close(run);
    net_free(net);
    return status;
}
