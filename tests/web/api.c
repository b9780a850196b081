// Laws: what the API says of a run is what run/ says of it; a game's boards are those that its
// rules make; a file of games in play that is cut or altered anywhere is refused; the page sets no
// record of a run straight and takes nothing from it.
#include "game/sgf.h"
#include "run/record_sgf.h"
#include "run/run_read.h"
#include "tests/web/scene.h"

static void test_the_overview_is_the_summary(struct scene *scene) {
    struct run_summary summary;
    CHECK(run_summarise(scene->run, &summary) == STATUS_OK);
    cJSON *overview = scene_get(scene, "/api/runs/0"), *list = scene_get(scene, "/api/runs");
    EXPECT_TEXT(text_at(overview, "name"), scene->run);
    EXPECT_TEXT(text_at(at(overview, "game"), "name"), summary.game);
    EXPECT_NEAR(number_at(at(overview, "game"), "height"), summary.height, 0);
    EXPECT_NEAR(number_at(overview, "games"), (double)summary.state.games, 0);
    EXPECT_NEAR(number_at(overview, "step"), (double)summary.state.step, 0);
    EXPECT_NEAR(number_at(overview, "seconds"), summary.state.seconds, 0);
    EXPECT_NEAR(number_at(overview, "plies"), (double)summary.state.plies, 0);
    EXPECT_NEAR(number_at(at(overview, "best"), "step"), 10, 0);
    EXPECT_TEXT(text_at(at(overview, "net"), "digest"), summary.best_digest);
    EXPECT_NEAR(number_at(overview, "progress"), 0.25, 1e-9);
    EXPECT_NEAR(number_at(overview, "seconds_left"), 12, 1e-6);
    EXPECT_TEXT(text_at(overview, "expect"), "a <b>text</b> & more");
    EXPECT_TEXT(text_at(overview, "state"), "training");
    EXPECT(cJSON_IsNull(at(overview, "strength")));
    EXPECT_NEAR(number_at(cJSON_GetArrayItem(at(list, "runs"), 0), "games"), (double)summary.state.games, 0);
    cJSON_Delete(overview);
    cJSON_Delete(list);
}

static void test_metrics_are_those_of_the_run(struct scene *scene) {
    cJSON *all = scene_get(scene, "/api/runs/0/metrics"), *newer = scene_get(scene, "/api/runs/0/metrics?after=1"),
          *one = scene_get(scene, "/api/runs/0/metrics?most=1"), *none = scene_get(scene, "/api/runs/0/metrics?after=2");
    EXPECT_INT(cJSON_GetArraySize(at(all, "rows")), 2);
    EXPECT_INT(cJSON_GetArraySize(at(newer, "rows")), 1);
    EXPECT_INT(cJSON_GetArraySize(at(none, "rows")), 0);
    EXPECT_NEAR(number_at(none, "last"), 2, 0);
    const cJSON *last = cJSON_GetArrayItem(at(one, "rows"), 0), *second = cJSON_GetArrayItem(at(all, "rows"), 1);
    EXPECT_NEAR(cJSON_GetArrayItem(last, 0)->valuedouble, 2, 0);
    int column = 0;
    for (const cJSON *c = at(all, "columns")->child; c && strcmp(text_at(c, "name"), "policy_loss"); c = c->next) column++;
    EXPECT_NEAR(cJSON_GetArrayItem(second, column)->valuedouble, 1, 1e-6);
    cJSON_Delete(all);
    cJSON_Delete(newer);
    cJSON_Delete(one);
    cJSON_Delete(none);
}

static void test_games_are_filtered_and_paged(struct scene *scene) {
    struct run_reader *reader;
    struct run_game_row *rows;
    int num;
    CHECK(run_read_open(&reader, scene->run) == STATUS_OK);
    CHECK(run_read_games(reader, &(struct run_games_wish){.net_step = -1}, &rows, &num) == STATUS_OK);
    EXPECT_INT(num, 10);
    static const char *const results[] = {NULL, "b", "w", "draw"};
    for (int outcome = OUTCOME_FIRST; outcome <= OUTCOME_DRAW; outcome++) {
        char path[100];
        int wanted = 0;
        for (int i = 0; i < num; i++) wanted += (int)rows[i].outcome == outcome;
        snprintf(path, sizeof path, "/api/runs/0/games?result=%s", results[outcome]);
        cJSON *list = scene_get(scene, path);
        EXPECT_INT(cJSON_GetArraySize(at(list, "games")), wanted);
        for (const cJSON *g = at(list, "games")->child; g; g = g->next) EXPECT_TEXT(text_at(g, "result"), results[outcome]);
        cJSON_Delete(list);
    }
    // In pages of three, each game comes once, from the newest on.
    double before = 0;
    int seen = 0;
    do {
        char path[100];
        snprintf(path, sizeof path, "/api/runs/0/games?count=3&before=%.0f", before);
        cJSON *list = scene_get(scene, path);
        for (const cJSON *g = at(list, "games")->child; g; g = g->next) {
            const struct run_game_row *row = &rows[num - 1 - seen++];
            EXPECT_NEAR(number_at(g, "index"), (double)row->index, 0);
            EXPECT_NEAR(number_at(g, "plies"), row->plies, 0);
        }
        before = number_at(list, "next");
        cJSON_Delete(list);
    } while (!isnan(before) && seen < 20);
    EXPECT_INT(seen, num);
    cJSON *list = scene_get(scene, "/api/runs/0/games?net=10");
    EXPECT_INT(cJSON_GetArraySize(at(list, "games")), 5);
    cJSON_Delete(list);
    free(rows);
    run_read_close(reader);
}

static void expect_cells(const struct game *game, const void *state, const char *cells) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    game_stones(game, state, stones);
    EXPECT_INT(strlen(cells), game->height * game->width);
    for (int i = 0; i < game->height * game->width && cells[i]; i++)
        EXPECT_INT(cells[i] - '0', stones[i] > 0 ? 1 : stones[i] < 0 ? 2 : 0);
}

static void test_a_game_has_the_boards_of_its_moves(struct scene *scene, long long index) {
    struct record record;
    char path[100], text[GAME_TEXT_BYTES];
    const struct game *game = &scene->game;
    scene_record(game, index, 10000, &record);
    snprintf(path, sizeof path, "/api/runs/0/games/%lld", index);
    cJSON *object = scene_get(scene, path);
    void *state = memory_raw(1, game->state_bytes, "a position");
    game_start(game, state);
    expect_cells(game, state, text_at(object, "start"));
    EXPECT_INT(cJSON_GetArraySize(at(object, "plies")), record.num_plies);
    int i = 0;
    for (const cJSON *ply = at(object, "plies")->child; ply && i < record.num_plies; ply = ply->next, i++) {
        float wdl[3];
        const int mover = game_to_move(game, state);
        game->type->action_text(game, record.plies[i].action, text);
        EXPECT_TEXT(text_at(ply, "move"), text);
        EXPECT_TEXT(text_at(ply, "by"), mover ? "w" : "b");
        record_wdl(&record.plies[i], wdl);
        const double own = (double)wdl[0] + (double)wdl[1] / 2;
        if (record.plies[i].kind != PLY_FREE) EXPECT_NEAR(number_at(ply, "winrate"), mover ? 1 - own : own, 1e-5);
        if (record.plies[i].kind == PLY_FREE) EXPECT(cJSON_IsNull(at(ply, "winrate")) && cJSON_IsNull(at(ply, "policy")));
        double sum = 0;
        for (const cJSON *p = at(ply, "policy")->child; p; p = p->next) sum += cJSON_IsNumber(p) ? p->valuedouble : 0;
        for (const cJSON *p = cJSON_IsObject(at(ply, "policy_other")) ? at(ply, "policy_other")->child : NULL; p; p = p->next)
            sum += p->valuedouble;
        if (record.plies[i].kind == PLY_FULL) EXPECT_NEAR(sum, 1, 0.03);
        game_play(game, state, record.plies[i].action);
        expect_cells(game, state, text_at(ply, "cells"));
    }
    snprintf(path, sizeof path, "/api/runs/0/games/%lld.sgf", index);
    struct client_answer sgf = client_get(scene->port, path);
    char *wanted = sgf_has_game(record.game) ? record_format_sgf(&record) : NULL;
    EXPECT_INT(sgf.status, wanted ? 200 : 404);
    if (wanted) EXPECT_TEXT(sgf.body, wanted);
    free(wanted);
    client_done(&sgf);
    free(state);
    cJSON_Delete(object);
    record_done(&record);
}

// ---- games in play ----

// Without a sync, since this is done a thousand times.
static void put_bytes(const char *path, const char *data, size_t n) {
    FILE *file = fopen(path, "w");
    CHECK(file && fwrite(data, 1, n, file) == n && fclose(file) == 0);
}

static void test_live_games_are_told_and_never_trusted(struct scene *scene) {
    char path[PATH_BYTES], *data;
    struct record records[3];
    const struct record *list[3];
    struct live_games live;
    size_t n;
    bool found;
    for (int i = 0; i < 3; i++) {
        scene_record(&scene->game, 100 + i, 4 + i, &records[i]);
        list[i] = &records[i];
    }
    struct live_writer *writer = live_writer_new(scene->run, 1, scene_wall);
    EXPECT(live_is_due(writer, 5));
    live_write(writer, 5, 42, list, 3);
    EXPECT(!live_is_due(writer, 5.5) && live_is_due(writer, 6));
    EXPECT_INT(live_read(scene->run, &live, &found), STATUS_OK);
    EXPECT(found && live.num == 3 && live.step == 42);
    for (int i = 0; i < live.num; i++) EXPECT(record_equal(&live.records[i], &records[i]));
    live_done(&live);
    usleep(2200000); // the page looks once a second
    cJSON *object = scene_get(scene, "/api/runs/0/live");
    EXPECT_INT(cJSON_GetArraySize(at(object, "games")), 3);
    EXPECT_NEAR(number_at(object, "step"), 42, 0);
    EXPECT_NEAR(number_at(cJSON_GetArrayItem(at(object, "games"), 1), "ply"), 5, 0);
    cJSON_Delete(object);
    // Every byte that is altered, and every length, ends in a refusal.
    path_format(path, "%s/live", scene->run);
    CHECK(file_read(path, &data, &n) == STATUS_OK);
    for (size_t i = 0; i < n; i += 1 + n / 300) {
        char line[600];
        data[i] ^= 0x41;
        put_bytes(path, data, n);
        status_hear(line, sizeof line);
        EXPECT_INT(live_read(scene->run, &live, &found), STATUS_FORMAT);
        EXPECT(!found && strstr(line, path));
        data[i] ^= 0x41;
        put_bytes(path, data, i);
        EXPECT_INT(live_read(scene->run, &live, &found), STATUS_FORMAT);
        status_heard();
    }
    free(data);
    live_writer_free(writer);
    EXPECT_INT(live_read(scene->run, &live, &found), STATUS_OK);
    EXPECT(!found);
    for (int i = 0; i < 3; i++) record_done(&records[i]);
}

static void test_listeners_hear_what_is_new(struct scene *scene) {
    char request[200], text[1 << 16];
    size_t n = 0;
    const int fd = client_connect(scene->port);
    snprintf(request, sizeof request, "GET /api/runs/0/events HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", scene->port);
    CHECK(client_send(fd, request, strlen(request)));
    usleep(300000);
    scene_commit(scene, 2);
    const double until = client_now() + 20;
    bool has_all = false;
    while (!has_all && client_now() < until && n < sizeof text - 1) {
        const ssize_t got = recv(fd, text + n, sizeof text - 1 - n, 0);
        if (got <= 0) break;
        text[n += (size_t)got] = 0;
        has_all = strstr(text, "event: overview") && strstr(text, "event: metrics") && strstr(text, "{\"newest\":11}");
    }
    EXPECT_(has_all, "heard only: %s", text);
    EXPECT(strstr(text, "text/event-stream"));
    close(fd);
}

static void test_the_rest_is_there(struct scene *scene) {
    cJSON *version = scene_get(scene, "/api/version"), *machine = scene_get(scene, "/api/machine"),
          *models = scene_get(scene, "/api/models"), *elo = scene_get(scene, "/api/runs/0/elo");
    EXPECT_NEAR(number_at(version, "runs"), 1, 0);
    EXPECT_TEXT(text_at(machine, "name"), "a machine");
    EXPECT(number_at(at(machine, "memory"), "total") > 1e6);
    EXPECT_NEAR(number_at(cJSON_GetArrayItem(at(machine, "runs"), 0), "id"), 0, 0);
    EXPECT_INT(cJSON_GetArraySize(at(models, "models")), 2);
    const cJSON *first = cJSON_GetArrayItem(at(models, "models"), 0);
    EXPECT_TEXT(text_at(first, "id"), "r0");
    EXPECT_INT(cJSON_GetArraySize(at(first, "levels")), 10);
    EXPECT_INT(cJSON_GetArraySize(at(first, "checkpoints")), 1);
    EXPECT(cJSON_IsArray(at(elo, "entries")));
    cJSON_Delete(version);
    cJSON_Delete(machine);
    cJSON_Delete(models);
    cJSON_Delete(elo);
}

int main(void) {
    static const struct {
        const char *name;
        int height, width;
    } games[] = {{"go", 5, 5}, {"connect4", 6, 7}, {"hex", 5, 5}, {"breakthrough", 6, 6}, {"othello", 6, 6}};
    for (size_t i = 0; i < sizeof games / sizeof *games; i++) {
        struct scene scene;
        scene_begin(&scene, games[i].name, games[i].height, games[i].width, "127.0.0.1", NULL);
        test_the_overview_is_the_summary(&scene);
        test_metrics_are_those_of_the_run(&scene);
        test_games_are_filtered_and_paged(&scene);
        for (int index = 0; index < 10; index += 3) test_a_game_has_the_boards_of_its_moves(&scene, index);
        test_the_rest_is_there(&scene);
        if (i < 2) test_live_games_are_told_and_never_trusted(&scene);
        if (i < 2) test_listeners_hear_what_is_new(&scene);
        scene_end(&scene);
    }
    return TEST_END();
}
