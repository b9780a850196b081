// How long to think: the clock that the controller keeps, and how much of it a move may take.
#ifndef GTP_GTP_CLOCK_H
#define GTP_GTP_CLOCK_H

#include <stdbool.h>

enum gtp_clock_kind {
    GTP_CLOCK_NONE,     // no limit
    GTP_CLOCK_ABSOLUTE, // main time alone
    GTP_CLOCK_CANADIAN, // then periods, each for so many stones
    GTP_CLOCK_BYOYOMI,  // then so many periods, each of which is lost when it runs out
    GTP_CLOCK_FISCHER,  // main time, to which each move adds
};

struct gtp_clock_settings {
    enum gtp_clock_kind kind;
    double main_seconds;
    // Canadian and byo-yomi: the length of a period. Fischer: what each move adds.
    double byo_seconds;
    // Canadian: the stones of a period. Byo-yomi: the number of periods.
    int byo_stones;
    // Fischer: the most that can be left, and the most that one move may take; 0: no bound.
    double most_seconds, most_a_move;
};

struct gtp_clock {
    struct gtp_clock_settings settings;
    // What is left to each colour.
    struct {
        double seconds; // in main time, or in the present byo-yomi period
        // Canadian: the stones left in the present period; byo-yomi: the periods left, this one
        // included; 0: it is main time.
        int stones;
    } left[2];
};

// Sets the clock for a new game. Returns false, and changes nothing, if a number is negative or a
// period has no length or no stones.
bool gtp_clock_set(struct gtp_clock *clock, const struct gtp_clock_settings *settings);
// The same by the words of the standard's time_settings: no byo-yomi time is absolute time, no
// stones in it mean no limit [GTP 2, 4.2], and the rest is Canadian.
bool gtp_clock_set_standard(struct gtp_clock *clock, double main_seconds, double byo_seconds, int byo_stones);
// What is left, as the controller tells it.
void gtp_clock_left(struct gtp_clock *clock, int color, double seconds, int stones);
// A new game with the same settings.
void gtp_clock_restart(struct gtp_clock *clock);
// Subtracts the seconds that a move took, in case the controller does not tell what is left.
void gtp_clock_used(struct gtp_clock *clock, int color, double seconds);
// The settings give no time at all, as `time_settings 0 0 0` does.
bool gtp_clock_is_empty(const struct gtp_clock *clock);
// The seconds that the next move may take; INFINITY: there is no limit. moves_to_come estimates how
// many more moves this colour will play.
double gtp_clock_budget(const struct gtp_clock *clock, int color, double moves_to_come);

#endif
