// A run that is as small as runs get, made through run/ alone, and the page that serves it.
#ifndef TESTS_WEB_SCENE_H
#define TESTS_WEB_SCENE_H

#include "net/net.h"
#include "net/net_file.h"
#include "run/live.h"
#include "run/run.h"
#include "web/web.h"

#include "tests/run/folder.h"
#include "tests/web/client.h"

#include <cjson/cJSON.h>

struct scene {
    char folder[PATH_BYTES], run[PATH_BYTES], net[PATH_BYTES];
    struct game game;
    struct run *writer;
    struct web *web;
    int port;
};

static double scene_seconds(void *context) { return client_now(); }
static const struct clock scene_clock = {.seconds = scene_seconds};
static double scene_wall(void) { return 1.8e9 + client_now(); }

// A random game of a record, the same for the same index. It is over unless it is cut at `most`
// plies.
static inline void scene_record(const struct game *game, long long index, int most, struct record *record) {
    struct rng rng;
    rng_init(&rng, 77, (uint64_t)index);
    record_init(record, game);
    record->index = index;
    record->net_step = index < 5 ? 0 : 10;
    void *state = memory_raw(1, game->state_bytes, "a position");
    game_start(game, state);
    for (int ply = 0; ply < most && game_certain(game, state) == OUTCOME_NONE; ply++) {
        uint16_t legal[GAME_MAX_ACTIONS];
        const int n = game_legal(game, state, legal), chosen = (int)rng_below(&rng, (uint32_t)n);
        const float u = (float)rng_double(&rng), wdl[3] = {u, (1 - u) / 4, 3 * (1 - u) / 4};
        const enum ply_kind kind = ply < 2 ? PLY_FREE : ply % 2 ? PLY_FULL : PLY_FAST;
        record_add_ply(record, legal[chosen], game_to_move(game, state), kind, 1, kind == PLY_FREE ? NULL : wdl, 0);
        if (kind == PLY_FULL) {
            float *policy = memory_new((size_t)game->num_actions, sizeof *policy, "a policy");
            for (int i = 0; i < n; i++) policy[legal[i]] = 1.0f / (float)n;
            record_set_policy(record, policy, game->num_actions);
            free(policy);
        }
        game_play(game, state, legal[chosen]);
    }
    const enum outcome outcome = game_certain(game, state);
    int8_t owner[GAME_MAX_SIDE * GAME_MAX_SIDE];
    if (outcome != OUTCOME_NONE) {
        if (game->has_ownership) game->type->ownership(game, state, owner);
        record_finish(record, outcome, game->has_score ? (float)game_score(game, state) : 0,
                      game->has_ownership ? owner : NULL);
    }
    record->opening_plies = 2;
    free(state);
}

static inline void scene_commit(struct scene *scene, int num_games) {
    const struct run_state state = *run_state(scene->writer);
    struct record *records = memory_new((size_t)num_games, sizeof *records, "records");
    for (int i = 0; i < num_games; i++) scene_record(&scene->game, state.next_game + i, 10000, &records[i]);
    const struct run_metric metrics[] = {{"progress", "", 0.25}, {"policy_loss", "nats", 2.0 / (double)(1 + state.iterations)}};
    const struct run_iteration iteration = {.games = records,
                                            .num_games = num_games,
                                            .next_game = state.next_game + num_games,
                                            .step = state.step + 10,
                                            .samples = state.samples + 640,
                                            .seconds = state.seconds + 2,
                                            .wall = scene_wall(),
                                            .metrics = metrics,
                                            .num_metrics = 2};
    CHECK(run_commit_iteration(scene->writer, &iteration) == STATUS_OK);
    for (int i = 0; i < num_games; i++) record_done(&records[i]);
    free(records);
}

static inline void scene_net(struct scene *scene, const char *path, struct net_meta *meta) {
    struct rng rng;
    struct net *net;
    rng_init(&rng, 1, 0);
    const struct net_config config = net_config_for(&scene->game, 1, 8);
    CHECK(net_new(&net, &config, &rng) == STATUS_OK);
    snprintf(net->meta.game, sizeof net->meta.game, "%s", scene->game.type->name);
    const int height = scene->game.height, width = scene->game.width;
    net->meta.min_size = height < width ? height : width;
    net->meta.max_size = height < width ? width : height;
    net->meta.step = 10;
    CHECK(net_save(net, path) == STATUS_OK);
    *meta = net->meta;
    net_free(net);
}

// A run with two iterations of five games and one checkpoint, and a page for it and for its net by
// itself.
static inline void scene_begin(struct scene *scene, const char *game, int height, int width, const char *address,
                               const char *token_file) {
    char path[PATH_BYTES];
    struct net_meta meta;
    make_folder(scene->folder, "web");
    path_format(scene->run, "%s/run", scene->folder);
    path_format(scene->net, "%s/net.safetensors", scene->folder);
    CHECK(game_open(&scene->game, game, &(struct game_options){.height = height, .width = width, .komi = GAME_KOMI_DEFAULT}) ==
          STATUS_OK);
    CHECK(run_open(&scene->writer, &(struct run_params){.path = scene->run,
                                                        .create = true,
                                                        .quiet = true,
                                                        .wall = scene_wall(),
                                                        .game = game,
                                                        .height = height,
                                                        .width = width,
                                                        .komi = scene->game.komi,
                                                        .rules = scene->game.rules,
                                                        .seed = 7}) == STATUS_OK);
    CHECK(run_set_text(scene->writer, "plan_seconds", "16") == STATUS_OK);
    CHECK(run_set_text(scene->writer, "expect", "a <b>text</b> & more") == STATUS_OK);
    scene_commit(scene, 5);
    scene_net(scene, run_net_path(scene->writer, 10, path), &meta);
    scene_net(scene, scene->net, &meta);
    struct run_checkpoint checkpoint = {
        .step = 10, .games = 5, .samples = 640, .seconds = 2, .wall = scene_wall(), .is_best = true, .has_trainer = true};
    memcpy(checkpoint.digest, meta.digest, sizeof checkpoint.digest);
    CHECK(file_write(run_trainer_path(scene->writer, 10, path), "t", 1) == STATUS_OK);
    CHECK(file_write(run_trainer_net_path(scene->writer, 10, path), "n", 1) == STATUS_OK);
    CHECK(run_add_checkpoint(scene->writer, &checkpoint) == STATUS_OK);
    scene_commit(scene, 5);
    const char *const runs[] = {scene->run}, *const files[] = {scene->net};
    const struct web_params params = {.runs = runs,
                                      .num_runs = 1,
                                      .files = files,
                                      .num_files = 1,
                                      .address = address,
                                      .token_file = token_file,
                                      .backend = "ref",
                                      .threads = 1,
                                      .machine = "a machine",
                                      .processors = 1,
                                      .clock = &scene_clock,
                                      .wall = scene_wall};
    CHECK(web_start(&scene->web, &params) == STATUS_OK);
    scene->port = web_port(scene->web);
}

static inline void scene_end(struct scene *scene) {
    web_stop(scene->web);
    run_close(scene->writer);
    remove_folder(scene->folder);
}

// The answer to a GET as JSON, which must have this status.
static inline cJSON *scene_json(struct client_answer answer, int status) {
    EXPECT_INT(answer.status, status);
    cJSON *object = answer.body ? cJSON_ParseWithOpts(answer.body, NULL, true) : NULL;
    EXPECT_(object, "the answer is no JSON: %.200s", answer.body ? answer.body : "nothing");
    client_done(&answer);
    return object ? object : cJSON_CreateObject();
}
static inline cJSON *scene_get(const struct scene *scene, const char *path) {
    return scene_json(client_get(scene->port, path), 200);
}
static inline const cJSON *at(const cJSON *object, const char *key) { return cJSON_GetObjectItemCaseSensitive(object, key); }
static inline double number_at(const cJSON *object, const char *key) {
    const cJSON *item = at(object, key);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}
static inline const char *text_at(const cJSON *object, const char *key) {
    const cJSON *item = at(object, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}

#endif
