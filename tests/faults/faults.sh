#!/usr/bin/env bash
# Law: whatever call on a file fails or kills a training, the same command goes on afterwards and
# ends well, and no game that the log has reported is lost. A failure gives one line and exit
# status 1, or nothing at all if the call did not matter.
#
#   faults.sh TENGEN SHIM [STRIDE]
#
# For each kind of fault it tries every STRIDE-th call (23). To try every call takes a quarter of
# an hour of processor time.
set -euo pipefail
tengen=$(realpath "$1") shim=$2 stride=${3:-23}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=$work/run
command=("$tengen" train --game tictactoe --run "$run" --threads 1 --backend ref --seed 5 --set blocks=1 --set channels=8
    --set head-channels=4 --set value-hidden=8 --set slots=16 --set evaluations=24 --set batch=16 --set shards=1
    --set window-min=200 --set gate-games=2 --set gate-visits=4 --set anchor-games=0 --set checkpoints=2 --set keep-games=40)
games=120

fail() {
    echo "faults.sh: $*" >&2
    cat "$work/err" >&2 || true
    exit 1
}
value() { "$tengen" info "$run" --json 2>/dev/null | tr ',{' '\n\n' | sed -n "s/^\"games\": *\([0-9]*\).*/\1/p" | head -n 1; }

# One training without a fault, to count its calls.
LD_PRELOAD=$shim FAULT_FOLDER=$run FAULT_COUNT=$work/count "${command[@]}" --games "$games" >/dev/null 2>"$work/err" ||
    fail "the training without a fault failed"
calls=$(cat "$work/count")
((calls > 50)) || fail "only $calls calls on files: the shim does not see them"

tried=0 failed=0 offset=0
for kind in kill ENOSPC EIO short; do
    offset=$((offset + 5))
    for ((at = 1 + offset % stride; at <= calls; at += stride)); do
        rm -rf "$run"
        status=0
        { # the outer redirection hides what the shell says about a killed program
            LD_PRELOAD=$shim FAULT_FOLDER=$run FAULT_AT=$at FAULT_KIND=$kind timeout 60 "${command[@]}" --games "$games" \
                >/dev/null 2>"$work/err" || status=$?
        } 2>/dev/null
        case $kind:$status in
        kill:137 | *:0) ;;
        *:1)
            failed=$((failed + 1))
            said=$(grep -c '^tengen: ' "$work/err" || true)
            [[ $said == 1 ]] || fail "$kind at call $at: exit status 1, and $said lines say why"
            ;;
        *) fail "$kind at call $at: exit status $status" ;;
        esac
        logged=$(sed -n 's/.*| \([0-9]*\) games.*/\1/p' "$run/log.txt" 2>/dev/null | tail -n 1 || true)
        if [[ -e "$run/run.sqlite" && -n "$logged" ]]; then
            held=$(value)
            ((${held:-0} >= logged)) || fail "$kind at call $at: the log reported $logged games, the run holds ${held:-none}"
        fi
        timeout 60 "${command[@]}" --games $((games + 60)) >/dev/null 2>"$work/err" || fail "$kind at call $at: it does not go on"
        held=$(value)
        ((${held:-0} >= games + 60 && ${held:-0} >= ${logged:-0})) || fail "$kind at call $at: ended with ${held:-no} games"
        leftover=$(find "$run" -name '*.tmp*' -o -name '.*.tmp*' | head -n 1)
        [[ -z "$leftover" ]] || fail "$kind at call $at: a temporary file stays: $leftover"
        tried=$((tried + 1))
    done
done
((failed > 0)) || fail "no fault was ever noticed"
echo "$tried faults at $calls calls, $failed of them ended the training, all went on"
