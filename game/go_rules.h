// The parts that Go's rule sets are made of, their names, and what is written for them after --rules.
//
//   TEXT  = SET { "+" PART "=" VALUE }  or  PART "=" VALUE { "+" PART "=" VALUE }, which changes parts of "chinese"
//   japanese     chinese+ko=situational+suicide=1     score=territory+tax=seki
//
// Letters of either case; "_" and " " read as "-", so that "New Zealand" in a record and GTP's "new_zealand" are understood. Anybody may
// call from any thread. A game keeps its parts in game->rule[], and the canonical text in game->rules.
#ifndef GAME_GO_RULES_H
#define GAME_GO_RULES_H

#include "game/game.h"

// The default, "chinese", is all zeros.
enum go_part { GO_KO, GO_SCORING, GO_SUICIDE, GO_BONUS, GO_TAX, GO_NUM_PARTS };
// What may not come again. Positional: a position. Situational: a position with the same side to move. Simple: nothing but the position
// before the opponent's last move; and where a position does come again with the same side to move, the game ends without result.
enum go_ko { GO_KO_POSITIONAL, GO_KO_SITUATIONAL, GO_KO_SIMPLE };
enum go_scoring { GO_AREA, GO_TERRITORY };
enum go_suicide {
    GO_SUICIDE_FORBIDDEN,
    GO_SUICIDE_ALLOWED
};                                                      // of two stones or more; of one never: that is a pass by another name
enum go_bonus { GO_BONUS_N, GO_BONUS_0, GO_BONUS_N_1 }; // White's points for N handicap stones
enum go_tax { GO_TAX_NONE, GO_TAX_SEKI };               // seki: no points for empty points inside groups in seki

struct go_rules {
    uint8_t part[GO_NUM_PARTS];
};

// Fills `rules`, or says in one line what is wrong with the text and what is known.
enum status go_rules_parse(struct go_rules *rules, const char *text);
// As above, but silent: false, and nothing changed, where the text says nothing that we know.
bool go_rules_read(struct go_rules *rules, const char *text);
// The canonical text, a string constant: the name of the set that these are, else all parts. Equal rules, equal texts.
const char *go_rules_text(const struct go_rules *rules);
struct go_rules go_rules_of(const struct game *game); // game: of Go
// Points that White gets in a game with this many handicap stones; one stone is no handicap.
double go_handicap_bonus(const struct game *game, int num_stones);

#endif
