#!/usr/bin/env bash
# Runs a program as a job of ranks on this machine: ranks.sh RANKS PROGRAM [ARGUMENT]... It is
# skipped (77) where there is no mpirun.
set -euo pipefail
mpiexec="${TENGEN_MPIEXEC:-$(command -v mpiexec || true)}"
ranks="$1"
shift
[[ -x "$mpiexec" ]] || {
    echo "skipped: there is no mpiexec here"
    exit 77
}
# Tests run as root in containers, and with more ranks than cores. MPICH has none of these limits.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
# Open MPI keeps some memory until the process ends.
export ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}"
exec "$mpiexec" -n "$ranks" "$@"
