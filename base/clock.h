// Time as an argument: nothing below cli/ reads a clock by itself; whoever needs the time is handed
// a clock, so that tests can hand in one of their own.
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

struct clock {
    // Seconds since an arbitrary start; never goes backwards and may be called from any thread.
    double (*seconds)(void *context);
    void *context;
};

static inline double clock_seconds(const struct clock *clock) { return clock->seconds(clock->context); }

#endif
