// The ladder's players and games as run.sqlite keeps them: two tables, and one transaction for each
// game.
//
//   ladder_players   key (what makes two players the same one), spec (the player's text), name
//   ladder_games     one row a game, unique by (first, second, pair): to play on after a kill can't
//                    count a game twice
//
// A *book* is what was read: the players and games of one run folder, or the union of several, with
// players merged by their keys. A *store* is for writing and belongs to one thread at a time;
// whoever only reads takes a reader of the run. Writing takes the ladder's own lock (ladder.lock)
// and not the run's: a ladder may be played beside the training that makes the run, but no ladder
// is played twice at once.
#ifndef LADDER_LADDER_DB_H
#define LADDER_LADDER_DB_H

#include "arena/tournament.h"
#include "run/run_read.h"

struct ladder_book_player {
    char *key, *spec, *name;
    bool is_anchor; // It was added as an anchor, and not as a checkpoint.
};
struct ladder_book {
    struct ladder_book_player *players;
    int num_players;
    // `first` and `second` are indices into players. `reason` belongs to the book; `actions` is
    // NULL.
    struct tournament_game *games;
    int num_games;
};
// A book starts zeroed.
void ladder_book_done(struct ladder_book *book);
// The player with this key; -1: there is none.
int ladder_book_find(const struct ladder_book *book, const char *key);

// Adds a player, or finds the one with this key; returns its index.
int ladder_book_add_player(struct ladder_book *book, const char *key, const char *spec, const char *name, bool is_anchor);
// Adds a game between players of the book.
void ladder_book_add(struct ladder_book *book, const struct tournament_game *game);
// Adds to the book what it doesn't have yet.
enum status ladder_book_load(struct ladder_book *book, struct run_reader *reader);

struct ladder_store;
// Opens the store of a run folder. Where another process plays its ladder, *store is NULL and the
// result STATUS_CANCELLED, without a message.
enum status ladder_store_open(struct ladder_store **store, const char *run_path);
// Opens a store on the database of an open run, which is borrowed.
enum status ladder_store_of_run(struct ladder_store **store, struct run *run);
void ladder_store_close(struct ladder_store *store); // NULL is fine.
// A reader of the store's run, which sees what the store has written. Borrowed.
struct run_reader *ladder_store_reader(struct ladder_store *store);

// Adds the player where its key is new; *id is its row. A player that is there keeps its row and
// takes the new spec and name.
enum status ladder_store_player(struct ladder_store *store, const struct ladder_book_player *player, long long *id);
// Stores a game in one transaction. `first` and `second` are rows of players; game->first,
// game->second and game->forfeit only tell which of the two forfeited. A game that is there already
// is left alone.
enum status ladder_store_game(struct ladder_store *store, long long first, long long second, const struct tournament_game *game,
                              double wall);
// The seed of openings and chance on this ladder. A ladder keeps the one that it began with (1
// where none was given), since games of two seeds would disagree about the opening of a pair. wish
// 0 asks for that one; any other than that is refused (STATUS_USAGE).
enum status ladder_store_seed(struct ladder_store *store, long long wish, long long *seed);

#endif
