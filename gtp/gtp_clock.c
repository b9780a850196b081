// The arithmetic of time: what is left to each colour, and the share of it that one move may take.
// Main time is shared by the moves that are still to come, and a period of Canadian byo-yomi by its
// stones. A period of byo-yomi serves one move, and is never lost on purpose. What a Fischer clock
// adds after each move belongs to that move.
#include "gtp/gtp_clock.h"

#include <math.h>

// Kept back for the way to the controller and for the last batch. Chosen, not tuned.
static const double lag_seconds = 0.1, lag_share = 0.05;

void gtp_clock_restart(struct gtp_clock *clock) {
    const struct gtp_clock_settings *s = &clock->settings;
    const bool has_periods = s->kind == GTP_CLOCK_CANADIAN || s->kind == GTP_CLOCK_BYOYOMI;
    for (int color = 0; color < 2; color++) {
        const bool main = s->main_seconds > 0 || !has_periods;
        clock->left[color].seconds = main ? s->main_seconds : s->byo_seconds;
        clock->left[color].stones = main ? 0 : s->byo_stones;
    }
}

bool gtp_clock_set(struct gtp_clock *clock, const struct gtp_clock_settings *settings) {
    const struct gtp_clock_settings *s = settings;
    if (!(s->main_seconds >= 0 && s->byo_seconds >= 0 && s->byo_stones >= 0)) return false;
    if (!(s->most_seconds >= 0 && s->most_a_move >= 0)) return false;
    const bool has_periods = s->kind == GTP_CLOCK_CANADIAN || s->kind == GTP_CLOCK_BYOYOMI;
    if (has_periods && !(s->byo_seconds > 0 && s->byo_stones > 0)) return false;
    clock->settings = *s;
    gtp_clock_restart(clock);
    return true;
}

bool gtp_clock_set_standard(struct gtp_clock *clock, double main_seconds, double byo_seconds, int byo_stones) {
    if (!(main_seconds >= 0 && byo_seconds >= 0 && byo_stones >= 0)) return false;
    struct gtp_clock_settings s = {.kind = GTP_CLOCK_ABSOLUTE, .main_seconds = main_seconds};
    if (byo_seconds > 0) {
        s.kind = byo_stones > 0 ? GTP_CLOCK_CANADIAN : GTP_CLOCK_NONE;
        s.byo_seconds = byo_seconds;
        s.byo_stones = byo_stones;
    }
    return gtp_clock_set(clock, &s);
}

void gtp_clock_left(struct gtp_clock *clock, int color, double seconds, int stones) {
    struct gtp_clock_settings *s = &clock->settings;
    // A controller that tells the time keeps time, even if it has not said by which rules.
    if (s->kind == GTP_CLOCK_NONE) *s = (struct gtp_clock_settings){.kind = GTP_CLOCK_ABSOLUTE};
    clock->left[color].seconds = seconds;
    clock->left[color].stones = stones;
}

// Byo-yomi: the periods that are over are gone, and the next move has a fresh one. The last period
// can't be lost here, since whoever keeps the time decides that.
static void use_byoyomi(const struct gtp_clock_settings *s, double *left, int *periods) {
    if (*periods == 0) {
        if (*left > 0) return;
        *periods = s->byo_stones;
        *left += s->byo_seconds;
    }
    while (*left < 0 && *periods > 1) {
        *left += s->byo_seconds;
        --*periods;
    }
    *left = s->byo_seconds;
}

void gtp_clock_used(struct gtp_clock *clock, int color, double seconds) {
    const struct gtp_clock_settings *s = &clock->settings;
    double left = clock->left[color].seconds - seconds;
    int stones = clock->left[color].stones;
    switch (s->kind) {
    case GTP_CLOCK_NONE:
        return;
    case GTP_CLOCK_ABSOLUTE:
        break;
    case GTP_CLOCK_BYOYOMI:
        use_byoyomi(s, &left, &stones);
        break;
    case GTP_CLOCK_FISCHER:
        left = (left > 0 ? left : 0) + s->byo_seconds;
        if (s->most_seconds > 0 && left > s->most_seconds) left = s->most_seconds;
        break;
    case GTP_CLOCK_CANADIAN:
        if (stones > 0 && --stones == 0) { // all stones of the period are played, so a new one begins
            left = s->byo_seconds;
            stones = s->byo_stones;
        } else if (stones == 0 && left <= 0) { // main time is over
            left += s->byo_seconds;
            stones = s->byo_stones;
        }
        break;
    }
    clock->left[color].seconds = left > 0 ? left : 0;
    clock->left[color].stones = stones;
}

bool gtp_clock_is_empty(const struct gtp_clock *clock) {
    const struct gtp_clock_settings *s = &clock->settings;
    return s->kind != GTP_CLOCK_NONE && s->main_seconds == 0 && s->byo_seconds == 0 && clock->left[0].seconds == 0 &&
           clock->left[1].seconds == 0;
}

double gtp_clock_budget(const struct gtp_clock *clock, int color, double moves_to_come) {
    const struct gtp_clock_settings *s = &clock->settings;
    const double left = clock->left[color].seconds;
    const int stones = clock->left[color].stones;
    // What a move has without touching main time.
    double own = 0, share = left / moves_to_come, limit = left;
    switch (s->kind) {
    case GTP_CLOCK_NONE:
        return INFINITY;
    case GTP_CLOCK_ABSOLUTE:
        if (stones > 0) share = left / stones; // periods of which the settings say nothing
        break;
    case GTP_CLOCK_CANADIAN:
        own = stones > 0 ? 0 : s->byo_seconds / s->byo_stones;
        if (stones > 0) share = left / stones;
        break;
    case GTP_CLOCK_BYOYOMI:
        own = stones > 0 ? 0 : s->byo_seconds;
        if (stones > 0) share = left;
        break;
    case GTP_CLOCK_FISCHER:
        // What goes beyond the most that can be left would be lost.
        share += s->byo_seconds;
        if (s->most_seconds > 0 && left + s->byo_seconds - share > s->most_seconds)
            share = left + s->byo_seconds - s->most_seconds;
        if (s->most_a_move > 0 && limit > s->most_a_move) limit = s->most_a_move;
        break;
    }
    if (own > 0) {
        // A move in main time may also take what byo-yomi gives it, as long as main time lasts.
        share += own;
        if (share > left) share = left > own ? left : own;
        limit = left + own;
    }
    if (share > limit) share = limit;
    share = share * (1 - lag_share) - lag_seconds;
    return share > 0 ? share : 0;
}
