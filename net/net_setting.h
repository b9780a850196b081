// The strengths that a net can play at: settings of its search that were rated against fixed
// opponents (net_meta.settings), and the ten levels that people choose by. Any thread.
#ifndef NET_NET_SETTING_H
#define NET_NET_SETTING_H

#include "net/net.h"

enum { NET_LEVELS = 10 };

// How nets are made weaker or stronger, from the weakest to the strongest: what `elo --dial` rates,
// and the levels of a net that was not rated. Elo is NAN there.
extern const struct net_setting net_usual_settings[NET_LEVELS];

// Adds a setting to the list, which stays sorted by Elo, or replaces the one with the same visits
// and temperature. Where the list is full nothing happens.
void net_settings_add(struct net_meta *meta, const struct net_setting *setting);
// The setting of a level from 1 to NET_LEVELS. Of a rated net the levels are spread over the list,
// from the lowest Elo to the highest.
struct net_setting net_level(const struct net_meta *meta, int level);
// The rated setting whose Elo is nearest to the wish. STATUS_USAGE, with the range that there is,
// where none is within NET_ELO_REACH; `name` is the model's, for that message.
#define NET_ELO_REACH 100.0
enum status net_setting_near(const struct net_meta *meta, double elo, const char *name, struct net_setting *out);

// "100 visits", "the raw net", "the raw net at temperature 1.5".
enum { NET_SETTING_BYTES = 64 };
char *net_setting_text(const struct net_setting *setting, char out[NET_SETTING_BYTES]);
// What an Elo on 9x9 is among people, as in "about 7 kyu", or NULL where nothing can be said. A guess: see the
// source.
enum { NET_RANK_BYTES = 32 };
const char *net_rank_text(const struct net_meta *meta, const struct net_setting *setting, char out[NET_RANK_BYTES]);

// An entry as the file has it: "visits 100 temperature 0 elo 2208.4 low 2150 high 2260 games 402".
char *net_setting_entry(const struct net_setting *setting, char *out, size_t out_bytes);
bool net_setting_read(const char *text, struct net_setting *out); // false: it is none

#endif
