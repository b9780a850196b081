// The commands about time.
#include "gtp/gtp_commands.h"

#include <string.h>
#include <strings.h>

static void do_time_settings(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    double main_seconds, byo_seconds;
    int stones;
    if (!gtp_parse_real(line->arguments[0], &main_seconds) || !gtp_parse_real(line->arguments[1], &byo_seconds) ||
        !gtp_parse_int(line->arguments[2], &stones) ||
        !gtp_clock_set_standard(&engine->clock, main_seconds, byo_seconds, stones))
        gtp_refuse(reply, "syntax error");
    else
        engine->has_said_empty = false;
}

static void do_time_left(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const int color = gtp_parse_color(line->arguments[0]);
    double seconds;
    int stones;
    if (color < 0 || !gtp_parse_real(line->arguments[1], &seconds) || !gtp_parse_int(line->arguments[2], &stones) ||
        seconds < 0 || stones < 0)
        gtp_refuse(reply, "syntax error");
    else
        gtp_clock_left(&engine->clock, color, seconds, stones);
}

// What follows the name of a kind of clock: `m` main time, `p` the length of a period or the
// increment, `n` stones or periods, `M` the most that can be left, `T` the most a move may take.
static const struct {
    const char *name, *numbers;
    enum gtp_clock_kind kind;
    bool is_kgs;
} kinds[] = {{"none", "", GTP_CLOCK_NONE, true},
             {"absolute", "m", GTP_CLOCK_ABSOLUTE, true},
             {"canadian", "mpn", GTP_CLOCK_CANADIAN, true},
             {"byoyomi", "mpn", GTP_CLOCK_BYOYOMI, true},
             {"fischer", "mp", GTP_CLOCK_FISCHER, false},
             {"fischer-capped", "mpMT", GTP_CLOCK_FISCHER, false}};
enum { NUM_KINDS = sizeof kinds / sizeof *kinds };

static bool read_number(struct gtp_clock_settings *s, char which, const char *text) {
    double *real = which == 'm'   ? &s->main_seconds
                   : which == 'p' ? &s->byo_seconds
                   : which == 'M' ? &s->most_seconds
                                  : &s->most_a_move;
    if (which == 'n') return gtp_parse_int(text, &s->byo_stones);
    if (!gtp_parse_real(text, real)) return false;
    if ((which == 'M' || which == 'T') && *real < 0) *real = 0; // -1: no bound
    return true;
}

// kgs-time_settings and kata-time_settings: KIND and its numbers. Words behind them are ignored, as
// front ends send some.
static void set_kind(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply, bool is_kgs) {
    for (int k = 0; k < NUM_KINDS; k++) {
        const int n = (int)strlen(kinds[k].numbers);
        struct gtp_clock_settings settings = {.kind = kinds[k].kind};
        if ((is_kgs && !kinds[k].is_kgs) || strcasecmp(line->arguments[0], kinds[k].name)) continue;
        bool good = line->num_arguments > n;
        for (int i = 0; i < n && good; i++) good = read_number(&settings, kinds[k].numbers[i], line->arguments[i + 1]);
        // A clock of Japanese or Canadian time without a period is absolute.
        if (good && (settings.byo_seconds == 0 || settings.byo_stones == 0) && strchr(kinds[k].numbers, 'n'))
            settings.kind = GTP_CLOCK_ABSOLUTE;
        if (!good || !gtp_clock_set(&engine->clock, &settings)) break;
        engine->has_said_empty = false;
        return;
    }
    gtp_refuse(reply, "syntax error");
}

static void do_kgs_time_settings(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    set_kind(engine, line, reply, true);
}
static void do_kata_time_settings(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    set_kind(engine, line, reply, false);
}

static void do_kata_list_time_settings(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    for (int k = 0; k < NUM_KINDS; k++) gtp_say(reply, "%s%s", k ? " " : "", kinds[k].name);
}

const struct gtp_command gtp_commands_time[] = {
    {"time_settings", 3, do_time_settings, "MAIN BYOYOMI STONES",
     "sets the clock, in seconds: main time, then byo-yomi periods of so many stones"},
    {"time_left", 3, do_time_left, "COLOR SECONDS STONES", "says what is left on the clock of this colour"},
    {"kgs-time_settings", 1, do_kgs_time_settings, "KIND [SECONDS...]", "sets the clock: none, absolute, canadian or byoyomi"},
    {"kata-time_settings", 1, do_kata_time_settings, "KIND [SECONDS...]", "the same, with fischer and fischer-capped"},
    {"kata-list_time_settings", 0, do_kata_list_time_settings, "", "the kinds of clocks that it knows"},
    {NULL, 0, NULL, NULL, NULL},
};
