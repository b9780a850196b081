// A session is a text of the run with a line for each field, as in "first_chunk=12". Unknown lines
// are passed over, so that a newer program may write more.
#include "run/run_session.h"

#include "run/run_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

// A session is one line for each field. Foreign text must not make lines of its own.
static const char *one_line(const char *text, char *out, size_t out_bytes) {
    snprintf(out, out_bytes, "%s", text ? text : "");
    for (char *at = out; *at; at++)
        if (*at == '\n') *at = ' ';
    return out;
}

enum status run_note_session(struct run *run, int number, const char *program, const char *machine, const char *command) {
    const struct run_state *state = run_state(run);
    const struct run_session *sizes = NULL;
    char key[32], text[2048], words[3][sizeof sizes->command];
    snprintf(key, sizeof key, "session.%d", number);
    snprintf(text, sizeof text, "first_chunk=%lld\nfirst_game=%lld\nfirst_step=%lld\nprogram=%s\nmachine=%s\ncommand=%s\n",
             state->num_chunks, state->next_game, state->trainer_step > 0 ? state->trainer_step : 0,
             one_line(program, words[0], sizeof sizes->program), one_line(machine, words[1], sizeof sizes->machine),
             one_line(command, words[2], sizeof sizes->command));
    return run_set_text(run, key, text);
}

static bool take_count(const char *text, long long *out) {
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return isdigit((unsigned char)*text) && !*end && !errno && *out <= DB_MAX_COUNT;
}

static bool take_line(struct run_session *session, const char *key, const char *value) {
    if (!strcmp(key, "first_chunk")) return take_count(value, &session->first_chunk);
    if (!strcmp(key, "first_game")) return take_count(value, &session->first_game);
    if (!strcmp(key, "first_step")) return take_count(value, &session->first_step);
    if (!strcmp(key, "program")) snprintf(session->program, sizeof session->program, "%s", value);
    if (!strcmp(key, "machine")) snprintf(session->machine, sizeof session->machine, "%s", value);
    if (!strcmp(key, "command")) snprintf(session->command, sizeof session->command, "%s", value);
    return true;
}

static enum status parse(const char *db_name, char *text, struct run_session *out) {
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *value = strchr(line, '=');
        if (value) *value++ = 0;
        if (!value || !take_line(out, line, value))
            return status_fail(STATUS_FORMAT, "%s: texts.session.%d: '%.40s' is no line of a session", db_name, out->number,
                               line);
    }
    return STATUS_OK;
}

static enum status load(struct db *db, struct run_session **out, int *num, int *num_all) {
    struct run_session *list = NULL;
    double count = 0;
    *out = NULL;
    *num = *num_all = 0;
    TRY(run_load_number(db, "session", 0, 1e6, &count));
    for (int i = 1; i <= (int)count; i++) {
        char key[32], *text;
        snprintf(key, sizeof key, "session.%d", i);
        enum status status = run_load_text(db, key, &text);
        if (!status && text) {
            RUN_GROW(list, *num, "the sessions of a run");
            list[*num] = (struct run_session){.number = i};
            status = parse(db_path(db), text, &list[(*num)++]);
        }
        free(text);
        if (status) {
            free(list);
            *num = 0;
            return status;
        }
    }
    *out = list;
    *num_all = (int)count;
    return STATUS_OK;
}

enum status run_read_sessions(struct run_reader *reader, struct run_session **sessions, int *num, int *num_all) {
    return load(run_reader_database(reader), sessions, num, num_all);
}

enum status run_sessions(struct run *run, struct run_session **sessions, int *num, int *num_all) {
    return load(run->db, sessions, num, num_all);
}

const struct run_session *run_session_of(const struct run_session *sessions, int num, long long index) {
    const struct run_session *found = NULL;
    for (int i = 0; i < num && sessions[i].first_game <= index; i++) found = &sessions[i];
    return found;
}
