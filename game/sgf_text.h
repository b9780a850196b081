// The encodings of SGF files. Only game/ and its tests include this; everybody else uses
// game/sgf.h.
//
// In Shift_JIS, GBK, GB18030 and Big5 the second byte of a character may be that of "]" or "\", so
// that such a file can't be read by its bytes. It is turned into UTF-8 first.
#ifndef GAME_SGF_TEXT_H
#define GAME_SGF_TEXT_H

#include <stddef.h>

// Returns the text in UTF-8, for the caller to free; NULL: it is in UTF-8 or ASCII already.
//
// The encoding is the one that the property CA names. Where CA is missing and the bytes are not
// UTF-8, or where reading by CA does not end where the file does, it is the one in which most
// characters are common ones and the file can be read to its end. What can't be decoded becomes
// U+FFFD. note: says which encoding was guessed; else it is made empty.
char *sgf_text_utf8(const char *text, char *note, size_t note_bytes);

#endif
