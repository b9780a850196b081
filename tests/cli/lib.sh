# Sourced by the scripts of tests/cli. $tengen is the program, and $work a folder that is removed
# at the end.
# shellcheck shell=bash
set -euo pipefail
tengen="$(realpath "$1")"
work="$(mktemp -d)"
failures=0
trap 'rm -rf "$work"' EXIT

complain() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

# expect_exit STATUS ARGUMENT...: runs tengen, whose output goes to $work/out and $work/err.
expect_exit() {
    local expected="$1" status=0
    shift
    timeout 120 "$tengen" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    [[ $status == "$expected" ]] || complain "tengen $*: exit status $status, expected $expected: $(head -c 300 "$work/err")"
}

# expect_refusal STATUS ARGUMENT...: runs tengen, which must print nothing on stdout and one line
# on stderr.
expect_refusal() {
    expect_exit "$@"
    shift
    [[ ! -s "$work/out" ]] || complain "tengen $*: wrote to stdout: $(head -c 300 "$work/out")"
    [[ "$(wc -l <"$work/err")" == 1 ]] || complain "tengen $*: not one line on stderr: $(head -c 600 "$work/err")"
    grep -q '^tengen: ' "$work/err" || complain "tengen $*: stderr does not begin with the program's name"
}

# expect_in TEXT: the last output must contain it.
expect_in() { grep -qF -- "$1" "$work/out" || complain "'$1' is not in: $(head -c 600 "$work/out")"; }

# number FILE KEY: the value of a numeric key in the last JSON line of a file.
number() { tail -n 1 "$1" | sed -n "s/.*\"$2\":\(-\{0,1\}[0-9.e+-]*\).*/\1/p"; }

# holds EXPRESSION: whether awk finds it true.
holds() { awk "BEGIN { exit !($1) }"; }

finish() {
    ((failures == 0)) || {
        echo "$failures failures" >&2
        exit 1
    }
}
