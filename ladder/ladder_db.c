// Reading and writing the ladder's tables. The unique constraint on (first, second, pair) carries the law: INSERT OR IGNORE of a
// game that is there does nothing, whoever played it.
#include "ladder/ladder_db.h"

#include "base/files.h"
#include "run/run_db.h"
#include "run/run_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct ladder_store {
    struct db *db;
    bool owns_db, has_tables;
    int lock; // -1: none
};

static const char *const outcome_names[] = {"none", "first", "second", "draw"};

static enum outcome outcome_named(const char *name) {
    for (int i = 1; i < 4; i++)
        if (!strcmp(name, outcome_names[i])) return (enum outcome)i;
    return OUTCOME_NONE;
}

// --- Books ------------------------------------------------------------------------------------------------------------

void ladder_book_done(struct ladder_book *book) {
    for (int i = 0; i < book->num_players; i++) {
        free(book->players[i].key);
        free(book->players[i].spec);
        free(book->players[i].name);
    }
    for (int i = 0; i < book->num_games; i++) free((char *)book->games[i].reason);
    free(book->players);
    free(book->games);
    *book = (struct ladder_book){0};
}

int ladder_book_find(const struct ladder_book *book, const char *key) {
    for (int i = 0; i < book->num_players; i++)
        if (!strcmp(book->players[i].key, key)) return i;
    return -1;
}

static int book_add_player(struct ladder_book *book, const char *key, const char *spec, const char *name, bool is_anchor) {
    const int known = ladder_book_find(book, key);
    if (known >= 0) return known;
    book->players = realloc(book->players, (size_t)(book->num_players + 1) * sizeof *book->players);
    CHECK(book->players);
    struct ladder_book_player *player = &book->players[book->num_players];
    *player =
        (struct ladder_book_player){.key = strdup(key), .spec = strdup(spec), .name = strdup(name), .is_anchor = is_anchor};
    CHECK(player->key && player->spec && player->name);
    return book->num_players++;
}

static void book_add_game(struct ladder_book *book, const struct tournament_game *game) {
    if (!(book->num_games & (book->num_games + 1))) { // a power of two less one: full
        book->games = realloc(book->games, (size_t)(2 * book->num_games + 2) * sizeof *book->games);
        CHECK(book->games);
    }
    book->games[book->num_games++] = *game;
}

// --- Stores -----------------------------------------------------------------------------------------------------------

static enum status find_tables(struct ladder_store *store) {
    double tables;
    TRY(db_number(store->db, "SELECT count(*) FROM sqlite_master WHERE name = 'ladder_games'", 0, &tables));
    store->has_tables = tables > 0;
    return STATUS_OK;
}

static enum status take_lock(struct ladder_store *store, const char *run_path) {
    char path[PATH_BYTES];
    store->lock = open(path_format(path, "%s/ladder.lock", run_path), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (store->lock < 0) return status_fail(STATUS_IO, "%s: can't open: %s", path, strerror(errno));
    if (!flock(store->lock, LOCK_EX | LOCK_NB)) return STATUS_OK;
    return errno == EWOULDBLOCK ? STATUS_CANCELLED : status_fail(STATUS_IO, "%s: can't lock: %s", path, strerror(errno));
}

static enum status open_parts(struct ladder_store *store, const char *run_path, bool write) {
    char path[PATH_BYTES];
    TRY(run_expect(run_path));
    if (write) TRY(take_lock(store, run_path));
    store->owns_db = true;
    TRY(db_open(&store->db, path_format(path, "%s/run.sqlite", run_path), write ? DB_WRITE : DB_READ));
    return find_tables(store);
}

enum status ladder_store_open(struct ladder_store **out, const char *run_path, bool write) {
    struct ladder_store *store = calloc(1, sizeof *store);
    CHECK(store);
    *out = NULL;
    store->lock = -1;
    const enum status status = open_parts(store, run_path, write);
    if (status == STATUS_OK)
        *out = store;
    else
        ladder_store_close(store);
    return status;
}

enum status ladder_store_of_run(struct ladder_store **out, struct run *run) {
    struct ladder_store *store = calloc(1, sizeof *store);
    CHECK(store);
    *out = NULL;
    *store = (struct ladder_store){.db = run->db, .lock = -1};
    enum status status = take_lock(store, run->path);
    if (status == STATUS_OK) status = find_tables(store);
    if (status == STATUS_OK)
        *out = store;
    else
        ladder_store_close(store);
    return status;
}

void ladder_store_close(struct ladder_store *store) {
    if (!store) return;
    if (store->owns_db) db_close(store->db);
    if (store->lock >= 0) close(store->lock);
    free(store);
}

enum status ladder_store_player(struct ladder_store *store, const struct ladder_book_player *player, long long *id) {
    TRY(db_run(store->db,
               "INSERT INTO ladder_players(key, spec, name, is_anchor) VALUES(?, ?, ?, ?)"
               " ON CONFLICT(key) DO UPDATE SET spec = excluded.spec, name = excluded.name,"
               " is_anchor = max(is_anchor, excluded.is_anchor)",
               "sssi", player->key, player->spec, player->name, (long long)player->is_anchor));
    struct query *query;
    TRY(db_query(store->db, &query, "SELECT id FROM ladder_players WHERE key = ?", "s", player->key));
    enum status status = STATUS_OK;
    if (query_next(query, &status)) *id = query_long(query, 0);
    query_free(query);
    return status;
}

enum status ladder_store_game(struct ladder_store *store, long long first, long long second, const struct tournament_game *game,
                              double wall) {
    TRY(db_run(
        store->db,
        "INSERT OR IGNORE INTO ladder_games(first, second, pair, outcome, score, plies, moves_hash, is_duplicate, forfeit,"
        " is_disputed, reason, seconds, wall) VALUES(?, ?, ?, ?, ?, ?, ?, ?, nullif(?, -1), ?, ?, ?, ?)",
        "iiisdiiiiisdd", first, second, game->pair, outcome_names[game->outcome], game->score, (long long)game->plies,
        (long long)game->moves_hash, (long long)game->is_duplicate,
        game->forfeit < 0 ? -1LL : (long long)(game->forfeit == game->second), (long long)game->is_disputed, game->reason,
        game->seconds, wall));
    return STATUS_OK;
}

// Rows of players to the book's indices: ascending ids, as read.
struct row_map {
    long long *ids;
    int *indices, num;
};

static int map_row(const struct row_map *map, long long id) {
    int low = 0, high = map->num - 1;
    while (low <= high) {
        const int middle = (low + high) / 2;
        if (map->ids[middle] == id) return map->indices[middle];
        if (map->ids[middle] < id)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
}

static enum status load_players(struct ladder_store *store, struct ladder_book *book, struct row_map *map) {
    struct query *query;
    enum status status = STATUS_OK;
    TRY(db_query(store->db, &query, "SELECT id, key, spec, name, is_anchor FROM ladder_players ORDER BY id", ""));
    while (query_next(query, &status)) {
        map->ids = realloc(map->ids, (size_t)(map->num + 1) * sizeof *map->ids);
        map->indices = realloc(map->indices, (size_t)(map->num + 1) * sizeof *map->indices);
        CHECK(map->ids && map->indices);
        map->ids[map->num] = query_long(query, 0);
        map->indices[map->num++] =
            book_add_player(book, query_text(query, 1), query_text(query, 2), query_text(query, 3), query_long(query, 4) != 0);
    }
    query_free(query);
    return status;
}

static int compare_games(const void *a, const void *b) {
    const struct tournament_game *x = a, *y = b;
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    if (x->second != y->second) return x->second < y->second ? -1 : 1;
    return x->pair < y->pair ? -1 : x->pair > y->pair;
}

static enum status load_games(struct ladder_store *store, struct ladder_book *book, const struct row_map *map) {
    const int had = book->num_games;
    struct tournament_game *known = malloc((size_t)(had + 1) * sizeof *known); // sorted, to see what an earlier store gave
    CHECK(known);
    if (had) memcpy(known, book->games, (size_t)had * sizeof *known);
    qsort(known, (size_t)had, sizeof *known, compare_games);
    struct query *query;
    enum status status = db_query(store->db, &query,
                                  "SELECT first, second, pair, outcome, score, plies, moves_hash, is_duplicate, forfeit,"
                                  " is_disputed, reason, seconds FROM ladder_games ORDER BY id",
                                  "");
    while (!status && query_next(query, &status)) {
        const int first = map_row(map, query_long(query, 0)), second = map_row(map, query_long(query, 1));
        const enum outcome outcome = outcome_named(query_text(query, 3));
        if (first < 0 || second < 0 || first == second || outcome == OUTCOME_NONE) {
            status = status_fail(STATUS_FORMAT, "run.sqlite: ladder_games names a player or a result that there is not");
            break;
        }
        struct tournament_game game = {.first = first,
                                       .second = second,
                                       .pair = query_long(query, 2),
                                       .outcome = outcome,
                                       .score = query_is_null(query, 4) ? NAN : query_double(query, 4),
                                       .plies = (int)query_long(query, 5),
                                       .moves_hash = (uint64_t)query_long(query, 6),
                                       .is_duplicate = query_long(query, 7) != 0,
                                       .forfeit = -1,
                                       .is_disputed = query_long(query, 9) != 0,
                                       .seconds = query_double(query, 11)};
        if (!query_is_null(query, 8)) game.forfeit = query_long(query, 8) ? second : first;
        if (bsearch(&game, known, (size_t)had, sizeof *known, compare_games)) continue;
        if (!query_is_null(query, 10)) game.reason = strdup(query_text(query, 10));
        book_add_game(book, &game);
    }
    query_free(query);
    free(known);
    return status;
}

enum status ladder_store_load(struct ladder_store *store, struct ladder_book *book) {
    if (!store->has_tables) return STATUS_OK; // of an older program, read only
    struct row_map map = {0};
    enum status status = load_players(store, book, &map);
    if (!status) status = load_games(store, book, &map);
    free(map.ids);
    free(map.indices);
    return status;
}

enum status ladder_store_checkpoints(struct ladder_store *store, struct run_checkpoint **out, int *num) {
    struct query *query;
    double best;
    *out = NULL;
    *num = 0;
    TRY(db_number(store->db, "SELECT value FROM state WHERE key = 'best_step'", -1, &best));
    TRY(db_query(store->db, &query, "SELECT step, games, samples, seconds, wall, digest FROM checkpoints ORDER BY step", ""));
    enum status status = STATUS_OK;
    while (query_next(query, &status)) {
        *out = realloc(*out, (size_t)(*num + 1) * sizeof **out);
        CHECK(*out);
        struct run_checkpoint *at = &(*out)[(*num)++];
        *at = (struct run_checkpoint){.step = query_long(query, 0),
                                      .games = query_long(query, 1),
                                      .samples = query_long(query, 2),
                                      .seconds = query_double(query, 3),
                                      .wall = query_double(query, 4)};
        at->is_best = (double)at->step == best;
        snprintf(at->digest, sizeof at->digest, "%s", query_text(query, 5));
    }
    query_free(query);
    return status;
}

char *ladder_store_text(struct ladder_store *store, const char *key) {
    struct query *query;
    enum status status = STATUS_OK;
    char *text = NULL;
    if (db_query(store->db, &query, "SELECT value FROM texts WHERE key = ?", "s", key)) return NULL;
    if (query_next(query, &status)) text = strdup(query_text(query, 0));
    query_free(query);
    return text;
}

enum status ladder_store_seed(struct ladder_store *store, long long wish, long long *seed) {
    double games = 0;
    char *text = ladder_store_text(store, "ladder_seed");
    *seed = text ? atoll(text) : 0;
    free(text);
    if (!*seed) {
        TRY(db_number(store->db, "SELECT count(*) FROM ladder_games", 0, &games));
        *seed = games > 0 || !wish ? 1 : wish;
        char value[24];
        snprintf(value, sizeof value, "%lld", *seed);
        TRY(db_run(store->db, "INSERT INTO texts(key, value) VALUES('ladder_seed', ?)", "s", value));
    }
    if (!wish || wish == *seed) return STATUS_OK;
    return status_fail(STATUS_USAGE, "--seed %lld: this ladder was begun with seed %lld and keeps it", wish, *seed);
}
