// Serves a client: lines are taken from the channel between batches, so a query waits for at most one
// batch until it is read. Each turn of a query is a job of the analyst, whose reports become
// answers.
#include "gtp/analysis.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/version.h"
#include "gtp/analysis_query.h"
#include "gtp/gtp_channel.h"
#include "gtp/report_json.h"
#include "net/learned.h"

#include <stdlib.h>
#include <string.h>

// Which version of KataGo's protocol this is. Front ends compare it with what they need.
static const char protocol_version[] = "1.15.0";

struct turn {
    struct asked *asked;
    int number;
    uint64_t job;
    bool is_answered;
};

// A query that is being answered.
struct asked {
    struct session *session;
    struct asked *next, **link; // *link points here
    struct analysis_query query;
    struct turn *turns; // [query.num_turns]
    int num_left;
};

struct session {
    const struct analysis_params *params;
    struct analyst *analyst;
    struct gtp_channel *channel;
    struct asked *first;
    struct report report;
    char warned[NET_UNLEARNED_BYTES]; // what was said last of boards and rules that it has not learned
};

// ---- answers ----

static void answer(struct session *s, cJSON *object) {
    char *text = cJSON_PrintUnformatted(object);
    CHECK(text); // NULL only when memory is out
    gtp_channel_write(s->channel, text, strlen(text));
    gtp_channel_write(s->channel, "\n", 1);
    free(text);
    cJSON_Delete(object);
}

// An error ends a query, a warning does not.
static void answer_fault(struct session *s, const char *kind, const char *id, const struct analysis_fault *fault) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, kind, fault->text);
    if (fault->field[0]) cJSON_AddStringToObject(object, "field", fault->field);
    if (id) cJSON_AddStringToObject(object, "id", id);
    answer(s, object);
}

static cJSON *answer_of(const struct turn *turn, bool is_during) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", turn->asked->query.id);
    cJSON_AddBoolToObject(object, "isDuringSearch", is_during);
    cJSON_AddNumberToObject(object, "turnNumber", turn->number);
    return object;
}

static void answer_report(struct session *s, const struct turn *turn, bool is_during) {
    const struct analysis_query *query = &turn->asked->query;
    cJSON *object = answer_of(turn, is_during);
    report_json(&s->report, query->with_policy, query->with_line_visits, object);
    answer(s, object);
}

// ---- queries ----

static void asked_free(struct asked *asked) {
    if (asked->link) {
        *asked->link = asked->next;
        if (asked->next) asked->next->link = asked->link;
    }
    analysis_query_done(&asked->query);
    free(asked->turns);
    free(asked);
}

static void turn_done(struct turn *turn) {
    turn->is_answered = true;
    if (--turn->asked->num_left == 0) asked_free(turn->asked);
}

static void on_report(void *context, const struct search *search, enum analyst_moment moment) {
    struct turn *turn = context;
    struct session *s = turn->asked->session;
    const struct analysis_query *query = &turn->asked->query;
    if (search) {
        report_make(&s->report, &query->game, search, &query->report);
        answer_report(s, turn, moment == ANALYST_DURING);
    } else {
        cJSON *object = answer_of(turn, false);
        cJSON_AddBoolToObject(object, "noResults", true);
        answer(s, object);
    }
    if (moment != ANALYST_DURING) turn_done(turn);
}

// Whether every turn can be reached by the rules; or else an error was answered.
static bool check_turns(struct session *s, const struct analysis_query *query, void *state) {
    struct analysis_fault fault;
    int last = 0;
    for (int i = 0; i < query->num_turns; i++)
        if (query->turns[i].number > last) last = query->turns[i].number;
    const bool is_possible = analysis_query_position(query, last, state, &fault);
    if (!is_possible) answer_fault(s, "error", query->id, &fault);
    return is_possible;
}

static void start_turn(struct session *s, struct turn *turn, double priority, void *state) {
    const struct analysis_query *query = &turn->asked->query;
    struct analysis_fault fault;
    // The last turn of the query was possible, and so are those before it, unless moves out of turn
    // make other positions of them.
    if (!analysis_query_position(query, turn->number, state, &fault)) {
        answer_fault(s, "error", query->id, &fault);
        turn_done(turn);
        return;
    }
    if (game_outcome(&query->game, state) != OUTCOME_NONE) {
        report_finished(&s->report, &query->game, state, &query->report);
        answer_report(s, turn, false);
        turn_done(turn);
        return;
    }
    const struct analyst_job job = {.game = &query->game,
                                    .state = state,
                                    .visits = query->visits,
                                    .seconds = query->seconds,
                                    .first_report = query->first_report,
                                    .report_every = query->report_every,
                                    .priority = priority,
                                    .keep_ownership = query->report.ownership || query->report.ownership_deviation ||
                                                      query->report.moves_ownership || query->report.moves_ownership_deviation,
                                    .wideness = query->wideness,
                                    .avoid = query->avoid,
                                    .seed = s->params->seed,
                                    .report = on_report,
                                    .context = turn};
    // Until there is room.
    while (!(turn->job = analyst_add(s->analyst, &job))) analyst_step(s->analyst);
}

static void search(struct session *s, struct asked *asked) {
    const struct analysis_query *query = &asked->query;
    void *state = memory_raw(1, query->game.state_bytes, "a query");
    if (!check_turns(s, query, state)) {
        asked_free(asked);
        free(state);
        return;
    }
    asked->next = s->first;
    asked->link = &s->first;
    if (s->first) s->first->link = &asked->next;
    s->first = asked;
    const int n = query->num_turns;
    asked->turns = memory_new((size_t)n, sizeof *asked->turns, "a query");
    // One more than there are, so that the query lives until all its turns have begun.
    asked->num_left = n + 1;
    for (int i = 0; i < n; i++) {
        asked->turns[i] = (struct turn){.asked = asked, .number = query->turns[i].number};
        start_turn(s, &asked->turns[i], query->turns[i].priority, state);
    }
    if (--asked->num_left == 0) asked_free(asked);
    free(state);
}

// ---- actions ----

static bool is_meant(const struct analysis_query *action, int number) {
    for (int i = 0; i < action->num_numbers; i++)
        if (action->numbers[i] == number) return true;
    return action->num_numbers < 0;
}

// Stops turns of the queries that the action names, or of all.
static void terminate(struct session *s, const struct analysis_query *action) {
    for (struct asked *asked = s->first; asked; asked = asked->next) {
        if (action->action == ANALYSIS_TERMINATE && strcmp(asked->query.id, action->terminate_id)) continue;
        for (int i = 0; i < asked->query.num_turns; i++) {
            struct turn *turn = &asked->turns[i];
            if (turn->asked && !turn->is_answered && is_meant(action, turn->number)) analyst_stop(s->analyst, turn->job);
        }
    }
}

static void answer_models(const struct session *s, cJSON *object) {
    cJSON *model = cJSON_CreateObject();
    cJSON_AddStringToObject(model, "name", s->params->model_name);
    cJSON_AddStringToObject(model, "internalName", s->params->net ? s->params->net->meta.digest : s->params->model_name);
    cJSON_AddNumberToObject(model, "maxBatchSize", s->params->analyst.batch);
    cJSON_AddBoolToObject(model, "usesHumanSLProfile", false);
    cJSON_AddNumberToObject(model, "version", 0);
    cJSON_AddStringToObject(model, "usingFP16", "auto");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(object, "models"), model);
}

// The answer repeats the action, and adds what was asked for.
static void act(struct session *s, const struct analysis_query *query) {
    cJSON *object = cJSON_Duplicate(query->json, true);
    CHECK(object);
    switch (query->action) {
    case ANALYSIS_TERMINATE:
    case ANALYSIS_TERMINATE_ALL:
        terminate(s, query);
        break;
    case ANALYSIS_QUERY_VERSION:
        cJSON_AddStringToObject(object, "version", protocol_version);
        cJSON_AddStringToObject(object, "program", "tengen");
        cJSON_AddStringToObject(object, "program_version", TENGEN_VERSION);
        cJSON_AddStringToObject(object, "git_hash", "<omitted>");
        break;
    case ANALYSIS_QUERY_MODELS:
        answer_models(s, object);
        break;
    // Each query searches from scratch, so that there is nothing to clear.
    case ANALYSIS_CLEAR_CACHE:
    case ANALYSIS_SEARCH:
        break;
    }
    answer(s, object);
}

static bool can_play(const struct session *s, const struct analysis_query *query, struct analysis_fault *fault) {
    if (!s->params->net || net_check_game(s->params->net, &query->game, s->params->model_name) == STATUS_OK) return true;
    *fault = (struct analysis_fault){.field = "boardXSize"};
    snprintf(fault->text, sizeof fault->text, "The net can't play on a board of %dx%d under these rules", query->game.width,
             query->game.height);
    return false;
}

// A net plays all boards and rules, but knows only those that it has learned. This is said again
// only when another board or rule set is asked for.
static void warn_unlearned(struct session *s, const struct analysis_query *query) {
    char text[NET_UNLEARNED_BYTES];
    if (!s->params->net || !net_unlearned(&s->params->net->meta, &query->game, text) || !strcmp(text, s->warned)) return;
    struct analysis_fault fault = {.field = ""};
    snprintf(s->warned, sizeof s->warned, "%s", text);
    snprintf(fault.text, sizeof fault.text, "The net may judge badly here: %s", text);
    answer_fault(s, "warning", query->id, &fault);
}

static void take_line(struct session *s, char *line) {
    const struct analysis_params *p = s->params;
    const struct analysis_defaults defaults = {.visits = p->visits, .rules = p->rules, .view = p->view};
    struct analysis_fault fault;
    text_utf8(line);
    if (!line[strspn(line, " \t")]) return;
    struct asked *asked = memory_new(1, sizeof *asked, "a query");
    asked->session = s;
    bool is_good = analysis_query_read(&asked->query, line, &defaults, &fault);
    if (is_good && asked->query.action == ANALYSIS_SEARCH) is_good = can_play(s, &asked->query, &fault);
    if (!is_good) {
        answer_fault(s, "error", asked->query.id, &fault);
        asked_free(asked);
        return;
    }
    if (asked->query.action == ANALYSIS_SEARCH) warn_unlearned(s, &asked->query);
    for (int i = 0; i < asked->query.num_warnings; i++) answer_fault(s, "warning", asked->query.id, &asked->query.warnings[i]);
    if (asked->query.action == ANALYSIS_SEARCH) {
        search(s, asked);
    } else {
        act(s, &asked->query);
        asked_free(asked);
    }
}

static enum status work(struct session *s) {
    enum { LINES_A_BATCH = 256 };
    const struct analysis_params *p = s->params;
    for (;;) {
        const bool has_ended = gtp_channel_has_ended(s->channel), is_idle = !analyst_num_jobs(s->analyst);
        TRY(gtp_channel_status(s->channel));
        if (p->stop && *p->stop) return STATUS_CANCELLED;
        if (has_ended && (is_idle || p->ends_with_input)) return STATUS_OK;
        char *line = gtp_channel_line_if(s->channel, is_idle);
        for (int i = 0; line; line = ++i < LINES_A_BATCH ? gtp_channel_line_if(s->channel, false) : NULL) take_line(s, line);
        analyst_step(s->analyst);
    }
}

enum status analysis_serve(const struct analysis_params *params, FILE *in, FILE *out) {
    struct session s = {.params = params};
    enum status status = analyst_new(&s.analyst, &params->analyst);
    if (status == STATUS_OK) status = gtp_channel_new(&s.channel, in, out);
    if (status == STATUS_OK) status = work(&s);
    gtp_channel_free(s.channel);
    analyst_free(s.analyst);
    while (s.first) asked_free(s.first);
    report_done(&s.report);
    return status;
}
