// The points of handicap stones.
#ifndef GTP_GTP_HANDICAP_H
#define GTP_GTP_HANDICAP_H

#include <stdint.h>

// The fixed handicap points in the order of the standard [GTP 2, 4.1.1]. Returns their number; 0:
// the standard has none for this board and number of stones. It has none for oblong boards.
int gtp_handicap_points(int width, int height, int num_stones, uint16_t points[9]);

#endif
