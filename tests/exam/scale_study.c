// Laws of a study: the best shape of each budget makes the frontier, whose law and price are those
// that the nets were made by; what was held out is in no fit; shapes compare at equal steps; search
// and training trade as they were made to; a prediction wants two budgets; and a larger net that
// judges worse is found. All of simulated nets.
#include "exam/scale_report.h"

#include "base/memory.h"
#include "tests/test.h"

#define SLOPE 300.0 // Elo for each tenfold of time.
enum { SHAPES = 3, BUDGETS = 3, SEEDS = 2, MOST = 200 };
static const int blocks[SHAPES] = {2, 4, 6}, channels[SHAPES] = {16, 32, 64};

// The last nets of the grid, and earlier ones of the largest budget. Larger shapes gain more from
// time: the smallest is the best of the shortest budget, and the largest of the longest.
static struct scale_study make_study(void) {
    struct scale_study study = {
        .game = "hex 5x5", .scale = "uct:1024 = 1000", .machine = "a machine", .threads = 2, .visits = 100};
    study.nets = memory_new(MOST, sizeof *study.nets, "a test");
    for (int b = 0; b < BUDGETS; b++)
        for (int s = 0; s < SHAPES; s++)
            for (int seed = 1; seed <= SEEDS; seed++)
                for (int early = b == BUDGETS - 1; early >= 0; early--) {
                    const double seconds = 600 << b, lag = 40 * abs(s - b);
                    struct scale_net *n = &study.nets[study.num_nets++];
                    *n = (struct scale_net){.blocks = blocks[s],
                                            .channels = channels[s],
                                            .visits = 100,
                                            .seed = seed,
                                            .step = early ? 100 : 1000 >> s,
                                            .samples = (256LL * 1000) >> s,
                                            .parameters = 1000 << 2 * s,
                                            .budget = seconds,
                                            .seconds = early ? seconds / 10 : seconds,
                                            .evaluations = 1e6 * (1 << b) / (1 << s),
                                            .net_flops = 1e6 * (1 << s),
                                            .is_last = !early,
                                            .rated_games = 50,
                                            .marks = {NAN, NAN}};
                    snprintf(n->cell, sizeof n->cell, "%dx%d-%.0fm-s%d", n->blocks, n->channels, seconds / 60, seed);
                    n->elo = 1500 + SLOPE * log10(n->seconds / 3600) - lag + (seed == 1 ? 3 : -3);
                    n->low = n->elo - 40;
                    n->high = n->elo + 40;
                }
    return study;
}

static void add_held_out(struct scale_study *study, double elo) {
    struct scale_net *n = &study->nets[study->num_nets++];
    *n = study->nets[0];
    n->is_held_out = n->is_last = true;
    n->budget = n->seconds = 4800;
    n->elo = elo;
    snprintf(n->cell, sizeof n->cell, "held");
}

static void test_the_frontier_has_the_law_that_made_it(void) {
    struct scale_study study = make_study();
    struct scale_findings *f = memory_new(1, sizeof *f, "a test");
    struct scale_prediction p;
    EXPECT(scale_predict(&p, &study, 4800));
    add_held_out(&study, -5000); // It would bend every fit that it is in.
    scale_find(f, &study);
    EXPECT_INT(f->num_shapes, SHAPES);
    EXPECT_INT(f->num_budgets, BUDGETS);
    for (int b = 0; b < BUDGETS; b++) {
        EXPECT_INT(f->best[b], b);
        EXPECT_INT(f->groups[b][b].num, SEEDS);
        EXPECT_NEAR(f->groups[b][b].spread, sqrt(18), 1e-6);
    }
    EXPECT_NEAR(f->hours.at[1], SLOPE, 1e-6);
    EXPECT(f->hours.low[1] < SLOPE && SLOPE < f->hours.high[1]);
    EXPECT_INT(f->hours.num, BUDGETS * SEEDS);
    EXPECT_NEAR(f->hundred, 2400 / 3600. * (pow(10, 100 / SLOPE) - 1), 1e-6);
    EXPECT(f->hundred_low < f->hundred && f->hundred < f->hundred_high);
    EXPECT(f->held_out && f->held_out->elo == -5000);
    // The best shape of the largest budget, where the line goes on.
    EXPECT(p.blocks == 6 && p.channels == 64 && p.budget == 4800);
    EXPECT_NEAR(p.elo, 1500 + SLOPE * log10(4800 / 3600.), 1e-6);
    EXPECT(p.low < p.elo && p.elo < p.high && p.high - p.low < 60);
    free(study.nets);
    free(f);
}

static void test_shapes_compare_at_equal_steps(void) {
    struct scale_study study = make_study();
    struct scale_findings *f = memory_new(1, sizeof *f, "a test");
    scale_find(f, &study);
    EXPECT_INT(f->common_step, 1000 >> (SHAPES - 1)); // The slowest shape's end.
    const double part = log(250 / 100.) / log(1000 / 100.), early = 1500 + SLOPE * log10(240 / 3600.) - 80,
                 late = 1500 + SLOPE * log10(2400 / 3600.) - 80;
    EXPECT_NEAR(f->at_step[0].elo, early + part * (late - early), 1e-6);
    EXPECT_NEAR(f->at_step[SHAPES - 1].elo, 1500 + SLOPE * log10(2400 / 3600.), 1e-6);
    EXPECT_INT(f->parameters.num, SHAPES * SEEDS);
    free(study.nets);
    free(f);
}

static void test_training_and_search_trade_as_they_were_made_to(void) {
    static const int visits[3] = {0, 10, 1000};
    struct scale_study study = make_study();
    struct scale_findings *f = memory_new(1, sizeof *f, "a test");
    const int num = study.num_nets;
    for (int i = 0; i < num; i++) {
        const struct scale_net net = study.nets[i];
        if (!net.is_last || net.seed != 1) continue;
        for (int v = 0; v < 3; v++) {
            struct scale_net *n = &study.nets[study.num_nets++];
            *n = net;
            n->visits = visits[v];
        }
    }
    for (int i = 0; i < study.num_nets; i++) {
        struct scale_net *n = &study.nets[i];
        n->elo = 400 * log10(scale_training_flops(n)) + 200 * log10(scale_move_flops(n));
    }
    EXPECT_NEAR(scale_move_flops(&study.nets[num]), study.nets[num].net_flops, 1e-6); // The raw net judges once.
    scale_find(f, &study);
    EXPECT_INT(f->trade.clusters, SHAPES * BUDGETS); // One net at four numbers of visits is one cluster.
    EXPECT_INT(f->trade.num, 4 * SHAPES * BUDGETS);
    EXPECT_NEAR(f->trade.at[1], 400, 1e-4);
    EXPECT_NEAR(f->trade.at[2], 200, 1e-4);
    EXPECT_NEAR(pow(10, f->trade.ratio), 100, 1e-3);
    free(study.nets);
    free(f);
}

static void test_a_larger_net_that_judges_worse_is_found(void) {
    struct scale_study study = make_study();
    struct scale_findings *f = memory_new(1, sizeof *f, "a test");
    for (int i = 0; i < study.num_nets; i++) {
        struct scale_net *n = &study.nets[i];
        if (!n->is_last || n->budget != 2400) continue;
        for (int t = 0; t < SCALE_THIRDS; t++)
            n->values[2][t] = (struct scale_value_error){100, n->blocks == 6 && t == 0 ? 0.5 : 0.3 / n->blocks, 0.02};
    }
    scale_find(f, &study);
    EXPECT(f->values[2][0][2].is_worse);
    EXPECT(!f->values[2][0][1].is_worse && !f->values[2][1][2].is_worse && !f->values[0][0][2].num);
    EXPECT_NEAR(f->values[2][0][2].mean, 0.5, 1e-9);
    EXPECT_NEAR(f->values[2][0][2].error, 0.02 / sqrt(2), 1e-9); // Of two nets alike.
    free(study.nets);
    free(f);
}

static void test_little_is_known_of_little(void) {
    struct scale_study study = make_study();
    struct scale_findings *f = memory_new(1, sizeof *f, "a test");
    struct scale_prediction p;
    study.num_nets = SHAPES * SEEDS; // One budget.
    EXPECT(!scale_predict(&p, &study, 4800) && !p.is_made);
    scale_find(f, &study);
    EXPECT(!f->hours.num && !f->trade.num && isnan(f->hundred) && !f->held_out);
    study.num_nets = 0;
    scale_find(f, &study);
    EXPECT_INT(f->num_budgets, 0);
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes); // A report of nothing is written, too.
    scale_print(&study, out);
    fclose(out);
    EXPECT(bytes > 100);
    free(text);
    free(study.nets);
    free(f);
}

int main(void) {
    test_the_frontier_has_the_law_that_made_it();
    test_shapes_compare_at_equal_steps();
    test_training_and_search_trade_as_they_were_made_to();
    test_a_larger_net_that_judges_worse_is_found();
    test_little_is_known_of_little();
    return TEST_END();
}
