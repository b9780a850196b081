// The program's name, number and commit, put together from what the build knows.
#include "base/version.h"

#include <version_commit.h> // made by cmake/commit.cmake at every build

const char *version_program(void) {
    return sizeof VERSION_COMMIT > 1 ? "tengen " TENGEN_VERSION " (" VERSION_COMMIT ")" : "tengen " TENGEN_VERSION;
}
