// Who stands on the ladder: the anchors, the choice of checkpoints, and the keys by which a player
// is known again.
#include "ladder/ladder_parts.h"

#include "arena/gtp_client.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The default anchors, and their only table: powers of four of UCT, GNU Go's weakest and strongest
// usual level, and the exact solver. They never change: whoever changes how a text here plays must
// change the text.
const struct ladder_anchor ladder_anchors[] = {
    {"random", "random", NULL, 0, false, NULL, 1e-5, 0},
    {"uct:64", "uct:64", NULL, 0, false, NULL, 0.005, 1},
    {"uct:256", "uct:256", NULL, 0, false, NULL, 0.02, 2},
    {"uct:1024", "uct:1024", NULL, 0, false, NULL, 0.08, 3},
    {"uct:4096", "uct:4096", NULL, 0, false, NULL, 0.3, 4},
    {"gtp:gnugo --mode gtp --level 1 --chinese-rules", "GNU Go level 1", "go", 0, true,
     "GNU Go is not installed (Debian: apt-get install gnugo): it takes no part", 0.03, 3},
    {"gtp:gnugo --mode gtp --level 10 --chinese-rules", "GNU Go level 10", "go", 0, true, NULL, 0.05, 3},
    // Here it answers at once from the first move on.
    {"solver", "solver", "tictactoe", 9, false, NULL, 1e-4, 1},
    {"solver", "solver", "othello", 16, false, NULL, 1e-3, 1},
    {"solver", "solver", "hex", 25, false, NULL, 0.05, 3},
    // It takes minutes a game on 7 x 6: those who have them say --anchor solver.
    {"solver", "solver", "connect4", 20, false, NULL, 0.05, 3},
};
const int ladder_num_anchors = sizeof ladder_anchors / sizeof *ladder_anchors;

const struct ladder_scale ladder_scales[] = {
    {LADDER_GNUGO_KEY, 1800, "go", 9},  // For 9x9, as on the server CGOS.
    {LADDER_MIDDLE_KEY, 1000, NULL, 0}, // Chosen, not measured.
    {LADDER_RANDOM_KEY, 0, NULL, 0},
};
const int ladder_num_scales = sizeof ladder_scales / sizeof *ladder_scales;

bool ladder_is_scale(const struct ladder_scale *scale, const struct game *game, const char *key) {
    const size_t length = strlen(scale->key);
    if (scale->game && strcmp(scale->game, game->type->name)) return false;
    if (scale->size && (game->height != scale->size || game->width != scale->size)) return false;
    return !strncmp(key, scale->key, length) && (!key[length] || scale->key[length - 1] == '|');
}

char *ladder_setting_key(char out[LADDER_KEY], const char *digest, int visits, double temperature) {
    char warm[40] = "";
    if (temperature > 0) snprintf(warm, sizeof warm, "temperature=%g,", temperature);
    snprintf(out, LADDER_KEY, "net:%s %svisits=%d", digest, warm, visits);
    return out;
}

char *ladder_net_key(char out[LADDER_KEY], const char *digest, int visits) {
    return ladder_setting_key(out, digest, visits, 0);
}

static int compare_words(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

// Appends the options in the order of their names, without those that don't change how it plays. A
// net's visits are always among them.
static enum status append_options(char out[LADDER_KEY], const char *spec, const char *list, bool is_net, int visits) {
    char text[LADDER_KEY], own[32], *words[32], *rest = NULL;
    int num = 0;
    bool has_visits = false;
    if (strlen(list) >= sizeof text) return status_fail(STATUS_USAGE, "player %.80s...: its options are too long", spec);
    snprintf(text, sizeof text, "%s", list);
    for (char *word = strtok_r(text, ",", &rest); word && num < 30; word = strtok_r(NULL, ",", &rest)) {
        for (char *at = word; *at && *at != '='; at++)
            if (*at == '-') *at = '_';
        const size_t length = strcspn(word, "=");
        const bool is_idle = (length == 4 && !strncmp(word, "name", 4)) || (length == 7 && !strncmp(word, "backend", 7));
        has_visits |= length == 6 && !strncmp(word, "visits", 6);
        if (!is_idle) words[num++] = word;
    }
    snprintf(own, sizeof own, "visits=%d", visits);
    if (is_net && !has_visits) words[num++] = own;
    qsort(words, (size_t)num, sizeof *words, compare_words);
    for (int i = 0; i < num; i++) {
        const size_t length = strlen(out);
        snprintf(out + length, LADDER_KEY - length, "%s%s", i ? "," : " ", words[i]);
    }
    return STATUS_OK;
}

// "COMMAND|NAME VERSION", as the program says itself.
static enum status program_key(char out[LADDER_KEY], const char *spec, const struct player *player, const volatile bool *stop,
                               const struct clock *clock, bool quiet) {
    char version[128] = "";
    const char *command = player_command(player);
    if (strlen(spec) > 600) return status_fail(STATUS_USAGE, "player %.80s...: the command line is too long", spec);
    struct gtp_client *client;
    TRY(gtp_client_new(&client, command, player_answer_seconds(player), clock));
    gtp_client_send(client, "version");
    const char *asked, *text;
    const enum gtp_answer answer = gtp_client_wait(client, stop, &asked, &text);
    enum status status = STATUS_OK;
    if (answer == GTP_PENDING)
        status = STATUS_CANCELLED;
    else if (answer == GTP_GOOD)
        snprintf(version, sizeof version, "%.*s", (int)strcspn(text, "\r\n"), text);
    else if (answer == GTP_BROKEN)
        status = quiet ? STATUS_IO : status_fail(STATUS_IO, "player %s: %s", spec, gtp_client_reason(client));
    gtp_client_free(client);
    snprintf(out, LADDER_KEY, "gtp:%.600s|%s", command, version);
    return status;
}

enum status ladder_key(char out[LADDER_KEY], const char *spec, const struct player *player, int visits,
                       const volatile bool *stop, const struct clock *clock, bool quiet) {
    if (player_is_program(player)) return program_key(out, spec, player, stop, clock, quiet);
    const struct net *net = player_net(player);
    const char *list = strrchr(spec, '@');
    if (net)
        snprintf(out, LADDER_KEY, "net:%s", net->meta.digest);
    else
        snprintf(out, LADDER_KEY, "%.*s", (int)(list ? list - spec : (long)strlen(spec)), spec);
    return append_options(out, spec, list ? list + 1 : "", net != NULL, visits);
}

static void choose(bool *is_chosen, int index, int *num) {
    *num += !is_chosen[index];
    is_chosen[index] = true;
}

int ladder_choose_checkpoints(const struct run_checkpoint *checkpoints, int num, int most, int *chosen) {
    int num_chosen = 0, n = 0;
    if (num <= 0) return 0;
    bool *is_chosen = memory_new((size_t)num, sizeof *is_chosen, "a choice of checkpoints");
    choose(is_chosen, 0, &num_chosen);
    choose(is_chosen, num - 1, &num_chosen);
    for (int i = 0; i < num; i++)
        if (checkpoints[i].is_best) choose(is_chosen, i, &num_chosen);
    // One after another, we take the one that is furthest in time from all that are chosen.
    while (num_chosen < num && (most <= 0 || num_chosen < most)) {
        double furthest = -1;
        int at = 0;
        for (int i = 0; i < num; i++) {
            double distance = INFINITY;
            for (int j = 0; j < num; j++)
                if (is_chosen[j]) distance = fmin(distance, fabs(checkpoints[i].seconds - checkpoints[j].seconds));
            if (!is_chosen[i] && distance > furthest) furthest = distance, at = i;
        }
        choose(is_chosen, at, &num_chosen);
    }
    for (int i = 0; i < num; i++)
        if (is_chosen[i]) chosen[n++] = i;
    free(is_chosen);
    return n;
}
