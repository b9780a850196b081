// Laws of the table of settings:
//   1. A word stands for exactly the number that its row names, as the default, on the command line
//      and in a file.
//   2. The number stays accepted, and the word alone is: nothing that only begins with it.
//   3. A row without a word takes none.
//   4. The help says the word, and no number that only stands for it.
#include "game/game.h"
#include "selfplay/config.h"
#include "tests/run/folder.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

static bool has_word(const struct option *row) { return row->type != OPTION_CHOICE && row->choices; }

static double value_of(const struct option *row, const void *settings) {
    const char *field = (const char *)settings + row->offset;
    if (row->type == OPTION_INT) return *(const int *)field;
    return row->type == OPTION_LONG || row->type == OPTION_BYTES ? (double)*(const long long *)field : *(const double *)field;
}

static void test_words_stand_for_numbers(void) {
    int num_words = 0;
    for (const struct option *row = config_table; row->name; row++) {
        struct config config = {0};
        struct options_text text = {0};
        char word[32];
        options_defaults(config_table, &config);
        if (!has_word(row)) {
            if (row->type == OPTION_INT || row->type == OPTION_REAL || row->type == OPTION_BYTES)
                EXPECT_REFUSED(options_set(config_table, &config, "--", row->name, "auto", &text), STATUS_USAGE, row->name,
                               "is not");
            continue;
        }
        num_words++;
        snprintf(word, sizeof word, "%.*s", (int)strcspn(row->choices, "="), row->choices);
        const double number = atof(strchr(row->choices, '=') + 1);
        EXPECT_TEXT(row->fallback, word);
        EXPECT_NEAR(value_of(row, &config), number, 0);
        EXPECT_INT(options_set(config_table, &config, "--", row->name, row->type == OPTION_REAL ? "0.75" : "3", &text),
                   STATUS_OK);
        EXPECT(value_of(row, &config) != number);
        EXPECT_INT(options_set(config_table, &config, "--", row->name, word, &text), STATUS_OK);
        EXPECT_NEAR(value_of(row, &config), number, 0);
        EXPECT_INT(options_set(config_table, &config, "--", row->name, strchr(row->choices, '=') + 1, &text), STATUS_OK);
        EXPECT_NEAR(value_of(row, &config), number, 0);
        const size_t length = strlen(word);
        word[length] = 'x', word[length + 1] = 0;
        EXPECT_REFUSED(options_set(config_table, &config, "--", row->name, word, &text), STATUS_USAGE, row->name, word);
        word[length - 1] = 0;
        EXPECT_REFUSED(options_set(config_table, &config, "--", row->name, word, &text), STATUS_USAGE, row->name, word);
        EXPECT_REFUSED(options_set(config_table, &config, "--", row->name, row->choices, &text), STATUS_USAGE, row->name,
                       "is not");
        options_text_done(&text);
    }
    EXPECT(num_words > 10);
    struct config config = {0};
    EXPECT_REFUSED(options_set(config_table, &config, "--", "komi", "x", NULL), STATUS_USAGE, "--komi",
                   "'x' is not a number or fair");
}

static void test_the_help_says_words(void) {
    char *help = NULL;
    size_t num_bytes;
    FILE *file = open_memstream(&help, &num_bytes);
    CHECK(file);
    options_help(config_table, file);
    fclose(file);
    EXPECT(strstr(help, "(points, default fair)"));
    EXPECT(strstr(help, "(share, 0 .. 1, default auto)"));
    EXPECT(!strstr(help, "-1e") && !strstr(help, "-1 ..") && !strstr(help, "default -1"));
    free(help);
}

// The word is the game's fair value, like a config that nobody has touched, and a number is itself.
static void test_the_fair_komi(void) {
    static const char *const said[] = {NULL, "fair", "-1e9", "6.5"};
    for (int i = 0; i < 4; i++) {
        struct config config = {0};
        struct options_text text = {0};
        struct game game;
        options_defaults(config_table, &config);
        config.size[0] = config.size[1] = 7;
        if (said[i]) EXPECT_INT(options_set(config_table, &config, "--", "komi", said[i], &text), STATUS_OK);
        EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
        EXPECT_NEAR(game.komi, i < 3 ? 9 : 6.5, 0);
        EXPECT_NEAR(config.komi, game.komi, 0);
        options_text_done(&text);
    }
}

int main(void) {
    test_words_stand_for_numbers();
    test_the_help_says_words();
    test_the_fair_komi();
    return TEST_END();
}
