// The list of settings is kept in the order of Elo, so that levels and the nearest strength are
// walks along it.
#include "net/net_setting.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// The raw policy, more and more at random, below it; searches above it, each with about four times
// the visits of the one before. Chosen; what they are worth, `elo --dial` measures.
const struct net_setting net_usual_settings[NET_LEVELS] = {
    {.visits = 0, .temperature = 3, .elo = NAN},   {.visits = 0, .temperature = 2, .elo = NAN},
    {.visits = 0, .temperature = 1.4, .elo = NAN}, {.visits = 0, .temperature = 1, .elo = NAN},
    {.visits = 0, .temperature = 0, .elo = NAN},   {.visits = 8, .temperature = 0, .elo = NAN},
    {.visits = 32, .temperature = 0, .elo = NAN},  {.visits = 100, .temperature = 0, .elo = NAN},
    {.visits = 400, .temperature = 0, .elo = NAN}, {.visits = 1600, .temperature = 0, .elo = NAN},
};

static bool is_same(const struct net_setting *a, const struct net_setting *b) {
    return a->visits == b->visits && fabs(a->temperature - b->temperature) < 1e-9;
}

void net_settings_add(struct net_meta *meta, const struct net_setting *setting) {
    int n = 0;
    for (int i = 0; i < meta->num_settings; i++)
        if (!is_same(&meta->settings[i], setting)) meta->settings[n++] = meta->settings[i];
    meta->num_settings = n;
    if (n == NET_MAX_SETTINGS) return;
    for (; n > 0 && meta->settings[n - 1].elo > setting->elo; n--) meta->settings[n] = meta->settings[n - 1];
    meta->settings[n] = *setting;
    meta->num_settings++;
}

struct net_setting net_level(const struct net_meta *meta, int level) {
    CHECK(level >= 1 && level <= NET_LEVELS);
    const int last = meta->num_settings - 1;
    if (last < 1) return net_usual_settings[level - 1];
    return meta->settings[((level - 1) * last + (NET_LEVELS - 1) / 2) / (NET_LEVELS - 1)];
}

enum status net_setting_near(const struct net_meta *meta, double elo, const char *name, struct net_setting *out) {
    const struct net_setting *nearest = NULL;
    for (int i = 0; i < meta->num_settings; i++)
        if (!nearest || fabs(meta->settings[i].elo - elo) < fabs(nearest->elo - elo)) nearest = &meta->settings[i];
    if (!nearest)
        return status_fail(STATUS_USAGE, "--elo: %s says no strengths in its file; `tengen elo %s` measures them", name, name);
    if (fabs(nearest->elo - elo) > NET_ELO_REACH)
        return status_fail(STATUS_USAGE, "--elo: nothing rated within %.0f of %.0f: %s plays from %.0f to %.0f, nearest %.0f",
                           NET_ELO_REACH, elo, name, meta->settings[0].elo, meta->settings[meta->num_settings - 1].elo,
                           nearest->elo);
    *out = *nearest;
    return STATUS_OK;
}

char *net_setting_text(const struct net_setting *setting, char out[NET_SETTING_BYTES]) {
    char warm[32] = "";
    if (setting->temperature > 0) snprintf(warm, sizeof warm, " at temperature %g", setting->temperature);
    if (setting->visits > 0)
        snprintf(out, NET_SETTING_BYTES, "%d visit%s%s", setting->visits, setting->visits == 1 ? "" : "s", warm);
    else
        snprintf(out, NET_SETTING_BYTES, "the raw net%s", warm);
    return out;
}

// A guess from two points. GNU Go, 1800 here, plays like players of about 8 kyu; and the programs
// of about 2500 on the 9x9 server CGOS were a match for strong dan players there (about 4 dan).
// That is 65 Elo a rank. Nobody has rated people on this scale.
#define GNUGO_ELO 1800.0
#define GNUGO_KYU 8.0
#define ELO_A_RANK 65.0

const char *net_rank_text(const struct net_meta *meta, const struct net_setting *setting, char out[NET_RANK_BYTES]) {
    if (!strstr(meta->settings_scale, "9x9") || !strstr(meta->settings_scale, "GNU Go level 10 = 1800") || isnan(setting->elo))
        return NULL;
    // 1 kyu is rank 0, and 1 dan rank 1.
    const int rank = (int)floor(1 - GNUGO_KYU + (setting->elo - GNUGO_ELO) / ELO_A_RANK + 0.5);
    if (rank < -24)
        snprintf(out, NET_RANK_BYTES, "a beginner");
    else if (rank <= 0)
        snprintf(out, NET_RANK_BYTES, "about %d kyu", 1 - rank);
    else if (rank <= 5)
        snprintf(out, NET_RANK_BYTES, "about %d dan", rank);
    else
        snprintf(out, NET_RANK_BYTES, "more than 5 dan");
    return out;
}

char *net_setting_entry(const struct net_setting *setting, char *out, size_t out_bytes) {
    snprintf(out, out_bytes, "visits %d temperature %g elo %.1f low %.1f high %.1f games %d", setting->visits,
             setting->temperature, setting->elo, setting->low, setting->high, setting->games);
    return out;
}

bool net_setting_read(const char *text, struct net_setting *out) {
    int used = 0;
    *out = (struct net_setting){0};
    const int got = sscanf(text, "visits %9d temperature %lf elo %lf low %lf high %lf games %9d%n", &out->visits,
                           &out->temperature, &out->elo, &out->low, &out->high, &out->games, &used);
    return got == 6 && used && !text[used] && out->visits >= 0 && out->games >= 0 && out->temperature >= 0 &&
           out->temperature <= 100 && isfinite(out->elo) && out->low <= out->elo && out->elo <= out->high;
}
