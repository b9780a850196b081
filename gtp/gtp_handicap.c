// The points of a fixed handicap [GTP 2, section 4.1.1]. They are on the third line on boards
// smaller than 13, and on the fourth from 13 up. Odd boards from 9 up have nine points, the others
// four, and boards smaller than 7 and oblong ones none.
#include "gtp/gtp_handicap.h"

#include <stdbool.h>

int gtp_handicap_points(int width, int height, int num_stones, uint16_t points[9]) {
    const int size = width, most = size < 7 || width != height ? 0 : size == 7 || size % 2 == 0 ? 4 : 9;
    if (num_stones < 2 || num_stones > most) return 0;
    const int low = size < 13 ? 2 : 3, high = size - 1 - low, middle = size / 2;
    // {row from the bottom, column} of the corners, the left and right sides, the bottom and the
    // top.
    const int order[8][2] = {{low, low},    {high, high},   {high, low},   {low, high},
                             {middle, low}, {middle, high}, {low, middle}, {high, middle}};
    const bool centre = num_stones >= 5 && num_stones % 2 == 1;
    int n = 0;
    for (int i = 0; i < num_stones - centre; i++) points[n++] = (size - 1 - order[i][0]) * size + order[i][1];
    if (centre) points[n++] = middle * size + middle;
    return n;
}
