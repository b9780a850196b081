// Papers: a seed's questions are always the same, items of a pair differ in what they say they do,
// and marks are what one counts by hand.
#include "exam/marks.h"
#include "tests/test.h"

static struct game open_go(int side) {
    struct game game;
    EXPECT_INT(game_open(&game, "go", &(struct game_options){.height = side, .width = side, .komi = GAME_KOMI_DEFAULT}),
               STATUS_OK);
    return game;
}

static struct exam_paper make(const struct game *like, const char *subject, uint64_t seed, int items) {
    struct exam_paper paper;
    const struct exam_wish wish = {.like = like, .seed = seed, .num_items = items};
    EXPECT_INT(exam_make(exam_subject_find("go", subject), &wish, &paper), STATUS_OK);
    EXPECT(paper.num_items > 0);
    return paper;
}

static bool are_equal(const struct exam_paper *a, const struct exam_paper *b) {
    if (a->num_items != b->num_items) return false;
    for (int i = 0; i < a->num_items; i++) {
        const struct exam_item *x = &a->items[i], *y = &b->items[i];
        if (game_hash(&x->game, x->state) != game_hash(&y->game, y->state) || x->result != y->result) return false;
        if (x->right && memcmp(x->right, y->right, (size_t)x->game.num_actions)) return false;
    }
    return true;
}

static void seeds_decide(void) {
    const struct game game = open_go(7);
    static const char *const names[] = {"ladders", "endgame", "races", "life"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const int n = i < 3 ? 6 : 2; // life takes longest
        struct exam_paper a = make(&game, names[i], 3, n), b = make(&game, names[i], 3, n), c = make(&game, names[i], 4, n);
        EXPECT_(are_equal(&a, &b), "%s: one seed, two papers", names[i]);
        EXPECT_(!are_equal(&a, &c), "%s: two seeds, one paper", names[i]);
        exam_paper_done(&a);
        exam_paper_done(&b);
        exam_paper_done(&c);
    }
}

static void items_are_whole(void) {
    const struct game game = open_go(7);
    static const char *const names[] = {"openings", "ladders", "endgame", "races", "life", "traps"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct exam_paper paper = make(&game, names[i], 5, i < 4 ? 6 : 2);
        for (int k = 0; k < paper.num_items; k++) {
            const struct exam_item *item = &paper.items[k];
            uint16_t legal[GAME_MAX_ACTIONS];
            int right = 0;
            EXPECT_INT(game_legal(&item->game, item->state, legal), item->num_legal);
            for (int a = 0; item->right && a < item->game.num_actions; a++) {
                right += item->right[a];
                if (item->right[a]) EXPECT_(game_is_legal(&item->game, item->state, a), "%s %d: %d", names[i], k, a);
            }
            EXPECT_INT(right, item->num_right);
            if (item->right) EXPECT(right > 0 && right < item->num_legal);
            if (item->right && item->result != EXAM_NOT_ASKED) EXPECT_INT(item->result, 1);
        }
        exam_paper_done(&paper);
    }
}

// In a pair of ladders one stone stands elsewhere, and no move is right in both.
static void one_stone_turns_a_ladder(void) {
    const struct game game = open_go(9);
    struct exam_paper paper = make(&game, "ladders", 1, test_rounds(60));
    for (int i = 0; i + 1 < paper.num_items; i += 2) {
        const struct exam_item *a = &paper.items[i], *b = &paper.items[i + 1];
        int8_t x[81], y[81];
        int gone = 0, come = 0;
        EXPECT_INT(a->pair, b->pair);
        game_stones(&a->game, a->state, x);
        game_stones(&b->game, b->state, y);
        for (int p = 0; p < 81; p++) {
            gone += x[p] && !y[p];
            come += !x[p] && y[p];
            EXPECT(!x[p] || !y[p] || x[p] == y[p]);
        }
        EXPECT_INT(gone, 1);
        EXPECT_INT(come, 1);
        for (int m = 0; m < a->game.num_actions; m++)
            EXPECT_(!(a->right[m] && b->right[m]), "ladders %d: %d is right in both", i, m);
    }
    exam_paper_done(&paper);
}

// Half a point of komi turns an endgame.
static void half_a_point_turns_an_endgame(void) {
    const struct game game = open_go(7);
    struct exam_paper paper = make(&game, "endgame", 1, test_rounds(40));
    for (int i = 0; i + 1 < paper.num_items; i += 2) {
        EXPECT_INT(paper.items[i].result, 1);
        EXPECT_INT(paper.items[i + 1].result, -1);
        EXPECT_NEAR(fabs(paper.items[i].game.komi - paper.items[i + 1].game.komi), 1, 1e-9);
    }
    exam_paper_done(&paper);
}

static int some_move(const struct exam_item *item, bool right) {
    uint16_t legal[GAME_MAX_ACTIONS];
    const int n = game_legal(&item->game, item->state, legal);
    for (int i = 0; i < n; i++)
        if (item->right[legal[i]] == right) return legal[i];
    return GAME_NO_ACTION;
}

static void marks_are_counted(void) {
    const struct game game = open_go(7);
    static const char *const names[] = {"endgame", "ladders"};
    for (int s = 0; s < 2; s++) {
        struct exam_paper paper = make(&game, names[s], 2, 20);
        struct exam_answer *answers = calloc((size_t)paper.num_items, sizeof *answers);
        struct exam_marks marks;
        int moves = 0;
        for (int i = 0; i < paper.num_items; i++) moves += paper.items[i].right != NULL;
        const int questions = paper.num_items / 2;
        for (int perfect = 1; perfect >= 0; perfect--) {
            for (int i = 0; i < paper.num_items; i++) {
                const struct exam_item *item = &paper.items[i];
                answers[i] =
                    (struct exam_answer){.is_given = true, .action = item->right ? some_move(item, perfect) : GAME_NO_ACTION};
                answers[i].probability = item->right ? perfect : NAN;
                answers[i].value = item->result == EXAM_NOT_ASKED ? NAN : (2 * perfect - 1) * item->result;
            }
            marks_count(&paper, answers, &marks);
            EXPECT_INT(marks.questions, questions);
            EXPECT_INT(marks.right, perfect * questions);
            EXPECT_INT(marks.moves_right, perfect * moves);
            EXPECT_INT(marks.results, s ? 0 : paper.num_items);
            EXPECT_INT(marks.results_right, s ? 0 : perfect * paper.num_items);
            EXPECT_NEAR(marks.probability, perfect, 1e-9);
            if (!s) EXPECT_NEAR(marks.value_error, perfect ? 0 : 2, 1e-9);
        }
        // Half of a pair right is a question wrong.
        for (int i = 0; i < paper.num_items; i++)
            if (s)
                answers[i].action = some_move(&paper.items[i], i % 2 == 0);
            else
                answers[i].value = 1;
        marks_count(&paper, answers, &marks);
        EXPECT_INT(marks.right, 0);
        EXPECT_NEAR(marks.chance, s ? marks.chance : 0.25, 1e-9);
        // Who isn't told the position isn't marked.
        for (int i = 0; i < paper.num_items; i++) answers[i].is_given = false;
        marks_count(&paper, answers, &marks);
        EXPECT_INT(marks.questions, 0);
        // Random play comes near to chance.
        int right = 0;
        double chance = 0;
        for (uint64_t seed = 0; s && seed < 200; seed++) {
            marks_random(&paper, &(struct marks_params){.seed = seed}, answers);
            marks_count(&paper, answers, &marks);
            right += marks.right;
            chance = marks.chance;
        }
        const double share = (double)right / (200.0 * questions);
        if (s) EXPECT_NEAR(share, chance, 4 * sqrt(chance * (1 - chance) / (200.0 * questions)) + 1e-9);
        free(answers);
        exam_paper_done(&paper);
    }
}

int main(void) {
    seeds_decide();
    items_are_whole();
    one_stone_turns_a_ladder();
    half_a_point_turns_an_endgame();
    marks_are_counted();
    return TEST_END();
}
