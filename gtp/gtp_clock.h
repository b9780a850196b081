// How long to think: GTP's clock (main time, then Canadian byo-yomi), and what a move may take of it.
#ifndef GTP_GTP_CLOCK_H
#define GTP_GTP_CLOCK_H

#include <stdbool.h>

struct gtp_clock {
    bool is_set;                      // the controller keeps time
    double main_seconds, byo_seconds; // settings
    int byo_stones;
    struct {
        double seconds; // left in main time, or in this byo-yomi period
        int stones;     // left in this period; 0: main time
    } left[2];          // of each colour
};

// byo_seconds > 0 with byo_stones = 0 means no limit [GTP 2, 4.2].
void gtp_clock_settings(struct gtp_clock *clock, double main_seconds, double byo_seconds, int byo_stones);
void gtp_clock_left(struct gtp_clock *clock, int color, double seconds, int stones);
void gtp_clock_restart(struct gtp_clock *clock); // a new game with the same settings
// Takes what a move took off, in case the controller does not tell.
void gtp_clock_used(struct gtp_clock *clock, int color, double seconds);
// Seconds that the next move may take, INFINITY: no limit. moves_to_come: of this colour, an estimate.
double gtp_clock_budget(const struct gtp_clock *clock, int color, double moves_to_come);

#endif
