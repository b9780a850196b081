// The ladder: checkpoints of runs and anchors that never move, rated on one scale by games that are kept for ever.
//
//   runs' checkpoints, anchors --> tournament (arena/) --> run.sqlite of the first run --> standings --> elo.csv, pictures
//
// Standings are a function of the databases alone: ladder_play only adds games to them. So a kill loses the games in play, a second
// `tengen elo` goes on where the first ended, and `info`, `gtp --elo` and the training's log say the same as the report.
//
// The scale: on 9x9 Go, GNU Go 3.8 level 10 is 1800 where it takes part; everywhere else uct:1024 is 1000 (else random play 0). Every size
// and game has a scale of its own. See ladder_players.c for the anchors.
#ifndef LADDER_LADDER_H
#define LADDER_LADDER_H

#include "ladder/ladder_db.h"

enum {
    LADDER_VISITS = 100, // chosen: of a checkpoint's moves, unless said otherwise; as `tengen match`
    LADDER_KEY = 768,    // bytes
    LADDER_YARDSTICKS = 2,
};

enum ladder_kind {
    LADDER_CHECKPOINT, // a checkpoint of one of the runs at the ladder's visits
    LADDER_DIAL,       // the same nets at other visits
    LADDER_ANCHOR,
    LADDER_OTHER, // a net of a run that is not looked at now
};

struct ladder_entry {
    char key[LADDER_KEY]; // what makes it the same player: net digest and options, canonical text, command line and version
    char *name, *spec;    // spec: as player_open takes it; a checkpoint's path begins with its run folder
    enum ladder_kind kind;
    int run, visits; // index of the run, -1: none; -1: not a net of a run
    int player;      // in the rating; -1: no game counts for it yet
    char digest[65]; // of a run's net
    long long step, games, samples;
    double seconds, device_hours; // of training until then; NAN: none
    double elo, low, high;        // 95 %
    int rated_games;              // that count for it
    double superiority;           // chance that it is stronger than the run's checkpoint before; NAN: none
    double yardsticks[LADDER_YARDSTICKS];
};

// When an anchor was beaten: the first checkpoint that is stronger with a chance of 97.5 % and after which no later one falls below 50 %.
struct ladder_beat {
    int anchor, run, checkpoint; // entries; checkpoint -1: not yet
};

struct ladder {
    struct game game;
    char **runs; // paths
    int num_runs;
    struct ladder_entry *entries; // checkpoints by run and step, their dials, anchors by Elo, others
    int num_entries;
    struct rating rating; // its players are the entries that have games
    struct rating_pair *pairs;
    int num_pairs, anchor; // entry that fixes the scale; -1: no games
    int duplicates, disputes, forfeits;
    struct ladder_beat *beats;
    int num_beats;
    const char *yardstick_names[LADDER_YARDSTICKS], *yardstick_units[LADDER_YARDSTICKS]; // NULL: none
};

struct ladder_params {
    const char *const *runs; // folders; games are kept in the first
    int num_runs;
    const char *const *anchors; // players besides the default ones
    int num_anchors;
    bool no_default_anchors;
    int checkpoints, visits; // most checkpoints of a run; 0: all. Visits a move
    bool dial;               // the best net at other visits too, and the first at few
    int games;               // counted games in all, earlier ones included; 0: no bound
    double seconds;          // of this session; games in play then are dropped soon after; 0: no bound
    double half_interval;    // Elo; 0: no bound
    int min_games;           // ... and each player has at least this many
    bool round_robin;
    int threads;
    const char *backend, *sgf_dir;
    long long seed; // of openings and chance; 0: the one that the ladder was begun with, else 1
    const volatile bool *stop;
    const struct clock *clock;
    double (*wall)(void);
    const struct log *log; // progress; NULL: none
    double report_seconds; // between progress lines
};

// Plays until it is enough. STATUS_CANCELLED: stopped, all finished games are kept.
enum status ladder_play(const struct ladder_params *params);
// What the databases say now.
enum status ladder_standings(struct ladder *out, const char *const *runs, int num_runs, int visits);
// The same for one net of a run, by the games between it (at any visits) and anchors alone: what whoever has only its file can measure
// again. Other checkpoints pull a net's Elo where strength is not one number.
enum status ladder_standing_alone(struct ladder *out, const char *run, const char *digest, int visits);
void ladder_done(struct ladder *ladder);
// The scale is the one that the game keeps: its player has games. Else 0 stands for random play (or whoever there is) until it has some.
bool ladder_has_scale(const struct ladder *ladder);
// Entries' yardsticks by the raw net, where the game has them (ladder_yardsticks.c).
enum status ladder_judge_yardsticks(struct ladder *ladder, const char *backend);

// A few games of the newest checkpoint while the run is in training, for about `seconds`, against the anchors that it may be a
// match for. *ladder: standings afterwards; *entry: the checkpoint's, -1 (and no standings) where nothing could be played.
struct ladder_slice {
    struct run *run;
    const struct game *game;
    const struct run_checkpoint *checkpoint;
    int visits, games, threads; // games: most of this slice
    double seconds;
    double *game_seconds; // of the wall-clock, what a game took at last; in and out, 0: not known
    const char *backend;
    const volatile bool *stop;
    const struct clock *clock;
    double (*wall)(void);
};
enum status ladder_play_slice(const struct ladder_slice *slice, struct ladder *ladder, int *entry);

// The strength dial: the rated net of the run (checkpoint or dial) whose Elo is nearest to the wish. Says the range when none is within
// 100 Elo (STATUS_USAGE).
enum status ladder_choose(const struct ladder *ladder, double elo, int *entry);
// Chance that entry i is stronger than j; NAN where one has no games.
double ladder_superiority(const struct ladder *ladder, int i, int j);

#endif
