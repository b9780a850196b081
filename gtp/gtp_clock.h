// How long to think: GTP's clock, which is main time and then Canadian byo-yomi, and how much of it
// a move may take.
#ifndef GTP_GTP_CLOCK_H
#define GTP_GTP_CLOCK_H

#include <stdbool.h>

struct gtp_clock {
    // The controller keeps time.
    bool is_set;
    // The settings: main time, and the time and the stones of a byo-yomi period.
    double main_seconds, byo_seconds;
    int byo_stones;
    // What is left to each colour.
    struct {
        double seconds; // in main time, or in the present byo-yomi period
        int stones;     // in the present period; 0: it is main time
    } left[2];
};

// Sets the clock for a new game. byo_seconds > 0 with byo_stones = 0 means no limit [GTP 2, 4.2].
void gtp_clock_settings(struct gtp_clock *clock, double main_seconds, double byo_seconds, int byo_stones);
// What is left, as the controller tells it.
void gtp_clock_left(struct gtp_clock *clock, int color, double seconds, int stones);
// A new game with the same settings.
void gtp_clock_restart(struct gtp_clock *clock);
// Subtracts the seconds that a move took, in case the controller does not tell what is left.
void gtp_clock_used(struct gtp_clock *clock, int color, double seconds);
// The seconds that the next move may take; INFINITY: there is no limit. moves_to_come estimates how
// many more moves this colour will play.
double gtp_clock_budget(const struct gtp_clock *clock, int color, double moves_to_come);

#endif
