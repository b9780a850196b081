// A published net takes its strength from the ladder of its run, by the same standings that `tengen
// elo` shows.
#include "selfplay/publish.h"

#include "base/files.h"
#include "ladder/ladder.h"
#include "net/model_path.h"
#include "net/net_file.h"
#include "run/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// The rated checkpoint with this net; NULL: no game tells.
static const struct ladder_entry *find_rated(const struct ladder *ladder, const char *digest) {
    for (int i = 0; i < ladder->num_entries; i++) {
        const struct ladder_entry *e = &ladder->entries[i];
        if (e->kind == LADDER_CHECKPOINT && e->player >= 0 && !strcmp(e->digest, digest)) return e;
    }
    return NULL;
}

// Such as "Elo 2208 +-54 (uct:1024 = 1000) at komi 9, 100 visits a move, 4021 games", or
// "not known yet (2 games)".
static void say_strength(const struct ladder *ladder, const struct ladder_entry *e, char *out, size_t out_bytes) {
    if (!ladder_is_telling(e->low, e->high)) {
        snprintf(out, out_bytes, "not known yet (%d games)", e->rated_games);
        return;
    }
    const struct ladder_entry *anchor = &ladder->entries[ladder->anchor];
    char komi[32] = "";
    if (ladder->game.has_komi) snprintf(komi, sizeof komi, " at komi %g", ladder->game.komi);
    snprintf(out, out_bytes, "Elo %.0f +-%.0f (%.60s = %.0f)%s, %d visits a move, %d games", e->elo, (e->high - e->low) / 2,
             anchor->name, anchor->elo, komi, e->visits, e->rated_games);
}

#define KNOWN_ALONE 100.0 // Elo, half of an interval; chosen, not measured.

// The net's strength by its games with the anchors, as models/verify measures it again. Where they
// tell too little (`elo RUN --dial` plays more), by the whole ladder; nothing where that tells
// nothing.
static enum status measured_strength(const char *run, struct net_meta *meta) {
    struct ladder all, alone;
    const char *digest = meta->digest;
    char *out = meta->strength;
    const size_t out_bytes = sizeof meta->strength;
    out[0] = 0;
    TRY(ladder_standings(&all, &run, 1, LADDER_VISITS));
    const enum status status = ladder_standing_alone(&alone, run, digest, LADDER_VISITS);
    if (status == STATUS_OK) {
        const struct ladder_entry *among_all = find_rated(&all, digest), *among_anchors = find_rated(&alone, digest);
        if (among_anchors && (among_anchors->high - among_anchors->low) / 2 <= KNOWN_ALONE &&
            !strcmp(all.entries[all.anchor].key, alone.entries[alone.anchor].key))
            say_strength(&alone, among_anchors, out, out_bytes);
        else if (among_all)
            say_strength(&all, among_all, out, out_bytes);
        ladder_done(&alone);
    }
    ladder_done(&all);
    return status;
}

// Half the interval that a text of say_strength tells of; INFINITY: it tells of none.
static double known_to(const char *strength) {
    double elo, half;
    return sscanf(strength, "Elo %lf +-%lf", &elo, &half) == 2 ? half : INFINITY;
}

// A net that was rated before, as a file in a ladder of its own, keeps what was known better.
static enum status measure_strength(const char *run, struct net_meta *meta) {
    char before[sizeof meta->strength];
    memcpy(before, meta->strength, sizeof before);
    TRY(measured_strength(run, meta));
    if (known_to(before) < known_to(meta->strength)) memcpy(meta->strength, before, sizeof before);
    return ladder_read_settings(run, meta);
}

// Only an older net may be replaced: any other file of that name is somebody's.
static enum status refuse_others(const char *path) {
    bool is_net;
    if (!file_exists(path)) return STATUS_OK;
    TRY(net_file_is_net(path, &is_net));
    return is_net ? STATUS_OK : status_fail(STATUS_USAGE, "%s: is there and is no net; nothing was written", path);
}

// The net's file of a run's checkpoint, or of a net that is one already.
static enum status find_net(const char *run, long long step, bool *is_run, char from[PATH_BYTES]) {
    *is_run = dir_exists(run) || !file_exists(run);
    if (!*is_run && step >= 0)
        return status_fail(STATUS_USAGE, "%s: is a net, of which there are no steps to choose from", run);
    if (*is_run) TRY(run_expect(run));
    if (step < 0) return model_resolve(run, from);
    path_format(from, "%.3900s/nets/%06lld.safetensors", run, step);
    return file_exists(from) ? STATUS_OK : status_fail(STATUS_IO, "%s: there is no such checkpoint", from);
}

enum status publish_net(const char *run, long long step, const char *note, const char *path, struct net_meta *meta) {
    char from[PATH_BYTES];
    bool is_run;
    struct net *net;
    TRY(find_net(run, step, &is_run, from));
    TRY(refuse_others(path));
    TRY(net_load(&net, from));
    enum status status = STATUS_OK;
    if (note && strlen(note) >= sizeof net->meta.note)
        status = status_fail(STATUS_USAGE, "the note is longer than %zu bytes", sizeof net->meta.note - 1);
    if (status == STATUS_OK && is_run) status = measure_strength(run, &net->meta);
    if (status == STATUS_OK) {
        if (note) snprintf(net->meta.note, sizeof net->meta.note, "%s", note);
        status = net_save(net, path);
    }
    if (status == STATUS_OK && meta) *meta = net->meta;
    net_free(net);
    return status;
}
