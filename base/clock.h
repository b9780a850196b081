// Time as an argument: nothing below cli/ reads a clock by itself, it is handed one.
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

struct clock {
    double (*seconds)(void *context); // monotonic, from an arbitrary start; callable from any thread
    void *context;
};

static inline double clock_seconds(const struct clock *clock) { return clock->seconds(clock->context); }

#endif
