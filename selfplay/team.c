// Everything is bytes: an order is a struct, since all ranks run the same program on machines that
// store numbers alike; games are the records that chunk files hold, too.
#include "selfplay/team.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW_BYTES = 16 << 20 }; // A piece of the window on its way; chosen.

enum status team_order(struct cluster *cluster, struct order *order) {
    return cluster_broadcast(cluster, order, sizeof *order);
}

// A batch is split into equal shards, of which every rank has one at least.
static int choose_shards(const struct config *config, int ranks) {
    int shards = config->shards;
    while (shards < ranks || config->batch % shards)
        if (++shards > config->batch) return 0;
    return shards;
}

enum status team_meet(struct cluster *cluster, const struct config *config, int num_devices, struct team *team) {
    struct hello {
        int slots, threads, devices;
    } mine = {config->slots, config->threads, num_devices}, other;
    struct cluster_strings all;
    const int rank = cluster_rank(cluster), size = cluster_size(cluster);
    *team = (struct team){.num_shards = choose_shards(config, size)};
    if (!team->num_shards)
        return rank ? STATUS_USAGE // Rank 0 says it.
                    : status_fail(STATUS_USAGE, "batch: %d rows can't be split over %d ranks", config->batch, size);
    team->first_shard = (int)(((long long)rank * team->num_shards + size - 1) / size);
    team->end_shard = (int)(((long long)(rank + 1) * team->num_shards + size - 1) / size);
    TRY(cluster_gather(cluster, &mine, sizeof mine, &all));
    for (int i = 0; i < size; i++) {
        memcpy(&other, all.data + (size_t)i * sizeof other, sizeof other);
        if (i == rank) team->first_slot = team->num_slots;
        team->num_slots += other.slots;
        team->num_threads += other.threads;
        team->num_devices += other.devices;
    }
    cluster_strings_done(&all);
    return STATUS_OK;
}

// What goes before a rank's records.
struct played {
    struct actors_stats stats;
    double seconds, waited;
    long long bytes_sent;
};

static enum status read_records(const uint8_t *data, size_t num_bytes, struct record **records, int *num, int count) {
    *records = memory_resize(*records, (size_t)(*num + count) + 1, sizeof **records, "games of the ranks");
    for (int i = 0; i < count; i++) {
        size_t used;
        TRY(record_read(&(*records)[*num], data, num_bytes, &used, "a rank's games"));
        (*num)++;
        data += used;
        num_bytes -= used;
    }
    return STATUS_OK;
}

static enum status take_games(const struct cluster_strings *all, int size, struct team_games *games) {
    for (int rank = 0; rank < size; rank++) {
        const size_t from = rank ? all->ends[rank - 1] : 0, length = all->ends[rank] - from;
        struct played played;
        if (length < sizeof played) return status_fail(STATUS_FORMAT, "the games of rank %d are cut short", rank);
        memcpy(&played, all->data + from, sizeof played);
        actors_add_stats(&games->stats, &played.stats);
        games->waited[rank] = played.waited;
        games->bytes_sent += played.bytes_sent;
        games->record_bytes += (long long)(length - sizeof played);
        if (played.seconds > games->longest) games->longest = played.seconds;
        TRY(read_records(all->data + from + sizeof played, length - sizeof played, &games->records, &games->num,
                         played.stats.games));
    }
    return STATUS_OK;
}

enum status team_exchange(struct cluster *cluster, struct record *records, const struct actors_stats *stats, double seconds,
                          struct team_games *games) {
    const int size = cluster_size(cluster);
    *games = (struct team_games){.own_evaluations = stats->evaluations, .seconds = seconds};
    games->waited = memory_new((size_t)size, sizeof *games->waited, "times of the ranks");
    if (size == 1) {
        games->records = records;
        games->num = stats->games;
        games->stats = *stats;
        games->longest = seconds;
        return STATUS_OK;
    }
    const struct cluster_traffic traffic = cluster_traffic(cluster);
    const struct played mine = {*stats, seconds, traffic.seconds_waiting, traffic.bytes_sent};
    struct byte_buffer buffer = {0};
    buffer_append(&buffer, &mine, sizeof mine);
    for (int i = 0; i < stats->games; i++) {
        record_write(&records[i], &buffer);
        record_done(&records[i]);
    }
    free(records);
    struct cluster_strings all;
    enum status status = cluster_gather(cluster, buffer.data, buffer.num_bytes, &all);
    free(buffer.data);
    if (status == STATUS_OK) {
        status = take_games(&all, size, games);
        cluster_strings_done(&all);
    }
    if (status) team_games_done(games);
    return status;
}

void team_games_done(struct team_games *games) {
    for (int i = 0; i < games->num; i++) record_done(&games->records[i]);
    free(games->records);
    free(games->waited);
    *games = (struct team_games){0};
}

void team_tally_add(struct team_tally *tally, const struct cluster *cluster, const struct team_games *games, long long step) {
    const size_t size = (size_t)cluster_size(cluster);
    if (size == 1) return;
    if (!tally->waited) {
        tally->waited = memory_new(size, sizeof *tally->waited, "times of the ranks");
        tally->before = memory_new(size, sizeof *tally->before, "times of the ranks");
        memcpy(tally->before, games->waited, size * sizeof *tally->before);
        tally->bytes_before = games->bytes_sent;
        tally->step_before = step;
    }
    tally->step = step;
    memcpy(tally->waited, games->waited, size * sizeof *tally->waited);
    tally->bytes = games->bytes_sent;
    tally->games += games->num;
    tally->record_bytes += games->record_bytes;
}

bool team_tally_text(struct team_tally *tally, const struct cluster *cluster, double seconds, char out[TEAM_TEXT_BYTES]) {
    const int size = cluster_size(cluster);
    if (size == 1 || !tally->waited || seconds <= 0) return false;
    // Each record goes to all others, and the rest is for the steps.
    const double records = (double)tally->record_bytes * (size - 1),
                 rest = (double)(tally->bytes - tally->bytes_before) - records;
    const long long steps = tally->step - tally->step_before;
    char each_game[32], each_step[32];
    format_bytes(tally->games ? (long long)(records / (double)tally->games) : 0, each_game);
    format_bytes(steps && rest > 0 ? (long long)(rest / (double)steps) : 0, each_step);
    int length = snprintf(out, TEAM_TEXT_BYTES, "%s sent a game, %s a step; waited for others:", each_game, each_step);
    for (int i = 0; i < size && length < TEAM_TEXT_BYTES - 16; i++)
        length += snprintf(out + length, (size_t)(TEAM_TEXT_BYTES - length), " %.0f",
                           fmin(100, 100 * (tally->waited[i] - tally->before[i]) / seconds));
    snprintf(out + length, (size_t)(TEAM_TEXT_BYTES - length), " %% of the time, rank by rank");
    memcpy(tally->before, tally->waited, (size_t)size * sizeof *tally->before);
    tally->bytes_before = tally->bytes;
    tally->games = tally->record_bytes = 0;
    tally->step_before = tally->step;
    return true;
}

void team_tally_done(struct team_tally *tally) {
    free(tally->waited);
    free(tally->before);
    *tally = (struct team_tally){0};
}

char *team_text(const struct cluster *cluster, char out[TEAM_TEXT_BYTES]) {
    const int size = cluster_size(cluster);
    int length = snprintf(out, TEAM_TEXT_BYTES, "%d (", size);
    for (int i = 0; i < size && length < TEAM_TEXT_BYTES - 100; i++) {
        int last = i; // Ranks on one host mostly follow each other.
        while (last + 1 < size && !strcmp(cluster_host(cluster, last + 1), cluster_host(cluster, i))) last++;
        char many[32];
        snprintf(many, sizeof many, " to %d", last);
        length += snprintf(out + length, (size_t)(TEAM_TEXT_BYTES - length), "%s%d%s on %s", i ? ", " : "", i,
                           last > i ? many : "", cluster_host(cluster, i));
        i = last;
    }
    snprintf(out + length, (size_t)(TEAM_TEXT_BYTES - length), ")");
    return out;
}

// One piece of the window: as many games as make WINDOW_BYTES, and their number before them.
static enum status share_piece(struct cluster *cluster, struct replay *replay, int *next, bool *is_last) {
    struct byte_buffer buffer = {0};
    long long sizes[2] = {0, 0}; // Games, bytes.
    const bool gives = cluster_rank(cluster) == 0;
    for (; gives && *next < replay_num_games(replay) && buffer.num_bytes < WINDOW_BYTES; (*next)++, sizes[0]++)
        record_write(replay_game(replay, *next), &buffer);
    sizes[1] = (long long)buffer.num_bytes;
    enum status status = cluster_broadcast(cluster, sizes, sizeof sizes);
    if (!gives && status == STATUS_OK) buffer.data = memory_raw((size_t)sizes[1] + 1, 1, "the window of rank 0");
    if (status == STATUS_OK) status = cluster_broadcast(cluster, buffer.data, (size_t)sizes[1]);
    if (!gives && status == STATUS_OK) {
        struct record *records = NULL;
        int num = 0;
        status = read_records(buffer.data, (size_t)sizes[1], &records, &num, (int)sizes[0]);
        if (status == STATUS_OK) replay_add(replay, records, num);
        for (int i = 0; i < num; i++) record_done(&records[i]);
        free(records);
    }
    free(buffer.data);
    *is_last = sizes[0] == 0;
    return status;
}

enum status team_share_window(struct cluster *cluster, struct replay *replay) {
    if (cluster_size(cluster) == 1) return STATUS_OK;
    int next = 0;
    for (bool is_last = false; !is_last;) TRY(share_piece(cluster, replay, &next, &is_last));
    return STATUS_OK;
}

enum status team_exchange_bytes(void *cluster, const void *mine, size_t num_bytes, char **all, size_t *all_bytes) {
    struct cluster_strings strings;
    TRY(cluster_gather(cluster, mine, num_bytes, &strings));
    *all_bytes = strings.ends[cluster_size(cluster) - 1];
    *all = (char *)strings.data;
    strings.data = NULL;
    cluster_strings_done(&strings);
    return STATUS_OK;
}

enum status team_share_net(struct cluster *cluster, struct net **net) {
    const bool gives = cluster_rank(cluster) == 0;
    struct net_config config = gives ? (*net)->config : (struct net_config){0};
    TRY(cluster_broadcast(cluster, &config, sizeof config));
    if (!gives) TRY(net_new(net, &config, NULL));
    TRY(cluster_broadcast(cluster, &(*net)->meta, sizeof(*net)->meta));
    return cluster_broadcast(cluster, (*net)->weights, (*net)->num_weights * sizeof *(*net)->weights);
}

enum status team_share_text(struct cluster *cluster, const char *text, char **out) {
    long long length = text ? (long long)strlen(text) : 0;
    TRY(cluster_broadcast(cluster, &length, sizeof length));
    char *copy = memory_new((size_t)length + 1, 1, "a text of rank 0");
    if (!cluster_rank(cluster) && text) memcpy(copy, text, (size_t)length);
    const enum status status = cluster_broadcast(cluster, copy, (size_t)length);
    if (status)
        free(copy);
    else
        *out = copy;
    return status;
}

bool team_is_local(const char *name) {
    static const char *const local[] = {"threads", "slots", "play-batch", "devices", "vram", "memory", "disk"};
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        if (!strcmp(name, local[i])) return true;
    return false;
}

static enum status take_settings(struct config *config, char *lines, struct options_text *text) {
    char *save = NULL;
    for (char *line = strtok_r(lines, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *equals = strstr(line, " =");
        CHECK(equals); // options_print has written it.
        *equals = 0;
        const char *value = equals + 2 + strspn(equals + 2, " ");
        const bool is_own = team_is_local(line) && (strcmp(line, "slots") != 0 || config->slots > 0);
        if (!is_own) TRY(options_set(config_table, config, "rank 0's ", line, value, text));
    }
    return STATUS_OK;
}

enum status team_share_config(struct cluster *cluster, struct config *config, struct options_text *text) {
    if (cluster_size(cluster) == 1) return STATUS_OK;
    const bool gives = cluster_rank(cluster) == 0;
    char *said = gives ? config_text(config) : NULL, *lines = NULL;
    enum status status = team_share_text(cluster, said, &lines);
    if (status == STATUS_OK && !gives) status = take_settings(config, lines, text);
    free(said);
    free(lines);
    return status;
}

// The first lines that differ, for people.
static void first_difference(const char *a, const char *b, int lengths[2], const char *lines[2]) {
    while (*a && *b && strcspn(a, "\n") == strcspn(b, "\n") && !strncmp(a, b, strcspn(a, "\n"))) {
        a += strcspn(a, "\n");
        b += strcspn(b, "\n");
        a += *a == '\n';
        b += *b == '\n';
    }
    lines[0] = a, lines[1] = b;
    lengths[0] = (int)strcspn(a, "\n"), lengths[1] = (int)strcspn(b, "\n");
}

enum status team_expect_same(struct cluster *cluster, const char *text, const char *what) {
    struct cluster_strings all;
    TRY(cluster_gather(cluster, text, strlen(text) + 1, &all));
    enum status status = STATUS_OK;
    for (int i = 1; i < cluster_size(cluster) && status == STATUS_OK; i++) {
        const char *other = (const char *)all.data + all.ends[i - 1];
        if (!strcmp(other, (const char *)all.data)) continue;
        const char *lines[2];
        int lengths[2];
        first_difference((const char *)all.data, other, lengths, lines);
        status = cluster_rank(cluster)
                     ? STATUS_USAGE // Rank 0 says it.
                     : status_fail(STATUS_USAGE, "rank %d on %s was started with %s: %.*s instead of %.*s", i,
                                   cluster_host(cluster, i), what, lengths[1], lines[1], lengths[0], lines[0]);
    }
    cluster_strings_done(&all);
    return status;
}
