// The parts that Go's rule sets are made of, their names, and the texts that --rules accepts.
//
//   TEXT  = SET { "+" PART "=" VALUE }
//         | PART "=" VALUE { "+" PART "=" VALUE }       which changes parts of "chinese"
//
//   japanese     chinese+ko=situational+suicide=1     score=territory+tax=seki
//
// Letters may be of either case, and "_" and " " are read as "-", so that "New Zealand" in a record
// and GTP's "new_zealand" are understood. A game keeps its parts in game->rule[] and the canonical
// text in game->rules. Any thread may call.
#ifndef GAME_GO_RULES_H
#define GAME_GO_RULES_H

#include "game/game.h"

// The first value of every part is the default, "chinese".
enum go_part { GO_KO, GO_SCORING, GO_SUICIDE, GO_BONUS, GO_TAX, GO_NUM_PARTS };
enum go_ko {
    GO_KO_POSITIONAL,  // no position may come again
    GO_KO_SITUATIONAL, // no position may come again with the same side to move
    // Only the position before the opponent's last move may not come again. When another one comes
    // again with the same side to move, the game ends without result.
    GO_KO_SIMPLE,
};
enum go_scoring { GO_AREA, GO_TERRITORY };
// Suicide of two stones or more. That of a single one is never allowed: it would be a pass.
enum go_suicide { GO_SUICIDE_FORBIDDEN, GO_SUICIDE_ALLOWED };
// How many points White gets for N handicap stones: N, none, or N - 1.
enum go_bonus { GO_BONUS_N, GO_BONUS_0, GO_BONUS_N_1 };
// Whether empty points inside groups in seki count (none) or not (seki).
enum go_tax { GO_TAX_NONE, GO_TAX_SEKI };

struct go_rules {
    uint8_t part[GO_NUM_PARTS];
};

// Fills `rules`, or says which rules are known and fails with STATUS_USAGE.
enum status go_rules_parse(struct go_rules *rules, const char *text);
// The same without a message, for texts that may well be unknown, as those in records are: returns
// false and changes nothing.
bool go_rules_read(struct go_rules *rules, const char *text);
// The canonical text, a string constant: the name of the rule set where it has one, else the text
// of all parts. Equal rules have equal texts.
const char *go_rules_text(const struct go_rules *rules);
struct go_rules go_rules_of(const struct game *game); // of a game of Go
// The points that White gets for so many handicap stones. A single stone is no handicap.
double go_handicap_bonus(const struct game *game, int num_stones);

#endif
