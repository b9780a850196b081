// The file: magic, checksum of what follows, the time, the step, the number of records, records. It
// is written under another name and renamed, so that a reader finds a whole one.
#include "run/live.h"

#include "base/files.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char magic[8] = "TGNLIVE1";
enum { HEAD_BYTES = 8 + 4 }; // magic and checksum

struct live_writer {
    char path[PATH_BYTES], aside[PATH_BYTES];
    double seconds, last; // the time of the last file
    double (*wall)(void);
    bool has_written, is_broken;
};

struct live_writer *live_writer_new(const char *folder, double seconds, double (*wall)(void)) {
    struct live_writer *writer = memory_new(1, sizeof *writer, "the games to watch");
    path_format(writer->path, "%s/live", folder);
    path_format(writer->aside, "%s/.live", folder);
    writer->seconds = seconds;
    writer->wall = wall;
    return writer;
}

void live_writer_free(struct live_writer *writer) {
    if (!writer) return;
    if (writer->has_written) (void)unlink(writer->path);
    free(writer);
}

bool live_is_due(const struct live_writer *writer, double now) {
    return !writer->is_broken && (!writer->has_written || now - writer->last >= writer->seconds);
}

static bool write_all(int fd, const uint8_t *data, size_t n) {
    while (n > 0) {
        const ssize_t written = write(fd, data, n);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        data += written;
        n -= (size_t)written;
    }
    return true;
}

// A link of that name is not followed: it might lead to somebody's file.
static bool put_file(const struct live_writer *writer, const struct byte_buffer *bytes) {
    const int fd = open(writer->aside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) return false;
    bool is_fine = write_all(fd, bytes->data, bytes->num_bytes);
    is_fine = close(fd) == 0 && is_fine;
    if (is_fine) is_fine = rename(writer->aside, writer->path) == 0;
    if (!is_fine) (void)unlink(writer->aside);
    return is_fine;
}

void live_write(struct live_writer *writer, double now, long long step, const struct record *const *records, int num) {
    struct byte_buffer all = {0}, one = {0};
    int count = 0;
    buffer_append(&all, magic, sizeof magic);
    buffer_put(&all, 0, 4);
    buffer_put_double(&all, writer->wall());
    buffer_put(&all, (uint64_t)step, 8);
    const size_t count_at = all.num_bytes;
    buffer_put(&all, 0, 1);
    for (int i = 0; i < num && count < LIVE_MAX_GAMES; i++) {
        one.num_bytes = 0;
        record_write(records[i], &one);
        if (all.num_bytes + one.num_bytes > LIVE_MAX_BYTES) continue;
        buffer_append(&all, one.data, one.num_bytes);
        count++;
    }
    all.data[count_at] = (uint8_t)count;
    const uint32_t sum = crc32c(0, all.data + HEAD_BYTES, all.num_bytes - HEAD_BYTES);
    for (int i = 0; i < 4; i++) all.data[8 + i] = (uint8_t)(sum >> (8 * i));
    writer->is_broken = !put_file(writer, &all);
    writer->has_written = true;
    writer->last = now;
    free(one.data);
    free(all.data);
}

// ---- reading ----

// Whether the moves and policies are legal. The end is not looked at, since there is none yet.
static bool can_be_played(const struct record *record) {
    struct game game;
    if (record_open_game(record, &game)) return false;
    bool is_fine = true;
    void *state = memory_raw(1, game.state_bytes, "a position");
    uint16_t *legal = memory_raw((size_t)game.num_actions, sizeof *legal, "the moves of a position");
    game_start(&game, state);
    for (int i = 0; i < record->num_plies && is_fine; i++) {
        const struct record_ply *ply = &record->plies[i];
        const int n = game_legal(&game, state, legal);
        int at = 0;
        for (int k = 0; k < ply->num_probs && is_fine; k++) {
            const int action = record->probs[ply->first_prob + (uint32_t)k].action;
            while (at < n && legal[at] < action) at++;
            is_fine = at < n && legal[at] == action;
        }
        is_fine = is_fine && ply->mover == game_to_move(&game, state) && game_is_legal(&game, state, ply->action);
        if (is_fine) game_play(&game, state, ply->action);
    }
    free(state);
    free(legal);
    return is_fine;
}

static enum status parse(struct live_games *games, const uint8_t *data, size_t n, const char *path) {
    struct byte_reader reader = {.data = data, .num_bytes = n};
    const uint8_t *head = reader_take(&reader, sizeof magic);
    if (!head || memcmp(head, magic, sizeof magic)) return status_fail(STATUS_FORMAT, "%s: is no file of games to watch", path);
    const uint32_t sum = (uint32_t)reader_get(&reader, 4);
    if (n < HEAD_BYTES || sum != crc32c(0, data + HEAD_BYTES, n - HEAD_BYTES))
        return status_fail(STATUS_FORMAT, "%s: is altered: its checksum does not match", path);
    games->wall = reader_get_double(&reader);
    const uint64_t step = reader_get(&reader, 8);
    const int num = (int)reader_get(&reader, 1);
    if (reader.is_short || num > LIVE_MAX_GAMES || !isfinite(games->wall) || step > INT64_MAX)
        return status_fail(STATUS_FORMAT, "%s: its head can't be", path);
    games->step = (long long)step;
    for (int i = 0; i < num; i++) {
        size_t used;
        TRY(record_read(&games->records[i], data + reader.at, n - reader.at, &used, path));
        games->num = i + 1;
        reader.at += used;
        if (!can_be_played(&games->records[i])) return status_fail(STATUS_FORMAT, "%s: game %d can't be played", path, i);
    }
    return reader.at == n ? STATUS_OK : status_fail(STATUS_FORMAT, "%s: something follows its end", path);
}

enum status live_read(const char *folder, struct live_games *games, bool *found) {
    char path[PATH_BYTES], *data;
    size_t n;
    *games = (struct live_games){0};
    *found = false;
    path_format(path, "%s/live", folder);
    // It may go at any moment, which is no error.
    if (access(path, F_OK)) return STATUS_OK;
    TRY(file_expect_most(path, LIVE_MAX_BYTES));
    const enum status read = file_read(path, &data, &n);
    if (read) return access(path, F_OK) ? STATUS_OK : read;
    const enum status status = parse(games, (const uint8_t *)data, n, path);
    free(data);
    if (status) live_done(games);
    *found = status == STATUS_OK;
    return status;
}

void live_done(struct live_games *games) {
    for (int i = 0; i < games->num; i++) record_done(&games->records[i]);
    games->num = 0;
}
