// Foreign text on its way to a terminal or into a log: a net's metadata, names in a database, a
// game record, what another program said, a file's name. None of it may move the cursor, change
// colours, or pretend to be another line. Any thread may call these functions.
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// Decodes the character that `text` begins with, by strict UTF-8 [RFC 3629]: returns how many bytes
// it takes, 1 to 4, and sets *code. Where the bytes are no character (cut short, overlong, a
// surrogate, beyond U+10FFFF) it returns 0 and leaves *code alone. The terminating zero is a
// character of 1 byte with code 0.
size_t text_decode(const char *text, uint32_t *code);
// Whether a terminal may act on this character instead of showing it: the control codes of ASCII
// and Latin-1 (U+0000 to U+001F, U+007F to U+009F), line and paragraph separators, and the marks
// that turn the direction of what follows.
bool text_is_control(uint32_t code);
// Makes `text` printable in place, never longer: a blank of any kind (tab, line end) becomes a
// space; every other control and every byte that is not UTF-8 becomes '?'. Returns `text`.
char *text_printable(char *text);
// Makes `text` UTF-8 in place, never longer: every byte that is not UTF-8 becomes '?', and controls
// stay. Returns `text`.
char *text_utf8(char *text);
// printf for results that hold foreign text: what is formatted is made printable, except for the
// newlines at its end.
void text_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
