// Fixed handicap [GTP 2, section 4.1.1]: third line below 13, fourth from 13; up to 9 stones on odd boards from 9 up, else 4; none
// below 7.
#include "gtp/gtp_engine.h"

int gtp_handicap_points(int size, int num_stones, uint16_t points[9]) {
    const int most = size < 7 ? 0 : size == 7 || size % 2 == 0 ? 4 : 9;
    if (num_stones < 2 || num_stones > most) return 0;
    const int low = size < 13 ? 2 : 3, high = size - 1 - low, middle = size / 2;
    // {row from the bottom, column}: corners, left and right side, bottom and top.
    const int order[8][2] = {{low, low},    {high, high},   {high, low},   {low, high},
                             {middle, low}, {middle, high}, {low, middle}, {high, middle}};
    const bool centre = num_stones >= 5 && num_stones % 2 == 1;
    int n = 0;
    for (int i = 0; i < num_stones - centre; i++) points[n++] = (size - 1 - order[i][0]) * size + order[i][1];
    if (centre) points[n++] = middle * size + middle;
    return n;
}
