#!/usr/bin/env bash
# Law: kill -9 at any instant of a training loses no game that the log has reported, and counts
# none twice. The same command goes on and ends well. After that, a cut, altered or foreign file is
# refused by its name.
#
#   kill.sh TENGEN [KILLS]      20 kills by default
set -euo pipefail
tengen=$1
kills=${2:-20}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
run=$dir/run
command=("$tengen" train --game tictactoe --run "$run" --games 1000000000 --seed 5 --set blocks=1 --set channels=8 --set slots=32
    --set evaluations=40 --set batch=64 --set window-min=500 --set gate-games=4 --set gate-visits=8 --set anchor-games=2
    --set checkpoints=400000) # one every 2,500 games, so that some kills fall into gates

fail() {
    echo "kill.sh: $*" >&2
    exit 1
}
# Changes the byte at OFFSET. It must not write a fixed letter, which could be the byte that is
# there.
alter() { # FILE OFFSET
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf "\\x$(printf %02x $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
query() { "$tengen" info "$run" --json | tr ',{' '\n\n' | sed -n "s/^\"$1\": *\"\{0,1\}\([^\"}]*\).*/\1/p" | head -n 1; }

last=0 i=0
while ((i < kills)); do
    "${command[@]}" >/dev/null 2>"$dir/stderr" &
    pid=$!
    sleep "$((RANDOM % 2)).$((RANDOM % 10))$((RANDOM % 10))"
    # Only the kill of a running process counts. One that had ended by itself had nothing left to
    # train, or failed.
    kill -9 "$pid" 2>/dev/null || fail "kill $((i + 1)): the training had ended by itself: $(tail -n 1 "$dir/stderr")"
    wait "$pid" 2>/dev/null || true
    i=$((i + 1))
    [ -f "$run/run.sqlite" ] || continue
    # What this session's log reported must be in the folder now.
    logged=$(sed -n 's/.*| \([0-9]*\) games.*/\1/p' "$run/log.txt" 2>/dev/null | tail -n 1 || true) # it may be killed before there is a log
    games=$(query games || true)
    [ "${games:-0}" -ge "${logged:-0}" ] || fail "kill $i: the log reported $logged games, the run holds $games"
    [ "${games:-0}" -ge "$last" ] || fail "kill $i: $games games after $last"
    last=${games:-0}
done
target=$((last + 3000))
"${command[@]}" --games "$target" --set checkpoints=12 >/dev/null 2>"$dir/stderr" || fail "the run did not end well: $(tail -n 1 "$dir/stderr")"
games=$(query games)
[ "$games" -ge "$target" ] || fail "ended with $games of $target games"
echo "$kills kills, $games games, best $(cat "$run/best")"

# Foreign, cut and altered files are refused by name.
net=$run/nets/$(cat "$run/best")
net=${net//nets\/nets/nets}
head -c 1000 "$net" >"$dir/cut.safetensors"
if "$tengen" info "$dir/cut.safetensors" 2>"$dir/message"; then fail "a cut net was accepted"; fi
grep -q cut.safetensors "$dir/message" || fail "the refusal does not name the file: $(cat "$dir/message")"
cp "$net" "$dir/altered.safetensors"
alter "$dir/altered.safetensors" $(($(stat -c %s "$net") - 9))
if "$tengen" info "$dir/altered.safetensors" 2>"$dir/message"; then fail "an altered net was accepted"; fi
grep -q altered.safetensors "$dir/message" || fail "the refusal does not name the file: $(cat "$dir/message")"
chunk=$(find "$run/replay" -name '*.chunk' | sort | tail -n 1)
alter "$chunk" 100
if "${command[@]}" --games "$((games + 1000))" >/dev/null 2>"$dir/message"; then fail "an altered chunk was accepted"; fi
grep -q "$(basename "$chunk")" "$dir/message" || fail "the refusal does not name the chunk: $(cat "$dir/message")"
