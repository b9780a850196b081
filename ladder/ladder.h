// The ladder: checkpoints of runs, and anchors that never change, rated on one scale by games that
// are kept for ever.
//
//   runs' checkpoints, anchors --> tournament (arena/) --> run.sqlite of the first run
//                              --> standings --> elo.csv, pictures
//
// Standings are a function of the databases alone, and ladder_play only adds games to them. So a
// kill loses only the games in play, a second `tengen elo` goes on where the first one ended, and
// `info`, `gtp --elo` and the log of the training say the same as the report.
//
// The scale: on 9x9 Go, GNU Go 3.8 level 10 is 1800 where it takes part. Everywhere else uct:1024
// is 1000, or random play is 0 where that does not take part. Every game and size has a scale of
// its own. The anchors stand in ladder_players.c. A struct ladder belongs to one thread at a time.
#ifndef LADDER_LADDER_H
#define LADDER_LADDER_H

#include "ladder/ladder_db.h"

enum {
    // Visits of a checkpoint's moves unless said otherwise, as in `tengen match`. It was chosen.
    LADDER_VISITS = 100,
    LADDER_KEY = 768, // In bytes.
    LADDER_YARDSTICKS = 2,
};

enum ladder_kind {
    LADDER_CHECKPOINT, // A checkpoint of one of the runs, at the ladder's visits.
    LADDER_DIAL,       // One of the same nets at other visits or another temperature.
    LADDER_ANCHOR,
    LADDER_OTHER, // A net of a run that is not looked at now.
};

struct ladder_entry {
    // What makes it the same player: a net's digest and options, a canonical text, or a command
    // line and its version.
    char key[LADDER_KEY];
    // `spec` is what player_open takes; the path of a checkpoint begins with its run folder.
    char *name, *spec;
    enum ladder_kind kind;
    int run, visits;    // The index of the run (-1: none), and the visits (-1: not a net of a run).
    double temperature; // Of a dial's choice of moves.
    int player;         // Its index in the rating; -1: no game counts for it yet.
    char digest[65];    // Of a run's net.
    long long step, games, samples;
    double seconds, device_hours; // Of training until then; NAN: none.
    double elo, low, high;        // With its interval of 95 %.
    int rated_games;              // The games that count for it.
    // The chance that it is stronger than the run's checkpoint before it; NAN: there is none.
    double superiority;
    double yardsticks[LADDER_YARDSTICKS];
};

// When an anchor was beaten: at the first checkpoint that is stronger with a chance of 97.5 %, and
// after which no later one falls below 50 %.
struct ladder_beat {
    // Indices of entries; `checkpoint` is -1 where the anchor is not beaten yet.
    int anchor, run, checkpoint;
};

struct ladder {
    struct game game;
    char **runs; // Their paths.
    int num_runs;
    // Checkpoints by run and step, their dials, anchors by Elo, then others.
    struct ladder_entry *entries;
    int num_entries;
    struct rating rating; // Its players are the entries that have games.
    struct rating_pair *pairs;
    int num_pairs, anchor; // `anchor` is the entry that fixes the scale; -1: there are no games.
    int duplicates, disputes, forfeits;
    struct ladder_beat *beats;
    int num_beats;
    // NULL: there is none.
    const char *yardstick_names[LADDER_YARDSTICKS], *yardstick_units[LADDER_YARDSTICKS];
};

struct ladder_params {
    const char *const *runs; // Their folders; games are kept in the first.
    int num_runs;
    const char *const *anchors; // Players that take part besides the default ones.
    int num_anchors;
    bool no_default_anchors;
    int checkpoints, visits; // The most checkpoints of a run (0: all), and the visits of a move.
    // The best net takes part at other visits, too, and the first net at few.
    bool dial;
    // The last net of the runs that has_dial names takes part at these numbers of visits, too.
    const int *dial_visits;
    int num_dial_visits;
    const bool *has_dial; // [num_runs]; NULL: of no run.
    int games;            // The number of counted games in all, with earlier ones; 0: no limit.
    // Of this session. Games that are then in play are dropped soon after. 0: no limit.
    double seconds;
    double half_interval; // Elo; 0: no limit.
    // It stops at the half interval only where each player has at least this many games.
    int min_games;
    bool round_robin;
    int threads;
    const char *backend, *sgf_dir;
    // Of openings and chance; 0: the one with which the ladder was begun, or 1 where there is none.
    long long seed;
    const volatile bool *stop;
    const struct clock *clock;
    double (*wall)(void);
    const struct log *log; // For progress; NULL: none.
    double report_seconds; // The time between lines of progress.
};

// Plays until it is enough. STATUS_CANCELLED: it was stopped, and all finished games are kept.
enum status ladder_play(const struct ladder_params *params);
// What the databases say now; ladder_done frees it.
enum status ladder_standings(struct ladder *out, const char *const *runs, int num_runs, int visits);
// The same for one net of a run, by the games between it (at any visits) and anchors alone. That is
// what can be measured again by those who only have the net's file. Other checkpoints would pull a
// net's Elo wherever strength is not one number.
enum status ladder_standing_alone(struct ladder *out, const char *run, const char *digest, int visits);
void ladder_done(struct ladder *ladder);
// Enters the strengths at which the run's net with meta->digest was rated, those at other visits
// among them, and their scale in *meta, by the games of ladder_standing_alone, or by all where
// those have no scale. Settings of which too little is known are left out; where none is left,
// *meta stays as it is.
enum status ladder_read_settings(const char *run, struct net_meta *meta);
// Whether an Elo between these ends of its interval tells enough to be shown to people as a figure.
bool ladder_is_telling(double low, double high);
// Whether the scale is the one that the game keeps, because the player that fixes it has games.
// Until then 0 stands for random play, or for whoever there is.
bool ladder_has_scale(const struct ladder *ladder);
// Fills in the yardsticks of the entries by their raw nets, where the game has some
// (ladder_yardsticks.c).
enum status ladder_judge_yardsticks(struct ladder *ladder, const char *backend);

// Plays a few games of the newest checkpoint while the run is in training, for about `seconds`,
// against the anchors for which it may be a match. *ladder are the standings afterwards, and *entry
// is the checkpoint's; -1 (and no standings) where nothing could be played.
struct ladder_slice {
    struct run *run;
    const struct game *game;
    const struct run_checkpoint *checkpoint;
    int visits, games, threads; // `games` is the most games of this slice.
    double seconds;
    // In and out: the seconds that a game took last, by the clock on the wall; 0: not known.
    double *game_seconds;
    const char *backend;
    const volatile bool *stop;
    const struct clock *clock;
    double (*wall)(void);
};
enum status ladder_play_slice(const struct ladder_slice *slice, struct ladder *ladder, int *entry);

// Makes a run folder with this net as its only checkpoint, so that it can be rated without the run
// that it comes from. Where the folder is such a one already, nothing is changed. The board is the
// largest that the net has learned. STATUS_USAGE: the folder holds something else.
enum status ladder_make_home(const char *net_path, const char *folder, double wall);
// The label of such a folder, which can't be trained on: it has no trainer.
#define LADDER_HOME_LABEL "ladder_home"

// Chooses for the strength dial: the rated net of the run (a checkpoint or a dial) whose Elo is
// nearest to the wish. STATUS_USAGE, with the range that there is, where none is within 100 Elo.
enum status ladder_choose(const struct ladder *ladder, double elo, int *entry);
// The chance that entry i is stronger than j; NAN where one of them has no games.
double ladder_superiority(const struct ladder *ladder, int i, int j);

#endif
