// The arithmetic of time: what is left to each colour, and the share of it that one move may take.
// Main time is shared by the moves that are still to come, a byo-yomi period by its stones.
#include "gtp/gtp_clock.h"

#include <math.h>

// Kept back for the way to the controller and for the last batch. Chosen, not tuned.
static const double lag_seconds = 0.1, lag_share = 0.05;

void gtp_clock_restart(struct gtp_clock *clock) {
    for (int color = 0; color < 2; color++) {
        const bool main = clock->main_seconds > 0;
        clock->left[color].seconds = main ? clock->main_seconds : clock->byo_seconds;
        clock->left[color].stones = main ? 0 : clock->byo_stones;
    }
}

void gtp_clock_settings(struct gtp_clock *clock, double main_seconds, double byo_seconds, int byo_stones) {
    clock->is_set = !(byo_seconds > 0 && byo_stones == 0);
    clock->main_seconds = main_seconds;
    clock->byo_seconds = byo_stones > 0 ? byo_seconds : 0;
    clock->byo_stones = byo_stones;
    gtp_clock_restart(clock);
}

void gtp_clock_left(struct gtp_clock *clock, int color, double seconds, int stones) {
    clock->is_set = true;
    clock->left[color].seconds = seconds;
    clock->left[color].stones = stones;
}

void gtp_clock_used(struct gtp_clock *clock, int color, double seconds) {
    if (!clock->is_set) return;
    double left = clock->left[color].seconds - seconds;
    int stones = clock->left[color].stones;
    if (stones > 0 && --stones == 0) { // all stones of the period are played, so a new one begins
        left = clock->byo_seconds;
        stones = clock->byo_stones;
    } else if (stones == 0 && left <= 0 && clock->byo_stones > 0) { // main time is over
        left += clock->byo_seconds;
        stones = clock->byo_stones;
    }
    clock->left[color].seconds = left > 0 ? left : 0;
    clock->left[color].stones = stones;
}

double gtp_clock_budget(const struct gtp_clock *clock, int color, double moves_to_come) {
    if (!clock->is_set) return INFINITY;
    const double left = clock->left[color].seconds;
    const int stones = clock->left[color].stones;
    double share = left / (stones > 0 ? stones : moves_to_come);
    if (stones == 0 && clock->byo_stones > 0) {
        // A move in main time may also take what a stone of byo-yomi gives, as long as main time
        // lasts.
        share += clock->byo_seconds / clock->byo_stones;
        if (share > left) share = left > clock->byo_seconds / clock->byo_stones ? left : clock->byo_seconds / clock->byo_stones;
    }
    const double limit = stones == 0 && clock->byo_stones > 0 ? left + clock->byo_seconds / clock->byo_stones : left;
    if (share > limit) share = limit;
    share = share * (1 - lag_share) - lag_seconds;
    return share > 0 ? share : 0;
}
