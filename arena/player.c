// Reads the texts that stand for players, and opens the evaluators that players need. One table
// holds the options after '@'; a second one says which of them each kind of player heeds.
#include "arena/player_parts.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/options.h"
#include "game/solver.h"
#include "net/model_path.h"
#include "net/play_evaluator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct spec_options {
    int visits, batch, temperature_plies, candidates;
    double temperature, timeout, c_puct, fpu, lcb, score;
    bool gumbel, symmetry, prove, average_root;
    const char *backend, *name;
};
#define SPEC(field, kind, low, high, what, text)                                                                               \
    {                                                                                                                          \
        .name = #field, .type = kind, .offset = offsetof(struct spec_options, field), .min = low, .max = high, .unit = what,   \
        .help = text                                                                                                           \
    }
// The rows hold no defaults, since those depend on the kind of player. player_open fills them in.
static const struct option spec_table[] = {
    SPEC(visits, OPTION_INT, 0, 1e8, "visits", "visits of the root for each move; 0: the raw policy"),
    SPEC(batch, OPTION_INT, 1, 256, "leaves", "most leaves of one game in one batch (the match may allow fewer)"),
    SPEC(temperature, OPTION_REAL, 0, 100, "", "temperature of the choice among visited moves"),
    SPEC(temperature_plies, OPTION_INT, 0, 1e6, "plies", "temperature is 0 after so many plies; 0: never"),
    SPEC(gumbel, OPTION_FLAG, 0, 0, "", "Gumbel search instead of PUCT"),
    SPEC(candidates, OPTION_INT, 1, 4096, "moves", "Gumbel: most moves considered at the root"),
    SPEC(c_puct, OPTION_REAL, 0, 100, "", "PUCT: how much the search explores"),
    SPEC(fpu, OPTION_REAL, 0, 2, "",
         "PUCT: an unvisited move is worth its parent's value less this times the root of the visited priors"),
    SPEC(score, OPTION_REAL, 0, 1, "share", "share of the expected score in what the search wants, beside winning"),
    SPEC(symmetry, OPTION_FLAG, 0, 0, "", "judge each leaf through a random symmetry"),
    SPEC(lcb, OPTION_REAL, 0, 100, "standard errors", "PUCT: play the largest value less this; 0: the most visited move"),
    SPEC(prove, OPTION_FLAG, 0, 0, "", "what follows from finished positions is certain and decides the move"),
    SPEC(average_root, OPTION_FLAG, 0, 0, "", "judge the root through every symmetry and take the mean"),
    SPEC(timeout, OPTION_DURATION, 0.001, 1e6, "seconds", "programs: time for one answer"),
    SPEC(backend, OPTION_TEXT, 0, 0, "", "where the net runs: ref, cpu, cuda or auto"),
    SPEC(name, OPTION_TEXT, 0, 0, "", "the name that reports use"),
    {.name = NULL},
};

// A value below 0 leaves the search's own default.
static const struct spec_options usual_spec = {.visits = 100, .c_puct = -1, .fpu = -1, .lcb = -1, .timeout = 60, .prove = true};

static const struct option *spec_find(const char *name, size_t length) {
    for (const struct option *o = spec_table; o->name; o++) {
        size_t i = 0;
        while (i < length && o->name[i] && (o->name[i] == name[i] || (o->name[i] == '_' && name[i] == '-'))) i++;
        if (i == length && !o->name[i]) return o;
    }
    return NULL;
}

// A GTP command line may contain '@' for purposes of its own. What follows is ours only if it is a
// list of known options.
static bool is_known_list(const char *text) {
    for (;;) {
        const size_t length = strcspn(text, "=,");
        if (!spec_find(text, length)) return false;
        text += strcspn(text, ",");
        if (!*text) return true;
        text++;
    }
}

// The options that each kind of player heeds. The others are refused, since whoever gives one
// expects it to do something.
static const char *const options_of[] = {
    [PLAYER_NET] = "visits batch temperature temperature_plies gumbel candidates c_puct fpu score symmetry lcb prove "
                   "average_root backend name",
    [PLAYER_UCT] = "temperature temperature_plies gumbel candidates c_puct fpu average_root name",
    [PLAYER_RANDOM] = "name",
    [PLAYER_SOLVER] = "name",
    [PLAYER_GTP] = "timeout name",
};

static bool is_of(enum player_kind kind, const struct option *option) {
    const size_t length = strlen(option->name);
    for (const char *at = options_of[kind]; *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (strcspn(at, " ") == length && !strncmp(at, option->name, length)) return true;
    return false;
}

// Reads a list such as "visits=200,gumbel" into `spec`. `list` is cut up; texts in `spec` point
// into `text`.
static enum status spec_parse(char *list, const char *whole, enum player_kind kind, struct spec_options *spec,
                              struct options_text *text) {
    char *rest = NULL;
    for (char *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        char *value = strchr(word, '=');
        const size_t length = value ? (size_t)(value - word) : strlen(word);
        const struct option *option = spec_find(word, length);
        if (!option || !is_of(kind, option))
            return status_fail(STATUS_USAGE, "player %s: option '%.*s' is %s; there are: %s", whole, (int)length, word,
                               option ? "not for this kind of player" : "unknown", options_of[kind]);
        if (value)
            value++;
        else if (option->type != OPTION_FLAG)
            return status_fail(STATUS_USAGE, "player %s: option '%s' needs a value", whole, word);
        if (value && option->type == OPTION_FLAG) { // here, unlike elsewhere, flags may be 0 or 1
            if (!strcmp(value, "1"))
                value = "true";
            else if (!strcmp(value, "0"))
                value = "false";
        }
        char where[160];
        snprintf(where, sizeof where, "player %.120s: ", whole);
        TRY(options_set(spec_table, spec, where, option->name, value ? value : "true", text));
    }
    return STATUS_OK;
}

static enum status load_net(struct player *player, const char *text) {
    char path[PATH_BYTES];
    TRY(model_resolve(text, path));
    TRY(net_load(&player->owned_net, path));
    player->net = player->owned_net;
    player->path = memory_text(path, "a player");
    return STATUS_OK;
}

static const char *kind_at(const void *list, int index) {
    (void)list;
    static const char *const names[] = {"random", "solver", "uct:", "gtp:", NULL};
    return names[index];
}

// Offers a kind of player to whoever wrote nearly one, where there is no such model either.
static enum status refuse_misspelt(const char *text) {
    char path[PATH_BYTES], head[32];
    const size_t length = strcspn(text, ":"), head_length = length + (text[length] == ':');
    if (head_length >= sizeof head || strlen(text) + 300 > PATH_BYTES || file_exists(text)) return STATUS_OK;
    if (file_exists(path_format(path, "%s.safetensors", text))) return STATUS_OK;
    snprintf(head, sizeof head, "%.*s", (int)head_length, text);
    const char *closest = closest_name(head, kind_at, NULL);
    if (!closest) return STATUS_OK;
    const char *rest = closest[strlen(closest) - 1] == ':' ? text + head_length : "";
    return status_fail(STATUS_USAGE, "player %s: there is no such player or model; did you mean %s%s?", text, closest,
                       *rest || !strchr(closest, ':') ? rest : "N");
}

// Decides the kind by the text before the options.
static enum status open_kind(struct player *player, const char *text, struct spec_options *spec) {
    if (!strcmp(text, "random")) {
        player->kind = PLAYER_RANDOM;
    } else if (!strcmp(text, "solver")) {
        player->kind = PLAYER_SOLVER;
    } else if (!strncmp(text, "uct:", 4)) {
        player->kind = PLAYER_UCT;
        char *end = NULL;
        const long n = strtol(text + 4, &end, 10);
        if (end == text + 4 || *end || n < 1 || n > 100000000)
            return status_fail(STATUS_USAGE, "player %s: uct:N needs a number of rollouts from 1 to 100000000", text);
        spec->visits = n;
    } else if (!strncmp(text, "gtp:", 4)) {
        player->kind = PLAYER_GTP;
        if (!text[4 + strspn(text + 4, " \t")]) return status_fail(STATUS_USAGE, "player %s: gtp: needs a command line", text);
        player->command = memory_text(text + 4, "a player");
    } else {
        player->kind = PLAYER_NET;
        TRY(refuse_misspelt(text));
        TRY(load_net(player, text));
    }
    return STATUS_OK;
}

// The search settings of each kind. Matches want the strongest move, and the same one every time,
// so there is no noise.
static void set_search(struct player *player, const struct spec_options *spec) {
    struct search_params *search = &player->search;
    *search = search_params_default;
    search->kind = spec->gumbel ? SEARCH_GUMBEL : SEARCH_PUCT;
    search->gumbel_noise = 0;
    search->root_noise_weight = 0;
    search->random_symmetry = spec->symmetry;
    search->stop_settled = true;
    if (spec->lcb >= 0) search->lcb_deviations = (float)spec->lcb;
    search->prove = spec->prove;
    search->average_root = spec->average_root;
    // A cache lives on from game to game, so results would depend on the games' order.
    search->cache_entries = 0;
    search->max_leaves = spec->batch > 64 ? spec->batch : 64;
    if (player->kind == PLAYER_UCT) {
        search->max_leaves = 1;
        search->c_puct = 2; // docs/lab.md has the figures
        // Priors are equal, so an unvisited move promises as much as its parent.
        search->fpu_reduction = 0;
        search->random_symmetry = false;
        // An anchor of ladders must never change, and this was its value from the start.
        search->lcb_deviations = 0;
        search->prove = false;
    }
    if (player->kind == PLAYER_NET) search->score_weight = (float)spec->score;
    if (spec->fpu >= 0) search->fpu_reduction = (float)spec->fpu;
    if (spec->c_puct >= 0) search->c_puct = spec->c_puct;
    if (spec->candidates > 0) search->gumbel_candidates = spec->candidates;
}

enum status player_open(struct player **out, const char *whole, const struct player_options *options) {
    enum status status = STATUS_OK;
    struct options_text text = {0};
    struct player *player = memory_new(1, sizeof *player, "a player");
    char *head = memory_text(whole, "a player");
    const int visits = !options || options->visits == 0 ? 100 : options->visits == PLAYER_RAW ? 0 : options->visits;
    struct spec_options spec = usual_spec;
    spec.visits = visits;
    char *list = strrchr(head, '@');
    if (list && !strncmp(head, "gtp:", 4) && !is_known_list(list + 1)) list = NULL;
    if (list) *list++ = 0;
    if ((status = open_kind(player, head, &spec)) != STATUS_OK) goto out;
    if (list && (status = spec_parse(list, whole, player->kind, &spec, &text)) != STATUS_OK) goto out;
    player->visits = spec.visits;
    player->batch = spec.batch;
    player->temperature = spec.temperature;
    player->temperature_plies = spec.temperature_plies;
    player->move_seconds = spec.timeout;
    set_search(player, &spec);
    const char *backend = spec.backend ? spec.backend : options && options->backend ? options->backend : "auto";
    snprintf(player->backend, sizeof player->backend, "%s", backend);
    const char *name = spec.name ? spec.name : options && options->name ? options->name : whole;
    player->name = memory_text(name, "a player");
out:
    options_text_done(&text);
    free(head);
    if (status != STATUS_OK) {
        player_free(player);
        player = NULL;
    }
    *out = player;
    return status;
}

enum status player_from_net(struct player **out, const struct net *net, const char *name, const struct search_params *search,
                            int visits, double temperature, const char *backend) {
    struct player *player = memory_new(1, sizeof *player, "a player");
    *out = player;
    player->kind = PLAYER_NET;
    player->net = net;
    player->visits = visits;
    player->temperature = temperature;
    if (search)
        player->search = *search;
    else
        set_search(player, &usual_spec);
    if (player->search.max_leaves < 1) player->search.max_leaves = 64;
    snprintf(player->backend, sizeof player->backend, "%s", backend ? backend : "auto");
    player->name = memory_text(name, "a player");
    return STATUS_OK;
}

void player_free(struct player *player) {
    if (!player) return;
    net_free(player->owned_net);
    free(player->name);
    free(player->path);
    free(player->command);
    free(player);
}

const char *player_name(const struct player *player) { return player->name; }
const struct net *player_net(const struct player *player) { return player->net; }
const char *player_net_path(const struct player *player) { return player->path; }
bool player_is_program(const struct player *player) { return player->kind == PLAYER_GTP; }
const char *player_command(const struct player *player) { return player->command; }
double player_answer_seconds(const struct player *player) { return player->move_seconds; }

const struct search_params *player_search(const struct player *player, int *visits) {
    *visits = player->visits;
    return player->kind == PLAYER_NET || player->kind == PLAYER_UCT ? &player->search : NULL;
}

enum status player_check_game(const struct player *player, const struct game *game) {
    if (player->kind == PLAYER_NET) return net_check_game(player->net, game, player->path ? player->path : player->name);
    if (player->kind == PLAYER_SOLVER) {
        struct solver *solver = NULL;
        TRY(solver_new(&solver, game));
        solver_free(solver);
    }
    if (player->kind == PLAYER_GTP && !game->type->has_gtp)
        return status_fail(STATUS_UNSUPPORTED, "player %s: %s is not played over GTP", player->name, game->type->name);
    if (player->kind == PLAYER_GTP && game->height != game->width)
        return status_fail(STATUS_UNSUPPORTED, "player %s: GTP knows square boards only, not %dx%d", player->name, game->height,
                           game->width);
    return STATUS_OK;
}

// A net's evaluator together with its backend, which is closed when it is freed.
struct own_evaluator {
    struct evaluator base;
    struct evaluator *inner;
    struct backend *backend;
};

static void own_judge(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements) {
    evaluator_judge(((struct own_evaluator *)self)->inner, n, positions, judgements);
}

static void own_free(struct evaluator *self) {
    struct own_evaluator *own = (struct own_evaluator *)self;
    evaluator_free(own->inner);
    backend_close(own->backend);
    free(own);
}

// The exact solver as an evaluator, which is made for the game of the first position that is
// judged.
struct exact_evaluator {
    struct evaluator base;
    struct evaluator *inner; // NULL before the first position
};

static void exact_judge(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements) {
    struct exact_evaluator *exact = (struct exact_evaluator *)self;
    // player_check_game has made a solver for this game before, so it can't fail here.
    if (!exact->inner) CHECK(evaluator_solver(&exact->inner, positions[0].game) == STATUS_OK);
    evaluator_judge(exact->inner, n, positions, judgements);
}

static void exact_free(struct evaluator *self) {
    evaluator_free(((struct exact_evaluator *)self)->inner);
    free(self);
}

static struct evaluator *exact_evaluator_new(void) {
    struct exact_evaluator *exact = memory_new(1, sizeof *exact, "the solver's evaluator");
    exact->base = (struct evaluator){.name = "solver", .max_batch = 1024, .judge = exact_judge, .free = exact_free};
    return &exact->base;
}

enum status player_evaluator(const struct player *player, int max_batch, struct evaluator **out) {
    *out = NULL;
    if (player->kind == PLAYER_SOLVER) *out = exact_evaluator_new();
    if (player->kind != PLAYER_NET) return STATUS_OK;
    struct own_evaluator *own = memory_new(1, sizeof *own, "a player's evaluator");
    enum status status = backend_open(&own->backend, &(struct backend_spec){.name = player->backend});
    if (status == STATUS_OK) status = play_evaluator_new(&own->inner, player->net, own->backend, max_batch);
    if (status != STATUS_OK) {
        if (own->backend) backend_close(own->backend);
        free(own);
        return status;
    }
    own->base = (struct evaluator){.name = own->inner->name, .max_batch = max_batch, .judge = own_judge, .free = own_free};
    *out = &own->base;
    return STATUS_OK;
}
