// Making foreign text harmless. A command to a terminal begins with a control code: ESC, or one of
// the C1 codes that xterm and others take for "ESC [" and the like. In UTF-8 the C1 codes are the
// bytes 0xC2 0x80 to 0xC2 0x9F; a terminal that is not set to UTF-8 also takes the single bytes
// 0x80 to 0x9F for them. So text is decoded strictly, and neither controls nor bytes that are not
// UTF-8 are let through.
#include "base/text.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

size_t text_decode(const char *text, uint32_t *code) {
    const unsigned char *at = (const unsigned char *)text;
    const size_t length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;
    if (length < 2) {
        if (length) *code = at[0];
        return length;
    }
    uint32_t value = at[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) return 0; // this stops at the terminating zero, too
        value = value << 6 | (at[i] & 0x3f);
    }
    if ((length == 3 && (value < 0x800 || (value >= 0xd800 && value < 0xe000))) ||
        (length == 4 && (value < 0x10000 || value > 0x10ffff)))
        return 0;
    *code = value;
    return length;
}

bool text_is_control(uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 || code == 0x200e ||
           code == 0x200f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

char *text_printable(char *text) {
    const char *from = text;
    char *to = text;
    while (*from) {
        uint32_t code;
        const size_t length = text_decode(from, &code);
        if (length && !text_is_control(code)) {
            memmove(to, from, length);
            to += length;
        } else {
            const bool is_blank =
                length && ((code >= '\t' && code <= '\r') || code == 0x85 || code == 0x2028 || code == 0x2029);
            *to++ = is_blank ? ' ' : '?';
        }
        from += length ? length : 1;
    }
    *to = 0;
    return text;
}

char *text_utf8(char *text) {
    for (char *at = text; *at;) {
        uint32_t code;
        const size_t length = text_decode(at, &code);
        if (!length) *at = '?';
        at += length ? length : 1;
    }
    return text;
}

void text_print(FILE *out, const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    const int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0) memory_failed(0, "a line of output");
    size_t kept = (size_t)length;
    while (kept > 0 && text[kept - 1] == '\n') kept--;
    const size_t num_ends = (size_t)length - kept;
    text[kept] = 0;
    text_printable(text);
    const size_t shown = strlen(text);
    memset(text + shown, '\n', num_ends); // text_printable never makes a text longer
    fwrite(text, 1, shown + num_ends, out);
    free(text);
}
