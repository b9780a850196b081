// Laws: a game that is played through the API is one by the rules, move for move; its end is
// counted as the board stands to be counted; what is taken back, set up, saved and loaded is the
// same again; what is wrong is refused and changes nothing; nobody waits for anybody's search.
#include "game/area.h"
#include "tests/web/scene.h"

static cJSON *post(const struct scene *scene, const char *id, const char *verb, const char *body, int status) {
    char path[200];
    snprintf(path, sizeof path, "/api/play/%s/%s", id, verb);
    return scene_json(client_post(scene->port, path, body), status);
}

static void begin(const struct scene *scene, const char *body, char id[40]) {
    cJSON *session = scene_json(client_post(scene->port, "/api/play", body), 201);
    snprintf(id, 40, "%s", text_at(session, "id"));
    EXPECT_INT(strlen(id), 32);
    cJSON_Delete(session);
}

// Waits until the program has done what it does. The caller deletes the session.
static cJSON *wait_for(const struct scene *scene, const char *id) {
    char path[200];
    snprintf(path, sizeof path, "/api/play/%s", id);
    const double until = client_now() + 120;
    for (;;) {
        cJSON *session = scene_get(scene, path);
        const char *state = text_at(session, "state");
        if (strcmp(state, "thinking") && strcmp(state, "counting") && cJSON_IsNull(at(session, "searching"))) return session;
        EXPECT_(client_now() < until, "it is still %s", state);
        if (client_now() > until) return session;
        cJSON_Delete(session);
        usleep(10000);
    }
}

static void expect_state(const struct game *game, const void *state, const cJSON *session) {
    const char *cells = text_at(at(session, "position"), "cells");
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    uint16_t legal[GAME_MAX_ACTIONS];
    game_stones(game, state, stones);
    for (int i = 0; i < game->height * game->width && cells[i]; i++)
        EXPECT_INT(cells[i] - '0', stones[i] > 0 ? 1 : stones[i] < 0 ? 2 : 0);
    const int n = game_legal(game, state, legal);
    EXPECT_INT(cJSON_GetArraySize(at(at(session, "position"), "legal")), n);
    if (n) EXPECT_TEXT(text_at(at(session, "position"), "to_move"), game_to_move(game, state) ? "w" : "b");
}

// A twin that knows the rules plays what the session says.
static void replay(const struct game *game, const cJSON *session, void *state) {
    game_start(game, state);
    for (const cJSON *move = at(session, "moves")->child; move; move = move->next) {
        const int action = game_find_action(game, state, text_at(move, "move"));
        EXPECT_(game_is_legal(game, state, action), "%s is illegal", text_at(move, "move"));
        EXPECT_TEXT(text_at(move, "by"), game_to_move(game, state) ? "w" : "b");
        if (game_is_legal(game, state, action)) game_play(game, state, action);
    }
}

static void test_a_game_is_played_to_its_end_by_clicks(const struct scene *scene, const char *colour) {
    char body[200], id[40];
    struct rng rng;
    rng_init(&rng, 3, 0);
    snprintf(body, sizeof body, "{\"model\":\"f0\",\"colour\":\"%s\",\"visits\":8,\"resign\":0}", colour);
    begin(scene, body, id);
    void *state = memory_raw(1, scene->game.state_bytes, "a position");
    cJSON *session;
    for (int moves = 0; moves < 500; moves++) {
        session = wait_for(scene, id);
        replay(&scene->game, session, state);
        expect_state(&scene->game, state, session);
        if (strcmp(text_at(session, "state"), "yours")) break;
        EXPECT_TEXT(text_at(at(session, "position"), "to_move"), colour);
        const cJSON *legal = at(at(session, "position"), "legal");
        const cJSON *chosen = cJSON_GetArrayItem(legal, (int)rng_below(&rng, (uint32_t)cJSON_GetArraySize(legal)));
        if (cJSON_IsNumber(at(chosen, "point")) && cJSON_IsNumber(at(chosen, "from")))
            snprintf(body, sizeof body, "{\"point\":%d,\"from\":%d}", at(chosen, "point")->valueint,
                     at(chosen, "from")->valueint);
        else if (cJSON_IsNumber(at(chosen, "point")))
            snprintf(body, sizeof body, "{\"point\":%d}", at(chosen, "point")->valueint);
        else
            snprintf(body, sizeof body, "{\"move\":\"%s\"}", text_at(chosen, "move"));
        cJSON_Delete(post(scene, id, "move", body, 200));
        cJSON_Delete(session);
    }
    static const char *const winners[] = {"", "b", "w", "draw"};
    EXPECT_TEXT(text_at(session, "state"), "over");
    if (!scene->game.has_ownership) {
        EXPECT(game_outcome(&scene->game, state) != OUTCOME_NONE);
        EXPECT_TEXT(text_at(at(session, "result"), "winner"), winners[game_outcome(&scene->game, state)]);
    }
    cJSON_Delete(post(scene, id, "move", "{\"point\":0}", 409));
    cJSON_Delete(session);
    free(state);
}

// Both sides by the visitor: stones, two passes, the count. A net with random weights is sure of no
// owner, so that no stone is dead, and the score is that of the board as it stands.
static void test_two_passes_end_and_the_board_is_counted(const struct scene *scene) {
    static const char *const moves[] = {"C1", "B1", "C2", "B2", "C3", "B3", "C4", "B4", "C5", "B5", "pass", "pass"};
    char id[40], body[60];
    begin(scene, "{\"model\":\"f0\",\"colour\":\"both\",\"komi\":2.5}", id);
    struct area_board board;
    area_start(&board, 5, 5);
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        snprintf(body, sizeof body, "{\"move\":\"%s\"}", moves[i]);
        cJSON_Delete(post(scene, id, "move", body, 200));
        area_play(&board, i % 2 ? -1 : 1, scene->game.type->action_parse(&scene->game, moves[i]));
    }
    cJSON *session = wait_for(scene, id);
    const cJSON *result = at(session, "result");
    EXPECT_TEXT(text_at(session, "state"), "over");
    EXPECT_NEAR(number_at(result, "score"), area_score(&board, NULL) - 2.5, 1e-9);
    EXPECT_TEXT(text_at(result, "text"), "B+2.5");
    EXPECT_TEXT(text_at(result, "reason"), "score");
    EXPECT_INT(cJSON_GetArraySize(at(result, "ownership")), 25);
    cJSON_Delete(session);
    // Taken back, it goes on.
    session = post(scene, id, "undo", "{}", 200);
    EXPECT_TEXT(text_at(session, "state"), "yours");
    EXPECT(cJSON_IsNull(at(session, "result")));
    EXPECT_INT(cJSON_GetArraySize(at(session, "moves")), 11);
    cJSON_Delete(session);
    session = post(scene, id, "resign", "{}", 200);
    EXPECT_TEXT(text_at(at(session, "result"), "text"), "B+R"); // White is to move
    cJSON_Delete(session);
}

static void test_a_record_is_saved_and_loaded(const struct scene *scene) {
    char id[40], other[40], path[100];
    begin(scene, "{\"model\":\"f0\",\"colour\":\"both\",\"komi\":3.5,\"rules\":\"japanese\"}", id);
    static const char *const moves[] = {"C3", "B2", "D4", "pass", "A1"};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        char body[60];
        snprintf(body, sizeof body, "{\"move\":\"%s\"}", moves[i]);
        cJSON_Delete(post(scene, id, "move", body, 200));
    }
    snprintf(path, sizeof path, "/api/play/%s/sgf", id);
    struct client_answer sgf = client_get(scene->port, path);
    EXPECT_INT(sgf.status, 200);
    cJSON *wish = cJSON_CreateObject();
    cJSON_AddStringToObject(wish, "sgf", sgf.body);
    char *body = cJSON_PrintUnformatted(wish);
    begin(scene, "{\"model\":\"r0\",\"colour\":\"both\"}", other);
    snprintf(path, sizeof path, "/api/play/%s", id);
    cJSON *loaded = post(scene, other, "load", body, 200), *saved = scene_get(scene, path);
    EXPECT(cJSON_Compare(at(loaded, "position"), at(saved, "position"), true));
    EXPECT(cJSON_Compare(at(loaded, "game"), at(saved, "game"), true));
    EXPECT_NEAR(number_at(at(loaded, "game"), "komi"), 3.5, 0);
    EXPECT_TEXT(text_at(at(loaded, "game"), "rules"), "japanese");
    // A look back is the position of that move.
    snprintf(path, sizeof path, "/api/play/%s/ply/1", other);
    cJSON *ply = scene_get(scene, path);
    EXPECT_TEXT(text_at(at(ply, "position"), "cells"), "0000000000001000000000000");
    EXPECT_TEXT(text_at(at(at(ply, "position"), "last"), "move"), "C3");
    cJSON_Delete(ply);
    cJSON_Delete(post(scene, other, "load", "{\"sgf\":\"(;GM[1]SZ[5];B[aa];W[aa])\"}", 200)); // up to the illegal move
    cJSON_Delete(post(scene, other, "load", "{\"sgf\":\"not a record\"}", 400));
    cJSON_Delete(post(scene, other, "load", "{\"sgf\":7}", 400));
    cJSON *after = post(scene, other, "undo", "{}", 200); // what was loaded before is still there
    EXPECT_INT(cJSON_GetArraySize(at(after, "moves")), 0);
    cJSON_Delete(after);
    cJSON_Delete(loaded);
    cJSON_Delete(saved);
    cJSON_Delete(wish);
    free(body);
    client_done(&sgf);
}

static void test_a_handicap_is_stones_and_the_bonus_of_the_rules(const struct scene *scene) {
    char id[40];
    cJSON *session = scene_json(
        client_post(scene->port, "/api/play", "{\"model\":\"f0\",\"height\":9,\"width\":9,\"handicap\":4,\"colour\":\"w\"}"),
        201);
    snprintf(id, sizeof id, "%s", text_at(session, "id"));
    int stones = 0;
    for (const char *c = text_at(session, "start"); *c; c++) stones += *c == '1';
    EXPECT_INT(stones, 4);
    EXPECT_TEXT(text_at(at(session, "position"), "to_move"), "w");
    EXPECT_TEXT(text_at(session, "state"), "yours");
    EXPECT_NEAR(number_at(at(session, "game"), "komi"), 0.5, 0);
    EXPECT(text_at(session, "note")[0]); // the net has not learned 9x9
    cJSON_Delete(session);
    cJSON_Delete(post(scene, id, "delete", "{}", 200));
    cJSON_Delete(post(scene, id, "move", "{\"move\":\"pass\"}", 404));
}

static void test_what_is_wrong_is_refused(const struct scene *scene) {
    static const char *const wrong[] = {
        "{}",
        "{\"model\":\"f99\"}",
        "{\"model\":\"r0-11\"}",
        "{\"model\":\"../../etc/passwd\"}",
        "{\"model\":\"f0\",\"height\":99}",
        "{\"model\":\"f0\",\"komi\":1e300}",
        "{\"model\":\"f0\",\"komi\":\"7\"}",
        "{\"model\":\"f0\",\"rules\":\"mine\"}",
        "{\"model\":\"f0\",\"level\":11}",
        "{\"model\":\"f0\",\"visits\":1e9}",
        "{\"model\":\"f0\",\"visits\":1.5}",
        "{\"model\":\"f0\",\"colour\":\"green\"}",
        "{\"model\":\"f0\",\"handicap\":9,\"height\":5}",
        "[1,2]",
        "{\"model\":\"f0\"",
        "",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct client_answer answer = client_post(scene->port, "/api/play", wrong[i]);
        EXPECT_(answer.status == 400 || answer.status == 404, "%s: %d", wrong[i], answer.status);
        EXPECT_(answer.body && strstr(answer.body, "\"error\":"), "%s: no error", wrong[i]);
        client_done(&answer);
    }
    struct client_answer answer = client_ask(scene->port, "POST", "/api/play", "", "{\"model\":\"f0\"}");
    EXPECT_INT(answer.status, 415);
    client_done(&answer);
    char id[40];
    begin(scene, "{\"model\":\"f0\"}", id);
    cJSON_Delete(post(scene, id, "move", "{\"move\":\"Z99\"}", 400));
    cJSON_Delete(post(scene, id, "move", "{\"point\":999}", 400));
    cJSON_Delete(post(scene, id, "undo", "{}", 409));
    cJSON_Delete(post(scene, id, "nothing", "{}", 404));
    cJSON_Delete(post(scene, id, "analyse", "{\"ply\":1}", 400));
}

static void test_nobody_waits_for_a_search(const struct scene *scene) {
    char id[40], other[40], path[100];
    begin(scene, "{\"model\":\"f0\"}", id);
    begin(scene, "{\"model\":\"f0\",\"visits\":4,\"resign\":0}", other);
    cJSON *session = post(scene, id, "analyse", "{\"visits\":20000}", 200);
    EXPECT_TEXT(text_at(session, "searching"), "analysis");
    cJSON_Delete(session);
    // The page answers, and another visitor gets a move.
    cJSON_Delete(scene_get(scene, "/api/version"));
    cJSON_Delete(post(scene, other, "move", "{\"point\":12}", 200));
    session = wait_for(scene, other);
    EXPECT_INT(cJSON_GetArraySize(at(session, "moves")), 2);
    cJSON_Delete(session);
    snprintf(path, sizeof path, "/api/play/%s", id);
    session = scene_get(scene, path);
    EXPECT_TEXT(text_at(session, "searching"), "analysis"); // it still goes on
    cJSON_Delete(session);
    session = post(scene, id, "analyse", "{\"stop\":true}", 200);
    EXPECT(cJSON_IsNull(at(session, "searching")));
    cJSON_Delete(session);
    cJSON_Delete(post(scene, id, "hint", "{}", 200));
    session = wait_for(scene, id);
    EXPECT_TEXT(text_at(at(session, "analysis"), "kind"), "hint");
    EXPECT(cJSON_IsTrue(at(at(session, "analysis"), "done")) && number_at(at(session, "analysis"), "visits") >= 400);
    EXPECT(cJSON_GetArraySize(at(at(session, "analysis"), "policy")) == 25);
    cJSON_Delete(session);
}

static void test_sessions_are_bounded(const struct scene *scene) {
    int made = 0, refused = 0;
    for (int i = 0; i < 80; i++) {
        struct client_answer answer = client_post(scene->port, "/api/play", "{\"model\":\"f0\"}");
        made += answer.status == 201;
        refused += answer.status == 503;
        client_done(&answer);
    }
    EXPECT_INT(made + refused, 80);
    EXPECT(made <= 64 && refused >= 16);
}

int main(void) {
    static const struct {
        const char *name;
        int height, width;
    } games[] = {{"go", 5, 5}, {"connect4", 6, 7}, {"breakthrough", 6, 6}, {"hex", 5, 5}, {"othello", 6, 6}, {"gomoku", 7, 7}};
    for (size_t i = 0; i < sizeof games / sizeof *games; i++) {
        struct scene scene;
        scene_begin(&scene, games[i].name, games[i].height, games[i].width, "127.0.0.1", NULL);
        test_a_game_is_played_to_its_end_by_clicks(&scene, "b");
        test_a_game_is_played_to_its_end_by_clicks(&scene, "w");
        if (i == 0) {
            test_two_passes_end_and_the_board_is_counted(&scene);
            test_a_record_is_saved_and_loaded(&scene);
            test_a_handicap_is_stones_and_the_bonus_of_the_rules(&scene);
            test_what_is_wrong_is_refused(&scene);
            test_nobody_waits_for_a_search(&scene);
            test_sessions_are_bounded(&scene);
        }
        scene_end(&scene);
    }
    return TEST_END();
}
