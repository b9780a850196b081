// Which program this is; TENGEN_VERSION is its number.
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

// "tengen 0.1.0 (278dddf)": the commit that it was built from, '+' behind it where the tree had changes; without one where that was no clone.
const char *version_program(void);

#endif
