// What the files audit*.c share. Nothing outside them includes this.
//
// Every part sees the chunks, then their games, then the positions of games that could have been
// played, in the order in which they were played, and at the end writes its lines.
#ifndef EXAM_AUDIT_PARTS_H
#define EXAM_AUDIT_PARTS_H

#include "exam/audit.h"
#include "run/run_session.h"

// Which chunks a line concerns: the first of them, and how many there are. Chunks come in order.
struct audit_blame {
    long long chunks[AUDIT_MOST_CHUNKS], last;
    int num;
};
void audit_blame(struct audit_blame *blame, long long chunk);

// What is known of the run before its games are read.
struct audited {
    const struct audit_params *params;
    struct run_reader *reader;
    struct run_summary summary;
    struct game game; // the one that is learned
    struct run_checkpoint *checkpoints;
    struct replay_chunk *chunks;
    struct run_gate *gates;
    struct run_session *sessions;
    int num_checkpoints, num_chunks, num_gates, num_sessions, num_all_sessions;
    struct audit *out;
};

// A position of a game, before the move of `ply`; at the end ply is num_plies.
struct audit_at {
    const struct record *record;
    const struct game *game;
    const void *state;
    int ply, num_legal;
    int chunk; // an index into audited.chunks
};

// Writes a line; blame may be NULL.
void audit_say(struct audited *run, const char *check, enum audit_verdict verdict, double number, const char *unit,
               const struct audit_blame *blame, const char *format, ...) __attribute__((format(printf, 7, 8)));

// audit_provenance.c: are the files, the database, the nets and the sessions what they say they are?
struct audit_provenance;
enum status audit_provenance_new(struct audit_provenance **out, struct audited *run);
// A chunk that could not be read, or was read and isn't the listed one.
void audit_provenance_damaged(struct audit_provenance *part, int chunk);
// The games of a chunk, by the rules faulty or not; is_faulty: [num].
enum status audit_provenance_chunk(struct audit_provenance *part, int chunk, const struct record *games, int num,
                                   const bool *is_faulty, const char *first_fault);
enum status audit_provenance_end(struct audit_provenance *part);
void audit_provenance_free(struct audit_provenance *part);

// audit_same.c: games and positions that are there several times.
struct audit_same;
struct audit_same *audit_same_new(struct audited *run);
void audit_same_position(struct audit_same *part, const struct audit_at *at);
void audit_same_game(struct audit_same *part, const struct audit_at *at);
void audit_same_end(struct audit_same *part);
void audit_same_free(struct audit_same *part);

// audit_games.c: colours, komi, endings, passing, cycles, refused nets, and search values against
// results.
struct audit_games;
struct audit_games *audit_games_new(struct audited *run);
void audit_games_position(struct audit_games *part, const struct audit_at *at);
void audit_games_game(struct audit_games *part, const struct audit_at *at); // at its end
void audit_games_chunk(struct audit_games *part, int chunk);                // after its games
void audit_games_end(struct audit_games *part);
void audit_games_free(struct audit_games *part);

// audit_exact.c: results and values against the exact solver.
struct audit_exact;
struct audit_exact *audit_exact_new(struct audited *run);
void audit_exact_position(struct audit_exact *part, const struct audit_at *at);
enum status audit_exact_chunk(struct audit_exact *part, int chunk);
void audit_exact_end(struct audit_exact *part);
void audit_exact_free(struct audit_exact *part);

// audit_nets.c: were the games searched with the nets that are named?
struct audit_nets;
enum status audit_nets_new(struct audit_nets **out, struct audited *run);
void audit_nets_position(struct audit_nets *part, const struct audit_at *at);
enum status audit_nets_chunk(struct audit_nets *part, int chunk);
void audit_nets_end(struct audit_nets *part);
void audit_nets_free(struct audit_nets *part);

#endif
