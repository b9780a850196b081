// Dialogues in KataGo's JSON protocol, as its front ends lead them, with queries that are right,
// wrong, stopped and in one another's way.
#include "gtp/analysis.h"
#include "gtp/kata_rules.h"
#include "tests/arena/arena_test.h"

#include <cjson/cJSON.h>
#include <pthread.h>
#include <unistd.h>

struct talk {
    struct analysis_params params;
    struct evaluator *evaluator;
    FILE *to, *from, *in, *out; // ours, and the server's ends
    pthread_t thread;
    enum status status;
    volatile bool stop;
    // The clock sets `stop` when it is looked at for the last of so many times, on the server's own
    // thread; 0: never.
    int looks_left;
    struct clock clock;
};

static double look(void *context) {
    struct talk *t = context;
    if (t->looks_left && --t->looks_left == 0) t->stop = true;
    return test_seconds(NULL);
}

static void *serve(void *context) {
    struct talk *t = context;
    t->status = analysis_serve(&t->params, t->in, t->out);
    fclose(t->out);
    return NULL;
}

static void begin_for(struct talk *t, int looks) {
    int to[2], from[2];
    memset(t, 0, sizeof *t);
    t->looks_left = looks;
    t->clock = (struct clock){.seconds = look, .context = t};
    if (pipe(to) || pipe(from) || evaluator_hash(&t->evaluator, 1) != STATUS_OK) exit(1);
    t->in = fdopen(to[0], "r"), t->to = fdopen(to[1], "w");
    t->from = fdopen(from[0], "r"), t->out = fdopen(from[1], "w");
    t->params = (struct analysis_params){
        .model_name = "hash",
        .visits = 30,
        .rules = "chinese",
        .analyst = {.evaluators = &t->evaluator, .num_evaluators = 1, .batch = 16, .leaves = 4, .clock = &t->clock},
        .stop = &t->stop};
    if (pthread_create(&t->thread, NULL, serve, t)) exit(1);
}

static void begin(struct talk *t) { begin_for(t, 0); }

static void say(struct talk *t, const char *line) {
    fprintf(t->to, "%s\n", line);
    fflush(t->to);
}

// The next answer, for the caller to delete; NULL: there are no more.
static cJSON *hear(struct talk *t) {
    char *line = NULL;
    size_t capacity = 0;
    cJSON *json = NULL;
    if (getline(&line, &capacity, t->from) > 0) {
        json = cJSON_Parse(line);
        EXPECT_(cJSON_IsObject(json), "no JSON: %.200s", line);
    }
    free(line);
    return json;
}

static void end(struct talk *t, enum status expected) {
    fclose(t->to);
    cJSON *rest = hear(t);
    EXPECT(!rest);
    cJSON_Delete(rest);
    pthread_join(t->thread, NULL);
    EXPECT_INT(t->status, expected);
    fclose(t->from);
    fclose(t->in);
    evaluator_free(t->evaluator);
}

static const char *text_of(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItem(json, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}
static double number_of(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItem(json, key);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

#define BOARD "\"boardXSize\":5,\"boardYSize\":5,\"rules\":\"tromp-taylor\",\"komi\":1.5"

// One query and one answer, which has this key.
static cJSON *ask(const char *line, const char *key) {
    struct talk t;
    begin(&t);
    say(&t, line);
    cJSON *answer = hear(&t);
    EXPECT_(cJSON_GetObjectItem(answer, key), "%s: no '%s' in %s", line, key, cJSON_PrintUnformatted(answer));
    end(&t, STATUS_OK);
    return answer;
}

static void whole_answer(void) {
    cJSON *a = ask("{\"id\":\"one\",\"moves\":[[\"B\",\"C3\"],[\"W\",\"b2\"]]," BOARD
                   ",\"maxVisits\":40,\"includeOwnership\":true,\"includeOwnershipStdev\":true,\"includeMovesOwnership\":true,"
                   "\"includePolicy\":true,\"includePVVisits\":true,\"analysisPVLen\":3}",
                   "moveInfos");
    const cJSON *root = cJSON_GetObjectItem(a, "rootInfo"), *moves = cJSON_GetObjectItem(a, "moveInfos"), *move;
    EXPECT_TEXT(text_of(a, "id"), "one");
    EXPECT(cJSON_IsFalse(cJSON_GetObjectItem(a, "isDuringSearch")));
    EXPECT_NEAR(number_of(a, "turnNumber"), 2, 0);
    EXPECT_TEXT(text_of(root, "currentPlayer"), "B");
    EXPECT_NEAR(number_of(root, "visits"), 40, 0);
    EXPECT_INT(cJSON_GetArraySize(cJSON_GetObjectItem(a, "ownership")), 25);
    EXPECT_INT(cJSON_GetArraySize(cJSON_GetObjectItem(a, "ownershipStdev")), 25);
    const cJSON *policy = cJSON_GetObjectItem(a, "policy"), *p;
    EXPECT_INT(cJSON_GetArraySize(policy), 26);
    double sum = 0;
    int num_illegal = 0;
    cJSON_ArrayForEach(p, policy) {
        if (p->valuedouble >= 0) sum += p->valuedouble;
        num_illegal += p->valuedouble == -1;
    }
    EXPECT_NEAR(sum, 1, 1e-4);
    EXPECT_INT(num_illegal, 2);
    int visits = 0, order = 0;
    cJSON_ArrayForEach(move, moves) {
        const cJSON *line = cJSON_GetObjectItem(move, "pv"), *line_visits = cJSON_GetObjectItem(move, "pvVisits");
        EXPECT_INT(number_of(move, "order"), order++);
        EXPECT_TEXT(line->child->valuestring, text_of(move, "move"));
        EXPECT(cJSON_GetArraySize(line) <= 4); // the move, and three that follow it
        EXPECT_INT(cJSON_GetArraySize(line), cJSON_GetArraySize(line_visits));
        EXPECT_NEAR(line_visits->child->valuedouble, number_of(move, "visits"), 0);
        EXPECT(number_of(move, "winrate") >= 0 && number_of(move, "winrate") <= 1);
        EXPECT(number_of(move, "lcb") <= number_of(move, "winrate") + 1e-6);
        EXPECT(isfinite(number_of(move, "scoreLead")) && isfinite(number_of(move, "prior")));
        EXPECT_INT(cJSON_GetArraySize(cJSON_GetObjectItem(move, "ownership")), 25);
        visits += (int)number_of(move, "visits");
    }
    EXPECT_INT(visits, 39); // the first visit was the root's own
    cJSON_Delete(a);
}

// The same position in the three views.
static void views(void) {
    static const char *const names[] = {"BLACK", "WHITE", "SIDETOMOVE"};
    double winrate[3], score[3], lcb[3];
    for (int i = 0; i < 3; i++) {
        char line[400];
        snprintf(line, sizeof line,
                 "{\"id\":\"v\",\"moves\":[[\"B\",\"C3\"]]," BOARD
                 ",\"overrideSettings\":{\"reportAnalysisWinratesAs\":\"%s\"}}",
                 names[i]);
        cJSON *a = ask(line, "rootInfo");
        winrate[i] = number_of(cJSON_GetObjectItem(a, "rootInfo"), "winrate");
        score[i] = number_of(cJSON_GetObjectItem(a, "rootInfo"), "scoreLead");
        lcb[i] = number_of(cJSON_GetObjectItem(a, "moveInfos")->child, "lcb");
        cJSON_Delete(a);
    }
    EXPECT_NEAR(winrate[0] + winrate[1], 1, 2e-6);
    EXPECT_NEAR(score[0] + score[1], 0, 2e-6);
    EXPECT_NEAR(lcb[0] + lcb[1], 1, 2e-6);
    EXPECT_NEAR(winrate[1], winrate[2], 0);
    EXPECT_NEAR(score[1], score[2], 0);
}

static void expect_error(const char *line, const char *field, const char *error) {
    cJSON *a = ask(line, "error");
    EXPECT_(!strcmp(text_of(a, "field"), field), "%s: field '%s' instead of '%s'", line, text_of(a, "field"), field);
    EXPECT_(strstr(text_of(a, "error"), error), "%s: '%s' instead of '%s'", line, text_of(a, "error"), error);
    cJSON_Delete(a);
}

static void errors(void) {
    expect_error("nonsense", "", "Could not parse");
    expect_error("[1,2]", "", "Could not parse");
    expect_error("{\"id\":\"a\",\"moves\":[]} {}", "", "Could not parse");
    expect_error("{\"moves\":[]," BOARD "}", "id", "string");
    expect_error("{\"id\":7,\"moves\":[]," BOARD "}", "id", "string");
    expect_error("{\"id\":\"a\"," BOARD "}", "moves", "moves");
    expect_error("{\"id\":\"a\",\"moves\":[]}", "boardXSize", "width");
    expect_error("{\"id\":\"a\",\"moves\":[],\"boardXSize\":29,\"boardYSize\":29}", "boardXSize", "2 to 19");
    expect_error("{\"id\":\"a\",\"moves\":[],\"boardXSize\":9,\"boardYSize\":2.5}", "boardYSize", "whole");
    expect_error("{\"id\":\"a\",\"moves\":[[\"B\",\"C3\"],[\"W\",\"C3\"]]," BOARD "}", "moves", "Illegal move 1: C3");
    expect_error("{\"id\":\"a\",\"moves\":[[\"B\",\"C9\"]]," BOARD "}", "moves", "tem 0");
    expect_error("{\"id\":\"a\",\"moves\":[[\"X\",\"C3\"]]," BOARD "}", "moves", "tem 0");
    expect_error("{\"id\":\"a\",\"moves\":[\"C3\"]," BOARD "}", "moves", "tem 0");
    expect_error("{\"id\":\"a\",\"moves\":[],\"boardXSize\":5,\"boardYSize\":5,\"rules\":\"mah-jongg\"}", "rules", "mah-jongg");
    expect_error("{\"id\":\"a\",\"moves\":[],\"boardXSize\":5,\"boardYSize\":5,\"rules\":{\"ko\":\"none\"}}", "rules", "rules");
    expect_error("{\"id\":\"a\",\"moves\":[],\"boardXSize\":5,\"boardYSize\":5,\"komi\":1e9}", "komi", "number");
    expect_error("{\"id\":\"a\",\"moves\":[]," BOARD ",\"maxVisits\":0}", "maxVisits", "whole");
    expect_error("{\"id\":\"a\",\"moves\":[]," BOARD ",\"analyzeTurns\":[1]}", "analyzeTurns", "0 to 0");
    expect_error("{\"id\":\"a\",\"moves\":[]," BOARD ",\"analyzeTurns\":[]}", "analyzeTurns", "Must name a turn");
    expect_error("{\"id\":\"a\",\"moves\":[]," BOARD ",\"includePolicy\":1}", "includePolicy", "true or false");
    expect_error("{\"id\":\"a\",\"moves\":[]," BOARD ",\"priorities\":[1]}", "priorities", "analyzeTurns");
    expect_error("{\"id\":\"a\",\"moves\":[]," BOARD ",\"overrideSettings\":{\"maxTime\":\"long\"}}", "overrideSettings",
                 "number");
    expect_error("{\"id\":\"a\",\"moves\":[]," BOARD ",\"avoidMoves\":[{\"player\":\"B\",\"moves\":[\"C3\"]}]}", "avoidMoves",
                 "untilDepth");
    expect_error("{\"id\":\"a\",\"moves\":[]," BOARD ",\"avoidMoves\":[],\"allowMoves\":[]}", "allowMoves", "together");
    expect_error("{\"id\":\"a\",\"action\":\"dance\"}", "action", "terminate");
    expect_error("{\"id\":\"a\",\"action\":\"terminate\"}", "terminateId", "string");
    // Stones without liberties.
    expect_error("{\"id\":\"a\",\"moves\":[],\"initialStones\":[[\"B\",\"A1\"],[\"W\",\"A2\"],[\"W\",\"B1\"]]," BOARD "}",
                 "initialStones", "stones");
}

static void warnings(void) {
    struct talk t;
    begin(&t);
    say(&t, "{\"id\":\"w\",\"moves\":[],\"boardXSize\":5,\"boardYSize\":5,\"rules\":\"stone_scoring\",\"maxvisits\":3,"
            "\"overrideSettings\":{\"rootNumSymmetriesToSample\":2}}");
    static const char *const fields[] = {"rules", "overrideSettings", "maxvisits"};
    for (int i = 0; i < 3; i++) {
        cJSON *a = hear(&t);
        EXPECT(text_of(a, "warning")[0]);
        EXPECT_TEXT(text_of(a, "field"), fields[i]);
        EXPECT_TEXT(text_of(a, "id"), "w");
        cJSON_Delete(a);
    }
    cJSON *a = hear(&t);
    EXPECT(cJSON_GetObjectItem(a, "moveInfos")); // and it is answered all the same
    cJSON_Delete(a);
    end(&t, STATUS_OK);
}

// Turns of one query, those of another, and the end of the input before they are answered.
static void many(void) {
    struct talk t;
    begin(&t);
    say(&t, "{\"id\":\"x\",\"moves\":[[\"B\",\"C3\"],[\"W\",\"D3\"],[\"W\",\"B3\"],[\"B\",\"pass\"]]," BOARD
            ",\"analyzeTurns\":[0,1,2,3,4],\"priorities\":[0,1,2,3,4]}");
    say(&t, "");
    say(&t, "{\"id\":\"y\",\"moves\":[[\"B\",\"pass\"],[\"W\",\"pass\"]]," BOARD ",\"includeOwnership\":true}");
    fclose(t.to);
    t.to = fopen("/dev/null", "w");
    bool turns[5] = {false};
    int num_y = 0;
    for (int i = 0; i < 6; i++) {
        cJSON *a = hear(&t);
        const cJSON *root = cJSON_GetObjectItem(a, "rootInfo");
        if (!strcmp(text_of(a, "id"), "x")) {
            const int turn = (int)number_of(a, "turnNumber");
            static const char movers[] = "BWWBW"; // White moves twice in a row
            turns[turn] = true;
            EXPECT(text_of(root, "currentPlayer")[0] == movers[turn]);
        } else { // two passes end the game: White wins by the komi
            num_y++;
            EXPECT_NEAR(number_of(root, "scoreLead"), -1.5, 0);
            EXPECT_NEAR(number_of(root, "winrate"), 0, 0);
            EXPECT_INT(cJSON_GetArraySize(cJSON_GetObjectItem(a, "moveInfos")), 0);
            EXPECT_INT(cJSON_GetArraySize(cJSON_GetObjectItem(a, "ownership")), 25);
        }
        cJSON_Delete(a);
    }
    for (int i = 0; i < 5; i++) EXPECT(turns[i]);
    EXPECT_INT(num_y, 1);
    end(&t, STATUS_OK);
}

static void restrictions(void) {
    cJSON *a = ask("{\"id\":\"a\",\"moves\":[]," BOARD
                   ",\"allowMoves\":[{\"player\":\"B\",\"moves\":[\"C3\",\"D3\"],\"untilDepth\":1}]}",
                   "moveInfos");
    const cJSON *move;
    int num_moves = 0;
    cJSON_ArrayForEach(move, cJSON_GetObjectItem(a, "moveInfos")) {
        EXPECT(!strcmp(text_of(move, "move"), "C3") || !strcmp(text_of(move, "move"), "D3"));
        num_moves++;
    }
    EXPECT(num_moves > 0);
    cJSON_Delete(a);
    a = ask("{\"id\":\"a\",\"moves\":[]," BOARD
            ",\"maxVisits\":200,\"avoidMoves\":[{\"player\":\"B\",\"moves\":[\"C3\",\"pass\"],\"untilDepth\":1}]}",
            "moveInfos");
    cJSON_ArrayForEach(move, cJSON_GetObjectItem(a, "moveInfos"))
        EXPECT(strcmp(text_of(move, "move"), "C3") && strcmp(text_of(move, "move"), "pass"));
    cJSON_Delete(a);
}

// Stones at first: those of a handicap make White the first to move and give it the bonus.
static void set_ups(void) {
    cJSON *a = ask("{\"id\":\"a\",\"moves\":[],\"initialStones\":[[\"B\",\"C3\"],[\"B\",\"D4\"]]," BOARD "}", "rootInfo");
    EXPECT_TEXT(text_of(cJSON_GetObjectItem(a, "rootInfo"), "currentPlayer"), "W");
    cJSON_Delete(a);
    a = ask("{\"id\":\"a\",\"moves\":[],\"initialStones\":[[\"B\",\"C3\"],[\"W\",\"D4\"]],\"initialPlayer\":\"w\"," BOARD "}",
            "rootInfo");
    EXPECT_TEXT(text_of(cJSON_GetObjectItem(a, "rootInfo"), "currentPlayer"), "W");
    cJSON_Delete(a);
    // The game is over at once, and only the bonus differs.
    static const char *const bonuses[] = {"0", "N", "N-1"};
    static const double scores[] = {23.5, 21.5, 22.5};
    for (int i = 0; i < 3; i++) {
        char line[500];
        snprintf(
            line, sizeof line,
            "{\"id\":\"a\",\"moves\":[[\"W\",\"pass\"],[\"B\",\"pass\"]],\"initialStones\":[[\"B\",\"C3\"],[\"B\",\"D4\"]],"
            "\"whiteHandicapBonus\":\"%s\"," BOARD "}",
            bonuses[i]);
        a = ask(line, "rootInfo");
        EXPECT_NEAR(number_of(cJSON_GetObjectItem(a, "rootInfo"), "scoreLead"), scores[i], 0);
        cJSON_Delete(a);
    }
}

static void actions(void) {
    struct talk t;
    begin(&t);
    say(&t, "{\"id\":\"q\",\"action\":\"query_version\"}");
    cJSON *a = hear(&t);
    EXPECT(text_of(a, "version")[0] && !strcmp(text_of(a, "action"), "query_version") && !strcmp(text_of(a, "id"), "q"));
    cJSON_Delete(a);
    say(&t, "{\"id\":\"m\",\"action\":\"query_models\"}");
    a = hear(&t);
    EXPECT_TEXT(text_of(cJSON_GetObjectItem(a, "models")->child, "name"), "hash");
    cJSON_Delete(a);
    say(&t, "{\"id\":\"c\",\"action\":\"clear_cache\"}");
    a = hear(&t);
    EXPECT_TEXT(text_of(a, "action"), "clear_cache");
    cJSON_Delete(a);
    // A search that would take very long: reports come meanwhile, and it ends when it is told to.
    say(&t, "{\"id\":\"long\",\"moves\":[]," BOARD ",\"maxVisits\":10000000,\"reportDuringSearchEvery\":0.01}");
    for (int i = 0; i < 3; i++) {
        a = hear(&t);
        EXPECT(cJSON_IsTrue(cJSON_GetObjectItem(a, "isDuringSearch")));
        EXPECT(cJSON_GetArraySize(cJSON_GetObjectItem(a, "moveInfos")) > 0);
        cJSON_Delete(a);
    }
    say(&t, "{\"id\":\"next\",\"moves\":[]," BOARD ",\"maxVisits\":10}"); // is not held up
    for (bool is_answered = false; !is_answered;) {
        a = hear(&t);
        is_answered = !strcmp(text_of(a, "id"), "next");
        cJSON_Delete(a);
    }
    // Not this turn.
    say(&t, "{\"id\":\"other\",\"action\":\"terminate\",\"terminateId\":\"long\",\"turnNumbers\":[3]}");
    say(&t, "{\"id\":\"end\",\"action\":\"terminate\",\"terminateId\":\"long\"}");
    bool is_echoed = false, is_ended = false;
    while (!is_ended) {
        a = hear(&t);
        is_echoed |= !strcmp(text_of(a, "id"), "end") && !strcmp(text_of(a, "terminateId"), "long");
        is_ended = !strcmp(text_of(a, "id"), "long") && cJSON_IsFalse(cJSON_GetObjectItem(a, "isDuringSearch"));
        if (is_ended) EXPECT(number_of(cJSON_GetObjectItem(a, "rootInfo"), "visits") > 0);
        cJSON_Delete(a);
    }
    EXPECT(is_echoed);
    say(&t, "{\"id\":\"l2\",\"moves\":[]," BOARD ",\"maxVisits\":10000000}");
    say(&t, "{\"id\":\"all\",\"action\":\"terminate_all\"}");
    a = hear(&t);
    EXPECT_TEXT(text_of(a, "action"), "terminate_all");
    cJSON_Delete(a);
    a = hear(&t); // stopped before it began, or soon after
    EXPECT(!strcmp(text_of(a, "id"), "l2") && cJSON_IsFalse(cJSON_GetObjectItem(a, "isDuringSearch")));
    EXPECT(cJSON_GetObjectItem(a, "rootInfo") || cJSON_IsTrue(cJSON_GetObjectItem(a, "noResults")));
    cJSON_Delete(a);
    // The time of a search is over before its visits are.
    say(&t, "{\"id\":\"timed\",\"moves\":[]," BOARD ",\"maxVisits\":10000000,\"overrideSettings\":{\"maxTime\":0.02}}");
    a = hear(&t);
    EXPECT(!strcmp(text_of(a, "id"), "timed") && number_of(cJSON_GetObjectItem(a, "rootInfo"), "visits") < 10000000);
    cJSON_Delete(a);
    end(&t, STATUS_OK);
}

static void stopped(void) {
    struct talk t;
    begin_for(&t, 1000);
    say(&t, "{\"id\":\"long\",\"moves\":[]," BOARD ",\"maxVisits\":10000000,\"reportDuringSearchEvery\":0.01}");
    cJSON *a;
    while ((a = hear(&t))) cJSON_Delete(a);
    end(&t, STATUS_CANCELLED);
    begin_for(&t, 1); // while nothing is asked
    EXPECT(!hear(&t));
    end(&t, STATUS_CANCELLED);
}

// The two spellings of each rule set are one, and what an object says is what it becomes.
static void rules(void) {
    static const char *const same[][2] = {
        {"chinese-ogs", "chinese"},       {"Korean", "japanese"}, {"new zealand", "new-zealand"},
        {"TROMP_TAYLOR", "tromp-taylor"}, {"bga", "aga"},         {"ko=simple", "ko=simple"}};
    const char *changed;
    struct go_rules a, b;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        EXPECT(kata_rules_read_text(&a, same[i][0], &changed) && !changed && go_rules_read(&b, same[i][1]));
        EXPECT_TEXT(go_rules_text(&a), go_rules_text(&b));
    }
    EXPECT(kata_rules_read_text(&a, "aga-button", &changed) && changed);
    EXPECT(!kata_rules_read_text(&a, "{\"ko\":1}", &changed) && !kata_rules_read_text(&a, "{", &changed));
    EXPECT(!kata_rules_read_text(&a, "{\"colour\":\"blue\"}", &changed));
    for (int ko = 0; ko < 3; ko++)
        for (int i = 0; i < 24; i++) {
            const struct go_rules r = {
                {(uint8_t)ko, (uint8_t)(i % 2), (uint8_t)(i / 2 % 2), (uint8_t)(i / 4 % 3), (uint8_t)(i / 12)}};
            cJSON *json = kata_rules_json(&r);
            char *text = cJSON_PrintUnformatted(json);
            EXPECT(kata_rules_read_text(&a, text, &changed) && !changed && !memcmp(&a, &r, sizeof r));
            free(text);
            cJSON_Delete(json);
        }
}

int main(void) {
    whole_answer();
    views();
    errors();
    warnings();
    many();
    restrictions();
    set_ups();
    actions();
    stopped();
    rules();
    return TEST_END();
}
