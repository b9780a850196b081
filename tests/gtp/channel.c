// The channel hands over whole lines of any kind of input, and knows what ends a search.
#include "gtp/gtp_channel.h"
#include "tests/gtp/talk.h"

struct ends {
    int to, from;
    FILE *in, *out;
    struct gtp_channel *channel;
};

static void open_ends(struct ends *e) {
    int to[2], from[2];
    if (pipe(to) || pipe(from)) exit(1);
    *e = (struct ends){.to = to[1], .from = from[0], .in = fdopen(to[0], "r"), .out = fdopen(from[1], "w")};
    EXPECT_INT(gtp_channel_new(&e->channel, e->in, e->out), STATUS_OK);
}

static void close_ends(struct ends *e) {
    gtp_channel_free(e->channel);
    talk_close(&e->to);
    talk_close(&e->from);
    fclose(e->in);
    fclose(e->out);
}

static void say(const struct ends *e, const char *text, size_t n) { EXPECT_INT(write(e->to, text, n), n); }

static void expect_line(const struct ends *e, const char *expected) {
    const char *line = gtp_channel_line(e->channel);
    EXPECT_(line && !strcmp(line, expected), "got \"%s\", expected \"%s\"", line ? line : "(the end)", expected);
}

static void lines_are_whole(void) {
    struct ends e;
    open_ends(&e);
    static const char text[] = "\xef\xbb\xbf"
                               "name\r\n\n  na\0me \nver";
    say(&e, text, sizeof text - 1);
    expect_line(&e, "name\r");
    expect_line(&e, "");
    expect_line(&e, "  name ");
    say(&e, "sion\n\xef\xbb\xbfx\nlast", 14);
    expect_line(&e, "version");
    expect_line(&e, "\xef\xbb\xbfx"); // a mark later on is no mark
    talk_close(&e.to);
    expect_line(&e, "last");
    EXPECT(!gtp_channel_line(e.channel));
    EXPECT(!gtp_channel_line(e.channel));
    EXPECT_INT(gtp_channel_status(e.channel), STATUS_OK);
    close_ends(&e);
}

static void *write_long(void *context) {
    const struct ends *e = context;
    enum { CHUNK = 1000 };
    char chunk[CHUNK];
    memset(chunk, 'x', CHUNK);
    for (int i = 0; i < 3000; i++) say(e, chunk, CHUNK);
    say(e, "\nquit\n", 6);
    return NULL;
}

static void lines_may_be_long_and_input_not_blocking(void) {
    struct ends e;
    pthread_t thread;
    open_ends(&e);
    EXPECT_INT(fcntl(fileno(e.in), F_SETFL, O_NONBLOCK), 0);
    EXPECT_INT(pthread_create(&thread, NULL, write_long, &e), 0);
    const char *line = gtp_channel_line(e.channel);
    EXPECT_INT(line ? strlen(line) : 0, 3000000);
    expect_line(&e, "quit");
    EXPECT_INT(pthread_join(thread, NULL), 0);
    usleep(20000); // the reader has nothing to read, which is not the end
    say(&e, "name\n", 5);
    expect_line(&e, "name");
    close_ends(&e);
}

static void *flood(void *context) {
    const struct ends *e = context;
    for (int i = 0; i < 300000; i++)
        if (write(e->to, "showboard showboard showboard\n", 30) != 30) break;
    talk_close(&((struct ends *)context)->to);
    return NULL;
}

// A flood waits in the pipe, not in memory, and all of it arrives.
static void a_flood_waits(void) {
    struct ends e;
    pthread_t thread;
    open_ends(&e);
    EXPECT_INT(pthread_create(&thread, NULL, flood, &e), 0);
    int lines = 0;
    while (gtp_channel_line(e.channel)) lines++;
    EXPECT_INT(lines, 300000);
    EXPECT_INT(pthread_join(thread, NULL), 0);
    close_ends(&e);
}

// Waits until a condition holds that another thread brings about.
#define EVENTUALLY(condition)                                                                                                  \
    do {                                                                                                                       \
        for (int tries_ = 0; !(condition) && tries_ < 10000; tries_++) usleep(1000);                                           \
        EXPECT(condition);                                                                                                     \
    } while (0)

static void interrupts_are_known(void) {
    static const struct {
        const char *text;
        bool stops;
    } cases[] = {{"stop\n", true},
                 {"12 stop-ponder\n", true},
                 {"# interrupt\n", true},
                 {"\n#Interrupt please\n", true},
                 {"gogui-interrupt\n", true},
                 {"kata-search_cancel\n", true},
                 {"quit\r\n", true},
                 {"7 quit # bye\n", true},
                 {"\n", false},
                 {"# a comment\n", false},
                 {"name\n", false},
                 {"name\nstop\n", false}, // it stops what `name` does
                 {"stopwatch\n", false},
                 {"quitter\n", false},
                 {"12\n", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ends e;
        open_ends(&e);
        say(&e, "genmove b\n", 10);
        expect_line(&e, "genmove b");
        EXPECT(!gtp_channel_interrupts(e.channel, GTP_UNTIL_ANY));
        say(&e, cases[i].text, strlen(cases[i].text));
        for (int k = 0; k < 2; k++) EVENTUALLY(gtp_channel_interrupts(e.channel, GTP_UNTIL_ANY));
        EXPECT_(gtp_channel_interrupts(e.channel, GTP_UNTIL_STOP) == cases[i].stops, "%s", cases[i].text);
        EXPECT(gtp_channel_interrupts(e.channel, GTP_UNTIL_ANY)); // whatever was asked in between
        gtp_channel_wait(e.channel);
        close_ends(&e);
    }
}

// The end of the input ends a search, unless it came in one go with the command.
static void a_script_gets_its_answers(void) {
    struct ends e;
    open_ends(&e);
    say(&e, "genmove b\n", 10);
    expect_line(&e, "genmove b");
    talk_close(&e.to);
    EVENTUALLY(gtp_channel_interrupts(e.channel, GTP_UNTIL_STOP));
    close_ends(&e);
    static char script[] = "genmove b\nquit\n";
    FILE *in = fmemopen(script, strlen(script), "r"), *out = fopen("/dev/null", "w");
    EXPECT_INT(gtp_channel_new(&e.channel, in, out), STATUS_OK);
    expect_line(&e, "genmove b");
    EVENTUALLY(gtp_channel_interrupts(e.channel, GTP_UNTIL_ANY));
    EXPECT(!gtp_channel_interrupts(e.channel, GTP_UNTIL_STOP));
    expect_line(&e, "quit");
    EVENTUALLY(gtp_channel_interrupts(e.channel, GTP_UNTIL_ANY));
    EXPECT(!gtp_channel_interrupts(e.channel, GTP_UNTIL_STOP));
    gtp_channel_free(e.channel);
    fclose(in);
    fclose(out);
}

static void an_output_without_a_reader_is_noticed(void) {
    struct ends e;
    open_ends(&e);
    EXPECT(!gtp_channel_interrupts(e.channel, GTP_UNTIL_STOP));
    talk_close(&e.from);
    EVENTUALLY(gtp_channel_interrupts(e.channel, GTP_UNTIL_STOP));
    EXPECT(!gtp_channel_line(e.channel));
    EXPECT_INT(gtp_channel_status(e.channel), STATUS_IO);
    close_ends(&e);
}

static void *read_all(void *context) {
    const struct ends *e = context;
    static char buffer[1 << 16];
    size_t total = 0;
    for (ssize_t n; (n = read(e->from, buffer, sizeof buffer)) > 0; total += (size_t)n) usleep(200);
    return (void *)total;
}

// An output that is O_NONBLOCK takes everything, too.
static void nothing_is_cut(void) {
    struct ends e;
    pthread_t thread;
    void *total;
    enum { BYTES = 2000000 };
    char *text = calloc(BYTES, 1);
    open_ends(&e);
    EXPECT_INT(fcntl(fileno(e.out), F_SETFL, O_NONBLOCK), 0);
    EXPECT_INT(pthread_create(&thread, NULL, read_all, &e), 0);
    gtp_channel_write(e.channel, text, BYTES);
    EXPECT_INT(gtp_channel_status(e.channel), STATUS_OK);
    gtp_channel_free(e.channel);
    fclose(e.out);
    EXPECT_INT(pthread_join(thread, &total), 0);
    EXPECT_INT((size_t)total, BYTES);
    free(text);
    talk_close(&e.to);
    talk_close(&e.from);
    fclose(e.in);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    lines_are_whole();
    lines_may_be_long_and_input_not_blocking();
    a_flood_waits();
    interrupts_are_known();
    a_script_gets_its_answers();
    an_output_without_a_reader_is_noticed();
    nothing_is_cut();
    return TEST_END();
}
