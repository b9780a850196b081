// Laws: what a net has learned and the strengths it was rated at come back from its file; a file
// from before has the list that its other texts allow; a line names what is new to a net, and is
// not there for what it knows; a new net knows what its parent of the same game did; levels rise
// with Elo; and a net is shown rules that it never met as those that it knows.
#include "net/learned.h"
#include "base/files.h"
#include "net/carry.h"
#include "net/net_setting.h"
#include "net/play_evaluator.h"
#include "tests/net/support.h"

#include <unistd.h>

static char path[64];

static void open_go(struct game *game, int height, int width, const char *rules) {
    const struct game_options options = {.height = height, .width = width, .komi = GAME_KOMI_DEFAULT, .rules = rules};
    EXPECT_INT(game_open(game, "go", &options), STATUS_OK);
}

static struct net *go_net(void) {
    struct game game;
    open_go(&game, 5, 5, NULL);
    const struct net_config config = net_config_for(&game, 1, 8);
    struct net *net = lively_net(&config, 3);
    snprintf(net->meta.game, sizeof net->meta.game, "go");
    net->meta.min_size = net->meta.max_size = 5;
    return net;
}

static void lists_come_back(void) {
    struct net *net = go_net(), *back;
    net_learned_add(&net->meta, 5, 5, "chinese", 10, 300);
    net_learned_add(&net->meta, 7, 9, "chinese+ko=simple", 20, 900);
    net_learned_add(&net->meta, 5, 5, "chinese", 5, 100);
    net_learned_add(&net->meta, 5, 5, "japanese", 1, -1);
    net_settings_add(&net->meta, &(struct net_setting){.visits = 100, .elo = 2000.5, .low = 1900, .high = 2100, .games = 40});
    net_settings_add(&net->meta, &(struct net_setting){.temperature = 1.4, .elo = -120, .low = -300, .high = 50, .games = 30});
    snprintf(net->meta.settings_scale, sizeof net->meta.settings_scale, "9x9, GNU Go level 10 = 1800");
    EXPECT_INT(net_save(net, path), STATUS_OK);
    EXPECT_INT(net_load(&back, path), STATUS_OK);
    const struct net_meta *m = &back->meta;
    EXPECT_INT(m->num_learned, 3);
    EXPECT_INT(m->learned[0].games, 15);
    EXPECT_INT(m->learned[0].positions, 400);
    EXPECT_INT(m->learned[1].height, 7);
    EXPECT_INT(m->learned[1].width, 9);
    EXPECT_TEXT(m->learned[1].rules, "chinese+ko=simple");
    EXPECT_INT(m->learned[2].positions, -1);
    EXPECT_INT(m->num_settings, 2);
    EXPECT_NEAR(m->settings[0].temperature, 1.4, 1e-9); // by Elo
    EXPECT_INT(m->settings[1].visits, 100);
    EXPECT_NEAR(m->settings[1].elo, 2000.5, 1e-9);
    EXPECT_INT(m->settings[1].games, 40);
    EXPECT_TEXT(m->settings_scale, "9x9, GNU Go level 10 = 1800");
    net_free(back);
    // The lists have an end.
    for (int i = 0; i < 2 * NET_MAX_LEARNED; i++) net_learned_add(&net->meta, 1 + i % 19, 1 + i / 19, "aga", 1, 1);
    for (int i = 0; i < 2 * NET_MAX_SETTINGS; i++)
        net_settings_add(&net->meta, &(struct net_setting){.visits = 1000 + i, .elo = 10 * i % 70, .low = -1, .high = 99});
    EXPECT_INT(net->meta.num_learned, NET_MAX_LEARNED);
    EXPECT_INT(net->meta.num_settings, NET_MAX_SETTINGS);
    EXPECT_INT(net_save(net, path), STATUS_OK);
    EXPECT_INT(net_load(&back, path), STATUS_OK);
    EXPECT_INT(back->meta.num_learned, NET_MAX_LEARNED);
    EXPECT_INT(back->meta.num_settings, NET_MAX_SETTINGS);
    net_free(back);
    net_free(net);
}

static void old_nets(void) {
    static const struct {
        const char *game, *command;
        int least, greatest;
        const char *expected; // "HEIGHTxWIDTH RULES GAMES; ..."
    } cases[] = {
        {"go", "tengen train --game go --size 9 --time 9000s --seed 1", 9, 9, "9x9 chinese 77; "},
        {"go", "tengen train --rules japanese --size 9", 9, 9, "9x9 japanese 77; "},
        {"go", "tengen train --size 5 --rules-mix japanese,aga", 5, 5, "5x5 chinese -1; 5x5 japanese -1; 5x5 aga -1; "},
        {"go", "tengen train --sizes 7,9:2,9x13 --seed 1", 7, 13, "7x7 chinese -1; 9x9 chinese -1; 9x13 chinese -1; "},
        {"go", "tengen train --size 9 --set curriculum=0.2", 7, 9, "7x7 chinese -1; 9x9 chinese -1; "},
        {"connect4", "tengen train --game connect4 --size 6x7", 6, 7, "6x7 standard 77; "},
        {"othello", "", 6, 6, "6x6  77; "},
        {"go", "", 5, 6, "5x5  -1; 6x6  -1; "},
        {"go", "", 0, 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct net_meta meta = {.min_size = cases[i].least, .max_size = cases[i].greatest, .games = 77};
        char text[400] = "";
        snprintf(meta.game, sizeof meta.game, "%s", cases[i].game);
        snprintf(meta.command, sizeof meta.command, "%s", cases[i].command);
        net_learned_derive(&meta);
        for (int k = 0; k < meta.num_learned; k++) {
            const struct net_learned *l = &meta.learned[k];
            const size_t used = strlen(text);
            snprintf(text + used, sizeof text - used, "%dx%d %s %lld; ", l->height, l->width, l->rules, l->games);
        }
        EXPECT_TEXT(text, cases[i].expected);
    }
    // The oldest have their command as a note.
    struct net_meta meta = {.game = "go", .min_size = 9, .max_size = 9, .note = "tengen train --size 9 --rules aga"};
    net_learned_derive(&meta);
    EXPECT(meta.num_learned == 1 && !strcmp(meta.learned[0].rules, "aga"));
}

static void bad_entries_are_left_out(void) {
    struct net_learned learned;
    struct net_setting setting;
    EXPECT(net_learned_read("9x9 games 1 positions 2 rules chinese", &learned));
    EXPECT(net_learned_read("9x9 games -1 positions -1 rules", &learned) && !learned.rules[0]);
    static const char *const junk[] = {"",
                                       "9x9",
                                       "0x9 games 1 positions 2 rules chinese",
                                       "9x20 games 1 positions 2 rules chinese",
                                       "9x9 games -2 positions 2 rules chinese",
                                       "9x9 games 1 positions 2 rules two words",
                                       "9x9 games 1 positions 2 rulesx",
                                       "9x9 games 1 positions 2 rules "
                                       "a-name-that-is-longer-than-any-that-this-program-writes-itself-so"};
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        EXPECT_(!net_learned_read(junk[i], &learned), "'%s' was read", junk[i]);
    EXPECT(net_setting_read("visits 100 temperature 0 elo 1 low 0 high 2 games 3", &setting));
    static const char *const unset[] = {"visits 100", "visits -1 temperature 0 elo 1 low 0 high 2 games 3",
                                        "visits 1 temperature 0 elo nan low 0 high 2 games 3",
                                        "visits 1 temperature 0 elo 5 low 6 high 7 games 3",
                                        "visits 1 temperature 0 elo 5 low 4 high 7 games 3x"};
    for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
        EXPECT_(!net_setting_read(unset[i], &setting), "'%s' was read", unset[i]);
}

static void lines_name_what_is_new(void) {
    struct net_meta meta = {.num_learned = 0};
    struct game game;
    char text[NET_UNLEARNED_BYTES];
    open_go(&game, 9, 9, NULL);
    EXPECT(!net_unlearned(&meta, &game, text)); // nothing is recorded
    net_learned_add(&meta, 9, 9, "chinese", 10, 300);
    net_learned_add(&meta, 7, 7, "chinese", 90, 300);
    net_learned_add(&meta, 7, 7, "aga", 5, 300);
    EXPECT(!net_unlearned(&meta, &game, text));
    EXPECT_TEXT(net_main_rules(&meta), "chinese");
    open_go(&game, 9, 9, "japanese");
    EXPECT_TEXT(net_unlearned(&meta, &game, text), "it has learned 9x9, 7x7 under chinese, aga rules, and not japanese rules");
    // The bonus for handicap stones is only komi to a net.
    open_go(&game, 9, 9, "chinese+bonus=0");
    EXPECT(!net_unlearned(&meta, &game, text));
    open_go(&game, 9, 9, "chinese+suicide=1");
    EXPECT(net_unlearned(&meta, &game, text));
    open_go(&game, 9, 13, "aga");
    EXPECT_TEXT(net_unlearned(&meta, &game, text), "it has learned 9x9, 7x7 under chinese, aga rules, and not 9x13");
    open_go(&game, 19, 19, "japanese");
    EXPECT_TEXT(net_unlearned(&meta, &game, text),
                "it has learned 9x9, 7x7 under chinese, aga rules, and neither 19x19 nor japanese rules");
    // However much it has learned, it is one line.
    for (int i = 0; i < NET_MAX_LEARNED; i++)
        net_learned_add(&meta, 5, 2 + i % 18, i % 2 ? "tromp-taylor" : "new-zealand", 1, 1);
    EXPECT(net_unlearned(&meta, &game, text) && strlen(text) < sizeof text - 1 && strstr(text, "..."));
}

static void children_know_it(void) {
    struct net *parent = go_net(), *child = go_net();
    struct net_carried carried;
    net_learned_add(&parent->meta, 9, 9, "chinese", 70, 3000);
    EXPECT_INT(net_carry(child, parent, "parent", &carried), STATUS_OK);
    EXPECT(carried.is_whole);
    net_learned_add(&child->meta, 9, 9, "chinese", 30, 1000);
    EXPECT_INT(child->meta.num_learned, 1);
    EXPECT_INT(child->meta.learned[0].games, 100);
    EXPECT_INT(child->meta.learned[0].positions, 4000);
    // Of another game it takes the trunk alone.
    struct game hex;
    struct rng rng;
    struct net *other;
    EXPECT_INT(game_open(&hex, "hex", NULL), STATUS_OK);
    const struct net_config config = net_config_for(&hex, 1, 8);
    rng_init(&rng, 1, 0);
    EXPECT_INT(net_new(&other, &config, &rng), STATUS_OK);
    snprintf(other->meta.game, sizeof other->meta.game, "hex");
    EXPECT_INT(net_carry(other, parent, "parent", &carried), STATUS_OK);
    EXPECT_INT(other->meta.num_learned, 0);
    net_free(other);
    net_free(parent);
    net_free(child);
}

static void levels_rise(void) {
    struct net_meta meta = {.num_settings = 0};
    struct net_setting near;
    char text[NET_SETTING_BYTES], rank[NET_RANK_BYTES];
    for (int level = 1; level <= NET_LEVELS; level++) EXPECT(isnan(net_level(&meta, level).elo)); // never rated
    EXPECT_INT(net_setting_near(&meta, 100, "x", &near), STATUS_USAGE);
    for (int n = 2; n <= NET_MAX_SETTINGS; n++) { // any number of settings, in any order
        meta.num_settings = 0;
        for (int i = 0; i < n; i++)
            net_settings_add(&meta, &(struct net_setting){.visits = i, .elo = 37 * (i * 7 % 24), .low = -1e4, .high = 1e4});
        for (int level = 2; level <= NET_LEVELS; level++)
            EXPECT(net_level(&meta, level).elo >= net_level(&meta, level - 1).elo);
        EXPECT_NEAR(net_level(&meta, 1).elo, meta.settings[0].elo, 0);
        EXPECT_NEAR(net_level(&meta, NET_LEVELS).elo, meta.settings[n - 1].elo, 0);
    }
    meta.num_settings = 0; // ten of them are the ten levels
    for (int i = 0; i < NET_LEVELS; i++) {
        struct net_setting setting = net_usual_settings[i];
        setting.elo = 100 * i;
        net_settings_add(&meta, &setting);
    }
    for (int i = 0; i < NET_LEVELS; i++) EXPECT_NEAR(net_level(&meta, i + 1).elo, 100 * i, 0);
    EXPECT_INT(net_setting_near(&meta, 440, "x", &near), STATUS_OK);
    EXPECT_NEAR(near.elo, 400, 0);
    EXPECT_INT(net_setting_near(&meta, 1100, "x", &near), STATUS_USAGE);
    EXPECT_TEXT(net_setting_text(&net_usual_settings[0], text), "the raw net at temperature 3");
    EXPECT_TEXT(net_setting_text(&net_usual_settings[NET_LEVELS - 1], text), "1600 visits");
    // People's ranks on the one scale of which anything is known.
    EXPECT(!net_rank_text(&meta, &near, rank));
    snprintf(meta.settings_scale, sizeof meta.settings_scale, "9x9, komi 7, chinese, GNU Go level 10 = 1800");
    EXPECT_TEXT(net_rank_text(&meta, &(struct net_setting){.elo = 1800}, rank), "about 8 kyu");
    EXPECT_TEXT(net_rank_text(&meta, &(struct net_setting){.elo = 2255}, rank), "about 1 kyu");
    EXPECT_TEXT(net_rank_text(&meta, &(struct net_setting){.elo = 2320}, rank), "about 1 dan");
    EXPECT_TEXT(net_rank_text(&meta, &(struct net_setting){.elo = 3000}, rank), "more than 5 dan");
    EXPECT_TEXT(net_rank_text(&meta, &(struct net_setting){.elo = -500}, rank), "a beginner");
}

// Judges the position after some moves.
static void judge(struct evaluator *evaluator, const char *rules, struct judgement *out, float *logits) {
    struct game game;
    open_go(&game, 5, 5, rules);
    void *state = malloc(game.state_bytes);
    game_start(&game, state);
    static const int moves[] = {12, 6, 7, 11, 25};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) game_play(&game, state, moves[i]);
    *out = (struct judgement){.logits = logits};
    evaluator_judge(evaluator, 1, &(struct position){.game = &game, .state = state}, out);
    free(state);
}

static void expect_same(const struct judgement *a, const struct judgement *b, bool same) {
    bool equal = a->score == b->score && !memcmp(a->wdl, b->wdl, sizeof a->wdl);
    for (int i = 0; i < 26; i++) equal &= a->logits[i] == b->logits[i];
    EXPECT_INT(equal, same);
}

static void new_rules_are_shown_as_known_ones(void) {
    struct net *net = go_net();
    struct backend *backend;
    struct evaluator *plain, *play;
    float logits[4][26];
    struct judgement known, new, raw, shown;
    net_learned_add(&net->meta, 5, 5, "chinese", 70, 3000);
    EXPECT_INT(backend_open(&backend, &(struct backend_spec){.name = "ref"}), STATUS_OK);
    EXPECT_INT(net_evaluator_new(&plain, net, backend, 4), STATUS_OK);
    EXPECT_INT(play_evaluator_new(&play, net, backend, 4), STATUS_OK);
    judge(plain, "chinese", &known, logits[0]);
    judge(plain, "tromp-taylor", &raw, logits[1]);
    expect_same(&known, &raw, false); // the weights of that input are random
    judge(play, "tromp-taylor", &shown, logits[2]);
    expect_same(&known, &shown, true);
    judge(play, "chinese", &new, logits[3]);
    expect_same(&known, &new, true);
    evaluator_free(play);
    // What it has learned it sees as it is.
    net_learned_add(&net->meta, 5, 5, "tromp-taylor", 1, 30);
    EXPECT_INT(play_evaluator_new(&play, net, backend, 4), STATUS_OK);
    judge(play, "tromp-taylor", &shown, logits[2]);
    expect_same(&raw, &shown, true);
    evaluator_free(play);
    evaluator_free(plain);
    backend_close(backend);
    net_free(net);
}

int main(void) {
    snprintf(path, sizeof path, "/tmp/tengen-learned-%d.safetensors", (int)getpid());
    lists_come_back();
    old_nets();
    bad_entries_are_left_out();
    lines_name_what_is_new();
    children_know_it();
    levels_rise();
    new_rules_are_shown_as_known_ones();
    unlink(path);
    return TEST_END();
}
