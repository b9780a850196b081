#!/usr/bin/env bash
# Law: whatever call on a file fails or kills a command, the same command goes on afterwards and
# ends well, and nothing is lost that was there before: no game that the log has reported, no net
# that was exported, no game of the ladder. A failure gives one line and exit status 1, or nothing
# at all if the call did not matter.
#
#   faults.sh TENGEN SHIM [STRIDE [PART...]]
#
# For each kind of fault it tries every STRIDE-th call (23). To try every call takes half an hour of
# processor time. A PART is new, from, export or elo; without one it tries all of them.
set -euo pipefail
tengen=$(realpath "$1") shim=$2 stride=${3:-23}
parts=("${@:4}")
((${#parts[@]})) || parts=(new from export elo)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=$work/run games=120 kind="" at=0
training=(train --game tictactoe --threads 1 --backend ref --seed 5 --set blocks=1 --set channels=8
    --set head-channels=4 --set value-hidden=8 --set slots=16 --set evaluations=24 --set batch=16 --set shards=1
    --set window-min=200 --set gate-games=2 --set gate-visits=4 --set anchor-games=0 --set checkpoints=2 --set keep-games=40)
rating=(--only-anchors --anchor random --anchor uct:4 --visits 0 --threads 1 --interval 0 --games)

fail() {
    echo "faults.sh: $part: ${kind:+$kind at call $at: }$*" >&2
    cat "$work/err" >&2 || true
    exit 1
}
# Without gnuplot, which would have calls of its own.
tengen() { timeout 60 env PATH="$work" "$@" "${command[@]}" >"$work/out" 2>"$work/err" </dev/null; }
# number KEY ARGUMENT...: of the last JSON line that the program prints; 0 where there is none.
number() {
    local key="\"$1\":"
    shift
    { "$tengen" "$@" --json 2>/dev/null || true; } | tail -n 1 | tr ',{' '[\n*]' | awk -v key="$key" '
        !is_found && index($0, key) == 1 { print substr($0, length(key) + 1) + 0; is_found = 1 }
        END { if (!is_found) print 0 }'
}
held() { if [[ $part == elo ]]; then number games elo "$run" --report; else number games info "$run"; fi; }

before() { # what is there when the command begins
    rm -rf "$run"
    case $part in
    export) mkdir "$run" && cp "$work/net" "$run/net" ;;
    elo) cp -r "$work/parent" "$run" ;;
    esac
}
after() { # nothing is lost by the fault
    case $part in
    new | from)
        logged=$(sed -n 's/.*| \([0-9]*\) games.*/\1/p' "$run/log.txt" 2>/dev/null | tail -n 1 || true)
        [[ ! -e "$run/run.sqlite" ]] || (($(held) >= ${logged:-0})) || fail "the log reported $logged games, the run holds $(held)"
        ;;
    export) "$tengen" info "$run/net" >/dev/null 2>"$work/err" || fail "the net is neither the old one nor the new one" ;;
    elo) (($(held) >= 4)) || fail "the ladder held 4 games, and $(held) now" ;;
    esac
}
finally() { # the command has gone on
    case $part in
    new | from) (($(held) >= games + 60 && $(held) >= ${logged:-0})) || fail "ended with $(held) games" ;;
    export) ! cmp -s "$work/net" "$run/net" || fail "the net is still the old one" ;;
    elo) (($(held) == 8)) || fail "ended with $(held) games in the ladder" ;;
    esac
    leftover=$(find "$run" -name '*.tmp*' | head -n 1)
    [[ -z "$leftover" ]] || fail "a temporary file stays: $leftover"
}

sweep() {
    local tried=0 failed=0 offset=0 status said calls again=() command=()
    case $part in
    new) command=("$tengen" "${training[@]}" --run "$run" --games "$games") again=(--games $((games + 60))) ;;
    from) command=("$tengen" "${training[@]}" --run "$run" --games "$games" --from "$work/parent") again=(--games $((games + 60))) ;;
    export) command=("$tengen" export "$work/parent" "$run/net") ;;
    elo) command=("$tengen" elo "$run" "${rating[@]}" 8) ;;
    esac
    kind=""
    before
    tengen LD_PRELOAD="$shim" FAULT_FOLDER="$run" FAULT_COUNT="$work/count" || fail "it does not end well without a fault"
    calls=$(cat "$work/count")
    ((calls > 5)) || fail "only $calls calls on files: the shim does not see them"
    for kind in kill ENOSPC EIO short; do
        offset=$((offset + 5))
        for ((at = 1 + offset % (stride < calls ? stride : 1); at <= calls; at += stride < calls ? stride : 1)); do
            before
            status=0
            { # the outer redirection hides what the shell says about a killed program
                tengen LD_PRELOAD="$shim" FAULT_FOLDER="$run" FAULT_AT=$at FAULT_KIND=$kind || status=$?
            } 2>/dev/null
            case $kind:$status in
            kill:137 | *:0) ;;
            *:1)
                failed=$((failed + 1))
                said=$(grep -c '^tengen: ' "$work/err" || true)
                [[ $said == 1 ]] || fail "exit status 1, and $said lines say why"
                ;;
            *) fail "exit status $status" ;;
            esac
            after
            command+=("${again[@]}")
            tengen || fail "it does not go on"
            finally
            ((${#again[@]} == 0)) || command=("${command[@]:0:${#command[@]}-2}")
            tried=$((tried + 1))
        done
    done
    ((failed > 0)) || fail "no fault was ever noticed"
    echo "$part: $tried faults at $calls calls, $failed of them ended the command, all went on"
}

# What the others begin with: a run with a ladder of four games, and a net of no games.
part=begin
for command in "${training[*]} --run $work/parent --games 60" "elo $work/parent ${rating[*]} 4" \
    "${training[*]} --run $work/other --games 1" "export $work/other $work/net"; do
    read -ra command <<<"$tengen $command"
    tengen || fail "${command[*]}"
done
for part in "${parts[@]}"; do sweep; done
