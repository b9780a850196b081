// The ladder's players and games as run.sqlite keeps them: two tables, each game in its own transaction.
//
//   ladder_players   key (what makes two players the same one), spec (the player's text), name for people
//   ladder_games     one row a game, unique by (first, second, pair): playing on after a kill can't count one twice
//
// A *book* is what was read: players and games of one run folder or the union of several, players merged by key.
// A store is for writing, and belongs to one thread at a time; whoever only reads takes a reader of the run. Writing takes the ladder's own lock (ladder.lock), not the run's: a ladder may be played
// beside the training that makes the run, but not two of one run.
#ifndef LADDER_LADDER_DB_H
#define LADDER_LADDER_DB_H

#include "arena/tournament.h"
#include "run/run_read.h"

struct ladder_book_player {
    char *key, *spec, *name;
    bool is_anchor; // it came in as one, not as a checkpoint
};
struct ladder_book {
    struct ladder_book_player *players;
    int num_players;
    struct tournament_game *games; // first, second: into players. `reason` is the book's, `actions` NULL
    int num_games;
};
// Starts zeroed.
void ladder_book_done(struct ladder_book *book);
// The player with this key, -1: none.
int ladder_book_find(const struct ladder_book *book, const char *key);

// Appends to the book what it doesn't have yet.
enum status ladder_book_load(struct ladder_book *book, struct run_reader *reader);

struct ladder_store;
// Of a run folder, to write. *store NULL and STATUS_CANCELLED, and nothing said, when another process plays its ladder.
enum status ladder_store_open(struct ladder_store **store, const char *run_path);
// On the database of an open run (borrowed).
enum status ladder_store_of_run(struct ladder_store **store, struct run *run);
void ladder_store_close(struct ladder_store *store); // NULL is fine
// A reader of its run, which sees what the store has written. Borrowed.
struct run_reader *ladder_store_reader(struct ladder_store *store);

// Adds the player where its key is new; *id is its row. An old player keeps its row and takes the new spec and name.
enum status ladder_store_player(struct ladder_store *store, const struct ladder_book_player *player, long long *id);
// One transaction. first, second: rows of players; game->first, game->second and game->forfeit are read only to tell which of the
// two forfeited. A game that is there already is left alone.
enum status ladder_store_game(struct ladder_store *store, long long first, long long second, const struct tournament_game *game,
                              double wall);
// The seed of openings and chance on this ladder. It keeps the one that it began with (1 where none was said): games of two seeds would
// mix up which opening a pair has. wish 0: that one; else another than that is refused (STATUS_USAGE).
enum status ladder_store_seed(struct ladder_store *store, long long wish, long long *seed);

#endif
