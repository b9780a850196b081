# Builds for ARM64 on another machine, and lets CTest run the tests under qemu-user (preset arm64).
# TENGEN_SYSROOT is the folder with Debian's ARM64 packages; CONTRIBUTING.md says how to fill it.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_SYSROOT "${TENGEN_SYSROOT}")
# CMake's trials of the compiler read this file, too.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TENGEN_SYSROOT)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L "${TENGEN_SYSROOT}")
# The processor and the CUDA of the building machine are not those to build for.
set(TENGEN_NATIVE OFF CACHE BOOL "")
set(TENGEN_CUDA OFF CACHE STRING "")
