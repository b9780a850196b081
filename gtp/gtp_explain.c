// Reads the search that decided the last move, and asks the net once about a position.
#include "gtp/gtp_explain.h"

#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 8 }; // the moves of a line that are shown

char *gtp_action_text(const struct gtp_engine *engine, int action, char out[GAME_TEXT_BYTES]) {
    const struct game *game = &engine->game;
    if (engine->asks_rules || !gtp_has_rows_from_top(game)) return gtp_vertex_text(game, action, out);
    game->type->action_text(game, action, out);
    // HexGui's word.
    if (!strcmp(out, "swap")) snprintf(out, GAME_TEXT_BYTES, "swap-pieces");
    return out;
}

char *gtp_engine_point_text(const struct gtp_engine *engine, int point, char out[GAME_TEXT_BYTES]) {
    const struct game *game = &engine->game;
    const bool is_own = !engine->asks_rules && gtp_has_rows_from_top(game);
    return is_own ? gtp_own_point_text(game, point, out) : gtp_point_text(game, point, out);
}

bool gtp_explain(const struct gtp_engine *engine, int color, int action, char *out, size_t out_bytes) {
    char text[GAME_TEXT_BYTES];
    const char *side = color ? "White" : "Black";
    size_t n = (size_t)snprintf(out, out_bytes, "%s %s", side,
                                action == GAME_NO_ACTION ? "resigns" : gtp_action_text(engine, action, text));
    if (n >= out_bytes) return false;
    const bool is_searched =
        engine->num_root_actions == engine->num_actions &&
        !memcmp(engine->root_actions, engine->actions, (size_t)engine->num_actions * sizeof *engine->actions);
    struct search_summary summary = {0};
    if (is_searched) search_summary(engine->search, &summary);
    if (!summary.simulations) {
        snprintf(out + n, out_bytes - n, ", without a search");
        return false;
    }
    n += (size_t)snprintf(out + n, out_bytes - n, ", wins %.1f %%, draws %.1f %%", 100 * summary.wdl[0], 100 * summary.wdl[1]);
    if (engine->game.has_score && n < out_bytes) n += (size_t)snprintf(out + n, out_bytes - n, ", %+.1f points", summary.score);
    if (n < out_bytes) n += (size_t)snprintf(out + n, out_bytes - n, ", %lld visits,", summary.simulations);
    uint16_t line[LINE];
    for (int i = 0, length = search_line(engine->search, line, LINE); i < length && n < out_bytes; i++)
        n += (size_t)snprintf(out + n, out_bytes - n, " %s", gtp_action_text(engine, line[i], text));
    return true;
}

bool gtp_opinion(struct gtp_engine *engine, int color, struct gtp_opinion *opinion) {
    const struct game *game = &engine->game;
    uint16_t legal[GAME_MAX_ACTIONS];
    int8_t exact[GAME_MAX_SIDE * GAME_MAX_SIDE];
    memset(opinion, 0, sizeof *opinion);
    gtp_engine_derive(engine, color);
    const enum outcome certain = game_certain(game, engine->state);
    if (certain != OUTCOME_NONE) {
        opinion->wdl[1 - outcome_for(certain, color)] = 1;
        if (game->has_score)
            opinion->score = (float)(color ? -game_score(game, engine->state) : game_score(game, engine->state));
        if (game->has_ownership) game->type->ownership(game, engine->state, exact);
        for (int p = 0; game->has_ownership && p < game->height * game->width; p++) opinion->owner[p] = exact[p];
    }
    const int n = game_legal(game, engine->state, legal);
    if (n == 0) return false;
    struct judgement judgement = {.logits = engine->logits};
    if (game->has_ownership && certain == OUTCOME_NONE) judgement.ownership = opinion->owner;
    evaluator_judge(engine->evaluator, 1, &(struct position){.game = game, .state = engine->state}, &judgement);
    if (certain == OUTCOME_NONE) {
        memcpy(opinion->wdl, judgement.wdl, sizeof opinion->wdl);
        opinion->score = judgement.score;
        for (int p = 0; engine->to_play && p < game->height * game->width; p++) opinion->owner[p] = -opinion->owner[p];
    }
    float greatest = -INFINITY, sum = 0;
    for (int i = 0; i < n; i++) greatest = fmaxf(greatest, judgement.logits[legal[i]]);
    for (int i = 0; i < n; i++) sum += opinion->policy[legal[i]] = expf(judgement.logits[legal[i]] - greatest);
    for (int i = 0; i < n; i++) opinion->policy[legal[i]] /= sum;
    return true;
}

char *gtp_model_text(const struct gtp_engine *engine, char out[GTP_MODEL_BYTES]) {
    const char *name = engine->params->model_name ? engine->params->model_name : "";
    size_t n = strlen(name);
    while (n > 1 && name[n - 1] == '/') n--;
    size_t from = n;
    while (from > 0 && name[from - 1] != '/') from--;
    static const char ending[] = ".safetensors";
    const size_t tail = sizeof ending - 1;
    if (n - from > tail && !strncmp(name + n - tail, ending, tail)) n -= tail;
    snprintf(out, GTP_MODEL_BYTES, "%.*s", (int)(n - from), name + from);
    return text_printable(out);
}
