// The table of subjects, and papers as growing lists of items.
#include "exam/exam.h"

#include "base/memory.h"
#include "base/options.h"
#include "exam/proof.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// In the order in which reports show them: from what is learned first to what is learned last.
static const struct exam_subject *const subjects[] = {
    &exam_go_tiny,    &exam_go_openings,  &exam_go_endgame,         &exam_go_races,        &exam_go_life,
    &exam_go_ladders, &exam_go_traps,     &exam_connect4_plies,     &exam_othello_endings, &exam_hex_small,
    &exam_hex_rooms,  &exam_gomoku_fours, &exam_breakthrough_races,
};
enum { NUM_SUBJECTS = sizeof subjects / sizeof subjects[0] };

const struct exam_subject *exam_subject_at(int index) { return index >= 0 && index < NUM_SUBJECTS ? subjects[index] : NULL; }

const struct exam_subject *exam_subject_find(const char *game, const char *name) {
    for (int i = 0; i < NUM_SUBJECTS; i++)
        if (!strcmp(subjects[i]->game, game) && !strcasecmp(subjects[i]->name, name)) return subjects[i];
    return NULL;
}

static const char *name_at(const void *game, int index) {
    if (index >= NUM_SUBJECTS) return NULL;
    return strcmp(subjects[index]->game, game) ? "" : subjects[index]->name;
}

static enum status unknown(const char *game, const char *name) {
    char list[400] = "";
    for (int i = 0; i < NUM_SUBJECTS; i++)
        if (!strcmp(subjects[i]->game, game))
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", *list ? ", " : "", subjects[i]->name);
    if (!*list) return status_fail(STATUS_UNSUPPORTED, "exam: there are no subjects for %s yet", game);
    const char *closest = closest_name(name, name_at, game);
    return status_fail(STATUS_USAGE, "--subjects: '%.60s' is no subject of %s%s%s; there are: %s", name, game,
                       closest ? ", did you mean " : "", closest ? closest : "", list);
}

enum status exam_subjects_for(const struct game *like, const char *list, const struct exam_subject **out, int *num) {
    *num = 0;
    if (!list || !*list) {
        for (int i = 0; i < NUM_SUBJECTS; i++)
            if (!strcmp(subjects[i]->game, like->type->name) && (!subjects[i]->fits || subjects[i]->fits(like)))
                out[(*num)++] = subjects[i];
        return *num ? STATUS_OK
                    : status_fail(STATUS_UNSUPPORTED, "exam: there are no subjects for %s %dx%d yet", like->type->name,
                                  like->height, like->width);
    }
    char *copy = memory_text(list, "a list of subjects"), *rest = NULL;
    enum status status = STATUS_OK;
    for (char *word = strtok_r(copy, ", ", &rest); word && status == STATUS_OK; word = strtok_r(NULL, ", ", &rest)) {
        const struct exam_subject *subject = exam_subject_find(like->type->name, word);
        bool is_there = false;
        for (int i = 0; i < *num; i++) is_there |= out[i] == subject;
        if (!subject)
            status = unknown(like->type->name, word);
        else if (subject->fits && !subject->fits(like))
            status = status_fail(STATUS_UNSUPPORTED, "--subjects: %s has no items for %s %dx%d by these rules", subject->name,
                                 like->type->name, like->height, like->width);
        else if (!is_there)
            out[(*num)++] = subject;
    }
    free(copy);
    if (status == STATUS_OK && !*num) status = status_fail(STATUS_USAGE, "--subjects: the list is empty");
    return status;
}

enum status exam_make(const struct exam_subject *subject, const struct exam_wish *wish, struct exam_paper *paper) {
    *paper = (struct exam_paper){.subject = subject, .seed = wish->seed};
    return subject->make(wish, paper);
}

void exam_paper_done(struct exam_paper *paper) {
    for (int i = 0; i < paper->num_items; i++) {
        free(paper->items[i].state);
        free(paper->items[i].right);
    }
    free(paper->items);
    paper->items = NULL;
    paper->num_items = paper->max_items = 0;
}

struct exam_item *exam_add(struct exam_paper *paper, const struct game *game, const void *state, const char *kind) {
    if (paper->num_items == paper->max_items) {
        paper->max_items = paper->max_items ? 2 * paper->max_items : 64;
        paper->items = memory_resize(paper->items, (size_t)paper->max_items, sizeof *paper->items, "the items of an exam");
    }
    struct exam_item *item = &paper->items[paper->num_items++];
    *item = (struct exam_item){.game = *game, .result = EXAM_NOT_ASKED, .score = NAN, .kind = kind, .pair = EXAM_NO_PAIR};
    item->state = memory_raw(1, game->state_bytes, "the items of an exam");
    memcpy(item->state, state, game->state_bytes);
    uint16_t legal[GAME_MAX_ACTIONS];
    item->num_legal = game_legal(game, state, legal);
    CHECK(item->num_legal > 0);
    return item;
}

bool *exam_ask_moves(struct exam_item *item) {
    item->right = memory_new((size_t)item->game.num_actions, sizeof *item->right, "the items of an exam");
    return item->right;
}

void exam_drop(struct exam_paper *paper) {
    CHECK(paper->num_items > 0);
    struct exam_item *item = &paper->items[--paper->num_items];
    free(item->state);
    free(item->right);
}

bool exam_prove(struct exam_item *item, struct proof *proof, const bool *closed, int waits, bool moves) {
    uint16_t legal[GAME_MAX_ACTIONS];
    proof_begin(proof, &item->game, item->state, closed, waits);
    const enum proof_answer answer = proof_wins(proof);
    if (answer == PROOF_UNKNOWN) return false;
    item->result = answer == PROOF_YES ? 1 : -1;
    item->nodes = proof_nodes(proof);
    if (!moves) return true;
    exam_ask_moves(item);
    const int n = game_legal(&item->game, item->state, legal);
    for (int i = 0; i < n; i++) {
        const bool waits_there = closed && legal[i] != item->game.pass_action && closed[legal[i]];
        const enum proof_answer after = waits_there ? proof_wins_after_wait(proof) : proof_wins_after(proof, &legal[i], 1);
        // A win although the mover has spoilt its wall is not shown by a win where it keeps it.
        if (after == PROOF_UNKNOWN || (waits_there && after == PROOF_YES)) return false;
        item->right[legal[i]] = after == PROOF_YES;
        item->num_right += after == PROOF_YES;
    }
    item->nodes = proof_total(proof);
    CHECK((item->num_right > 0) == (item->result > 0));
    return true;
}

int exam_wanted(const struct exam_wish *wish, const struct exam_subject *subject) {
    return wish->num_items > 0 ? wish->num_items : subject->usual_items;
}

enum status exam_progress(const struct exam_wish *wish, const struct exam_paper *paper) {
    if (wish->stop && *wish->stop) return STATUS_CANCELLED;
    if (wish->on_item) wish->on_item(wish->context, paper->num_items, exam_wanted(wish, paper->subject));
    return STATUS_OK;
}

bool exam_goes_on(const struct exam_wish *wish, const struct exam_paper *paper, enum status *status) {
    if (*status == STATUS_OK && wish->stop && *wish->stop) *status = STATUS_CANCELLED;
    return *status == STATUS_OK && paper->num_items < exam_wanted(wish, paper->subject);
}
