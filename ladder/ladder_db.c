// Writes the ladder's tables, and makes books of what readers find in them (run/run_read.h). The
// law rests on the unique constraint on (first, second, pair): INSERT OR IGNORE of a game that is
// there does nothing, whoever played it.
#include "ladder/ladder_db.h"

#include "base/files.h"
#include "base/memory.h"
#include "run/run_db.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct ladder_store {
    struct db *db;
    bool owns_db;
    struct run_reader *reader;
    int lock; // -1: none.
};

static const char *const outcome_names[] = {"none", "first", "second", "draw"};

// --- Books ---------------------------------------------------------------------------------------

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

int ladder_book_add_player(struct ladder_book *book, const char *key, const char *spec, const char *name, bool is_anchor) {
    const int known = ladder_book_find(book, key);
    if (known >= 0) return known;
    book->players =
        memory_resize(book->players, (size_t)(book->num_players + 1), sizeof *book->players, "the players of a ladder");
    struct ladder_book_player *player = &book->players[book->num_players];
    *player = (struct ladder_book_player){.key = memory_text(key, "the name of a player"),
                                          .spec = memory_text(spec, "the name of a player"),
                                          .name = memory_text(name, "the name of a player"),
                                          .is_anchor = is_anchor};
    return book->num_players++;
}

void ladder_book_add(struct ladder_book *book, const struct tournament_game *game) {
    // The number is a power of two less one: the list is full.
    if (!(book->num_games & (book->num_games + 1))) {
        book->games =
            memory_resize(book->games, (size_t)(2 * book->num_games + 2), sizeof *book->games, "the games of a ladder");
    }
    book->games[book->num_games++] = *game;
}

static int compare_games(const void *a, const void *b) {
    const struct tournament_game *x = a, *y = b;
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    if (x->second != y->second) return x->second < y->second ? -1 : 1;
    return x->pair < y->pair ? -1 : x->pair > y->pair;
}

// Adds the games of `from` to the book. player_of[i] is the book's player for player i of `from`.
static void add_games(struct ladder_book *book, struct run_ladder *from, const int *player_of) {
    const int had = book->num_games;
    // Sorted, to see which games an earlier run has given.
    struct tournament_game *known = memory_raw((size_t)had, sizeof *known, "the games of a ladder");
    if (had) memcpy(known, book->games, (size_t)had * sizeof *known);
    qsort(known, (size_t)had, sizeof *known, compare_games);
    for (int i = 0; i < from->num_games; i++) {
        struct run_ladder_game *row = &from->games[i];
        const int first = player_of[row->first], second = player_of[row->second];
        struct tournament_game game = {.first = first,
                                       .second = second,
                                       .pair = row->pair,
                                       .outcome = row->outcome,
                                       .score = row->score,
                                       .plies = row->plies,
                                       .moves_hash = row->moves_hash,
                                       .is_duplicate = row->is_duplicate,
                                       .forfeit = row->forfeit < 0 ? -1
                                                  : row->forfeit   ? second
                                                                   : first,
                                       .is_disputed = row->is_disputed,
                                       .seconds = row->seconds};
        if (bsearch(&game, known, (size_t)had, sizeof *known, compare_games)) continue;
        game.reason = row->reason; // From here on it belongs to the book.
        row->reason = NULL;
        ladder_book_add(book, &game);
    }
    free(known);
}

enum status ladder_book_load(struct ladder_book *book, struct run_reader *reader) {
    struct run_ladder from;
    TRY(run_read_ladder(reader, &from));
    int *player_of = memory_raw((size_t)from.num_players, sizeof *player_of, "the players of a ladder");
    for (int i = 0; i < from.num_players; i++) {
        const struct run_ladder_player *player = &from.players[i];
        player_of[i] = ladder_book_add_player(book, player->key, player->spec, player->name, player->is_anchor);
    }
    add_games(book, &from, player_of);
    free(player_of);
    run_ladder_done(&from);
    return STATUS_OK;
}

// --- Stores --------------------------------------------------------------------------------------

static enum status take_lock(struct ladder_store *store, const char *run_path) {
    char path[PATH_BYTES];
    store->lock = open(path_format(path, "%s/ladder.lock", run_path), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (store->lock < 0) return status_fail(STATUS_IO, "%s: can't open: %s", path, strerror(errno));
    if (!flock(store->lock, LOCK_EX | LOCK_NB)) return STATUS_OK;
    return errno == EWOULDBLOCK ? STATUS_CANCELLED : status_fail(STATUS_IO, "%s: can't lock: %s", path, strerror(errno));
}

// Ends a function that opens a store: *out is the store, or NULL where something failed.
static enum status opened(struct ladder_store *store, enum status status, struct ladder_store **out) {
    if (status != STATUS_OK) ladder_store_close(store);
    *out = status == STATUS_OK ? store : NULL;
    return status;
}

enum status ladder_store_open(struct ladder_store **out, const char *run_path) {
    struct ladder_store *store = memory_new(1, sizeof *store, "a ladder");
    char path[PATH_BYTES];
    *store = (struct ladder_store){.owns_db = true, .lock = -1};
    enum status status = run_read_open(&store->reader, run_path);
    if (status == STATUS_OK) status = take_lock(store, run_path);
    if (status == STATUS_OK) status = db_open(&store->db, path_format(path, "%s/run.sqlite", run_path), DB_WRITE);
    return opened(store, status, out);
}

enum status ladder_store_of_run(struct ladder_store **out, struct run *run) {
    struct ladder_store *store = memory_new(1, sizeof *store, "a ladder");
    *store = (struct ladder_store){.db = run_database(run), .lock = -1};
    enum status status = take_lock(store, run_path(run));
    if (status == STATUS_OK) status = run_read_open(&store->reader, run_path(run));
    return opened(store, status, out);
}

void ladder_store_close(struct ladder_store *store) {
    if (!store) return;
    run_read_close(store->reader);
    if (store->owns_db) db_close(store->db);
    if (store->lock >= 0) close(store->lock);
    free(store);
}

struct run_reader *ladder_store_reader(struct ladder_store *store) {
    return store->reader;
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
    if (query_next(query, &status)) *id = query_bits(query, 0);
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

enum status ladder_store_seed(struct ladder_store *store, long long wish, long long *seed) {
    double games = 0, held = 0;
    TRY(run_read_number(store->reader, "ladder_seed", 0, 9e15, &held));
    *seed = (long long)held;
    if (!*seed) {
        TRY(db_number(store->db, "SELECT count(*) FROM ladder_games", 0, &games));
        *seed = games > 0 || !wish ? 1 : wish;
        char value[24];
        snprintf(value, sizeof value, "%lld", *seed);
        TRY(db_run(store->db, "INSERT OR REPLACE INTO texts(key, value) VALUES('ladder_seed', ?)", "s", value));
    }
    if (!wish || wish == *seed) return STATUS_OK;
    return status_fail(STATUS_USAGE, "--seed %lld: this ladder was begun with seed %lld and keeps it", wish, *seed);
}
