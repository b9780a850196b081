// Searches run side by side, one leaf of each in a batch, so that a position is searched as it would
// be alone, and batches are full.
#include "exam/marks.h"

#include "arena/gtp_client.h"
#include "arena/stats.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_stopped(const struct marks_params *p) { return p->stop && *p->stop; }

static void tell(const struct marks_params *p, int num) {
    if (p->on_items) p->on_items(p->context, num);
}

static float *new_logits(const struct exam_paper *paper, int *stride) {
    *stride = 0;
    for (int i = 0; i < paper->num_items; i++)
        if (paper->items[i].game.num_actions > *stride) *stride = paper->items[i].game.num_actions;
    return memory_raw(MARKS_BATCH * (size_t)(*stride + 1), sizeof(float), "the answers of an exam");
}

static void take_judgement(const struct exam_item *item, const struct judgement *j, struct exam_answer *out) {
    uint16_t legal[GAME_MAX_ACTIONS];
    const int n = game_legal(&item->game, item->state, legal);
    int best = 0;
    for (int i = 1; i < n; i++)
        if (j->logits[legal[i]] > j->logits[legal[best]]) best = i;
    double all = 0, right = 0;
    for (int i = 0; i < n; i++) {
        const double mass = exp((double)j->logits[legal[i]] - j->logits[legal[best]]);
        all += mass;
        if (item->right && item->right[legal[i]]) right += mass;
    }
    *out = (struct exam_answer){.is_given = true,
                                .action = legal[best],
                                .probability = item->right ? right / all : NAN,
                                .value = (double)j->wdl[0] - j->wdl[2]};
}

enum status marks_judge(const struct exam_paper *paper, struct evaluator *evaluator, const struct marks_params *params,
                        struct exam_answer *answers) {
    int stride;
    float *logits = new_logits(paper, &stride);
    for (int begin = 0; begin < paper->num_items && !is_stopped(params); begin += MARKS_BATCH) {
        struct position positions[MARKS_BATCH];
        struct judgement judgements[MARKS_BATCH];
        const int n = paper->num_items - begin < MARKS_BATCH ? paper->num_items - begin : MARKS_BATCH;
        for (int i = 0; i < n; i++) {
            positions[i] = (struct position){&paper->items[begin + i].game, paper->items[begin + i].state, 0};
            judgements[i] = (struct judgement){.logits = logits + (size_t)i * (size_t)stride};
        }
        evaluator_judge(evaluator, n, positions, judgements);
        for (int i = 0; i < n; i++) take_judgement(&paper->items[begin + i], &judgements[i], &answers[begin + i]);
        tell(params, n);
    }
    free(logits);
    return is_stopped(params) ? STATUS_CANCELLED : STATUS_OK;
}

static void take_search(const struct exam_item *item, const struct search *search, struct rng *rng, struct exam_answer *out) {
    struct search_summary summary;
    search_summary(search, &summary);
    float *policy = memory_new((size_t)item->game.num_actions, sizeof *policy, "the answers of an exam");
    search_policy(search, policy);
    double right = 0;
    for (int i = 0; i < item->game.num_actions; i++)
        if (item->right && item->right[i]) right += policy[i];
    free(policy);
    *out = (struct exam_answer){.is_given = true,
                                .action = search_choose(search, 0, rng),
                                .probability = item->right ? right : NAN,
                                .value = (double)summary.wdl[0] - summary.wdl[2]};
}

static struct rng item_rng(const struct marks_params *params, int item) {
    struct rng rng;
    rng_init(&rng, params->seed, (uint64_t)item);
    return rng;
}

// Searches up to MARKS_BATCH positions side by side.
static void search_group(const struct exam_paper *paper, int begin, int n, struct search **searches,
                         struct evaluator *evaluator, int visits, const struct marks_params *params, float *logits, int stride,
                         struct exam_answer *answers) {
    for (int i = 0; i < n; i++) {
        const struct rng rng = item_rng(params, begin + i);
        search_start(searches[i], &paper->items[begin + i].game, paper->items[begin + i].state, &rng);
        search_begin(searches[i], visits, true);
    }
    for (int asked = 1; asked > 0 && !is_stopped(params);) {
        struct position positions[MARKS_BATCH];
        struct judgement judgements[MARKS_BATCH];
        int who[MARKS_BATCH];
        asked = 0;
        for (int i = 0; i < n; i++)
            if (search_gather(searches[i], 1, &positions[asked]) > 0) {
                judgements[asked] = (struct judgement){.logits = logits + (size_t)asked * (size_t)stride};
                who[asked++] = i;
            }
        if (asked) evaluator_judge(evaluator, asked, positions, judgements);
        for (int k = 0; k < asked; k++) search_absorb(searches[who[k]], 1, &judgements[k]);
    }
    for (int i = 0; i < n && !is_stopped(params); i++) {
        struct rng rng = item_rng(params, begin + i);
        take_search(&paper->items[begin + i], searches[i], &rng, &answers[begin + i]);
    }
}

enum status marks_search(const struct exam_paper *paper, struct evaluator *evaluator, const struct search_params *search,
                         int visits, const struct marks_params *params, struct exam_answer *answers) {
    struct search *searches[MARKS_BATCH] = {NULL};
    struct evaluator *rollouts = NULL;
    enum status status = STATUS_OK;
    int stride;
    float *logits = new_logits(paper, &stride);
    // With playouts, whose random numbers follow one another, positions are searched one by one, each
    // with numbers of its own.
    const int group = evaluator ? MARKS_BATCH : 1;
    for (int i = 0; i < group && status == STATUS_OK; i++) status = search_new(&searches[i], search);
    for (int begin = 0; begin < paper->num_items && status == STATUS_OK && !is_stopped(params); begin += group) {
        const int n = paper->num_items - begin < group ? paper->num_items - begin : group;
        if (!evaluator) {
            struct rng rng = item_rng(params, begin);
            status = evaluator_rollouts(&rollouts, 1, rng_u64(&rng));
            if (status != STATUS_OK) break;
        }
        search_group(paper, begin, n, searches, evaluator ? evaluator : rollouts, visits, params, logits, stride, answers);
        evaluator_free(rollouts);
        rollouts = NULL;
        tell(params, n);
    }
    for (int i = 0; i < group; i++) search_free(searches[i]);
    free(logits);
    return status == STATUS_OK && is_stopped(params) ? STATUS_CANCELLED : status;
}

void marks_random(const struct exam_paper *paper, const struct marks_params *params, struct exam_answer *answers) {
    for (int i = 0; i < paper->num_items; i++) {
        const struct exam_item *item = &paper->items[i];
        struct rng rng = item_rng(params, i);
        uint16_t legal[GAME_MAX_ACTIONS];
        const int n = game_legal(&item->game, item->state, legal);
        answers[i] = (struct exam_answer){.is_given = true,
                                          .action = legal[rng_below(&rng, (uint32_t)n)],
                                          .probability = item->right ? (double)item->num_right / n : NAN,
                                          .value = NAN};
    }
    tell(params, paper->num_items);
}

// Tells the program the position and asks for a move.
static void send_item(struct gtp_client *client, const struct exam_item *item) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    char vertex[GAME_TEXT_BYTES];
    const struct game *game = &item->game;
    game_stones(game, item->state, stones);
    gtp_client_send(client, "boardsize %d", game->width);
    gtp_client_send(client, "clear_board");
    gtp_client_send(client, "komi %g", game->komi);
    for (int p = 0; p < game->height * game->width; p++) {
        if (!stones[p]) continue;
        game->type->action_text(game, p, vertex);
        gtp_client_send(client, "play %s %s", stones[p] > 0 ? "b" : "w", vertex);
    }
    gtp_client_send(client, "genmove %s", game_to_move(game, item->state) ? "w" : "b");
}

static enum status read_item(struct gtp_client *client, const struct exam_item *item, const struct player *player,
                             const struct marks_params *params, struct exam_answer *out) {
    const char *command, *text;
    while (gtp_client_unanswered(client) > 0) {
        const enum gtp_answer answer = gtp_client_wait(client, params->stop, &command, &text);
        if (answer == GTP_PENDING) return STATUS_CANCELLED;
        if (answer == GTP_BROKEN) return status_fail(STATUS_IO, "%s: %s", player_name(player), gtp_client_reason(client));
        if (answer == GTP_BAD)
            return status_fail(STATUS_IO, "%s: it refuses '%.40s': %.60s", player_name(player), command, text);
        if (strncmp(command, "genmove ", 8) != 0) continue;
        char word[16] = "";
        sscanf(text, "%15s", word);
        *out = (struct exam_answer){
            .is_given = true, .action = game_find_action(&item->game, item->state, word), .probability = NAN, .value = NAN};
    }
    return STATUS_OK;
}

enum status marks_program(const struct exam_paper *paper, const struct player *player, const struct marks_params *params,
                          struct exam_answer *answers) {
    struct gtp_client *client;
    TRY(gtp_client_new(&client, player_command(player), player_answer_seconds(player), params->clock));
    enum status status = STATUS_OK;
    for (int i = 0; i < paper->num_items && status == STATUS_OK; i++) {
        const struct exam_item *item = &paper->items[i];
        answers[i] = (struct exam_answer){.action = GAME_NO_ACTION, .probability = NAN, .value = NAN};
        if (item->right && game_ply(&item->game, item->state) == 0 && item->game.height == item->game.width) {
            send_item(client, item);
            status = read_item(client, item, player, params, &answers[i]);
        }
        tell(params, 1);
    }
    gtp_client_free(client);
    return status;
}

enum status marks_player(const struct exam_paper *paper, const struct player *player, struct evaluator *evaluator, int visits,
                         const struct marks_params *params, struct exam_answer *answers) {
    int own;
    const struct search_params *search = player_search(player, &own);
    if (player_is_program(player)) return marks_program(paper, player, params, answers);
    if (evaluator && (visits == PLAYER_RAW || !search)) return marks_judge(paper, evaluator, params, answers);
    if (search) return marks_search(paper, evaluator, search, evaluator ? visits : own, params, answers);
    marks_random(paper, params, answers);
    return STATUS_OK;
}

static bool is_right(const struct exam_item *item, const struct exam_answer *answer) {
    return answer->action != GAME_NO_ACTION && answer->action < item->game.num_actions && item->right[answer->action];
}

// The result that a value stands for is its sign; a draw is a value nearer to 0 than to a win.
static bool is_result(const struct exam_item *item, double value) {
    return item->result ? value * item->result > 0 : fabs(value) < 0.5;
}

// Counts the pair that begins at item i, if all of it is answered.
static void count_pair(const struct exam_paper *paper, const struct exam_answer *answers, int i, struct exam_marks *m,
                       double *chance) {
    const bool moves = paper->subject->asks_moves;
    bool right = true;
    double lucky = 1;
    for (int k = i; k < paper->num_items && paper->items[k].pair == paper->items[i].pair; k++) {
        const struct exam_item *item = &paper->items[k];
        if (!answers[k].is_given || (!moves && !isfinite(answers[k].value))) return;
        right &= moves ? is_right(item, &answers[k]) : is_result(item, answers[k].value);
        lucky *= moves ? (double)item->num_right / item->num_legal : 0.5;
    }
    m->questions++;
    m->right += right;
    *chance += lucky;
}

void marks_count(const struct exam_paper *paper, const struct exam_answer *answers, struct exam_marks *m) {
    const struct exam_subject *subject = paper->subject;
    double probability = 0, error = 0, chance = 0;
    *m = (struct exam_marks){0};
    for (int i = 0; i < paper->num_items; i++) {
        const struct exam_item *item = &paper->items[i];
        const bool is_first = i == 0 || item->pair != paper->items[i - 1].pair;
        if (subject->by_pairs && is_first) count_pair(paper, answers, i, m, &chance);
        if (!answers[i].is_given) continue;
        const bool asks_result = item->result != EXAM_NOT_ASKED && isfinite(answers[i].value);
        if (item->right) {
            m->moves++;
            m->moves_right += is_right(item, &answers[i]);
            probability += answers[i].probability;
        }
        if (asks_result) {
            m->results++;
            m->results_right += is_result(item, answers[i].value);
            error += fabs(answers[i].value - item->result);
        }
        if (subject->by_pairs) continue;
        if (subject->asks_moves && item->right) {
            m->questions++;
            m->right += is_right(item, &answers[i]);
            chance += (double)item->num_right / item->num_legal;
        } else if (!subject->asks_moves && asks_result) {
            m->questions++;
            m->right += is_result(item, answers[i].value);
            chance += 0.5;
        }
    }
    m->probability = m->moves ? probability / m->moves : NAN;
    m->value_error = m->results ? error / m->results : NAN;
    m->chance = m->questions ? chance / m->questions : NAN;
}

void marks_share(const struct exam_marks *m, double *share, double *low, double *high) {
    *share = *low = *high = NAN;
    if (!m->questions) return;
    *share = (double)m->right / m->questions;
    stats_share_interval(m->right, m->questions, low, high);
}
