// Squares as letter and number, for games whose columns are a, b, c and so on with none left out
// (Hex, Gomoku, Breakthrough). Only game/ and its tests include this.
#ifndef GAME_NOTATION_H
#define GAME_NOTATION_H

// Reads `c2` at the start of `text` into x = 2 and number = 2, where 1 <= number <= height without
// a leading zero. Returns how many characters it has read, 0 where there is no square of such a
// board.
static inline int square_parse(const char *text, int height, int width, int *x, int *number) {
    const int column = text[0] ? (text[0] | 32) - 'a' : -1;
    if (column < 0 || column >= width || text[1] < '1' || text[1] > '9') return 0;
    int value = text[1] - '0', read = 2;
    if (text[2] >= '0' && text[2] <= '9') value = 10 * value + text[read++] - '0';
    if (value > height) return 0;
    *x = column;
    *number = value;
    return read;
}

#endif
