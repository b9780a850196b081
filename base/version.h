// Which program this is. The build defines TENGEN_VERSION, its number.
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

// "tengen 0.1.0 (278dddf)". In parentheses is the commit that it was built from, followed by '+'
// when the files differed from it. They are missing when it was not built in a clone of the
// repository.
const char *version_program(void);

#endif
