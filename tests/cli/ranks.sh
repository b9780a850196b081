#!/usr/bin/env bash
# Laws of a training over the ranks of a job, on this machine:
#
#   - backend ref: three ranks with four slots play the games of one process with twelve, byte for
#     byte, and learn the same net; selfplay does the same without learning, and a
#     match has the same games and result
#   - a rank that was started with other settings is refused by its name, and a second job on the
#     same run is refused
#   - a rank that is killed or suspended, rank 0 included, ends the job within 30 s with a line that
#     names it; nothing that the log has reported is lost, and the same command goes on, also with
#     another number of ranks
#   - SIGTERM on any rank saves and stops all of them
#
#   ranks.sh TENGEN [FAILURES]      6 failures by default
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
failures_wanted="${2:-6}"
launcher="$(dirname "$0")/../cluster/ranks.sh"
TENGEN_MPIEXEC="${TENGEN_MPIEXEC:-$(command -v mpiexec || true)}"
export TENGEN_MPIEXEC
if [[ ! -x "$TENGEN_MPIEXEC" ]] || "$launcher" 2 "$tengen" train --help 2>&1 | grep -q "built without MPI"; then
    echo "skipped: no mpiexec here, or a build without MPI"
    exit 77
fi

settings=(--game tictactoe --backend ref --seed 5 --threads 1 --set blocks=1 --set channels=8 --set head-channels=4
    --set value-hidden=8 --set evaluations=40 --set batch=32 --set window-min=100 --set gate-games=4 --set gate-visits=8
    --set anchor-games=2)
# job RANKS ARGUMENT...: a training over ranks.
job() {
    local ranks="$1"
    shift
    "$launcher" "$ranks" "$tengen" train "${settings[@]}" "$@"
}

# The same games and the same net.
"$tengen" train "${settings[@]}" --games 300 --set checkpoints=2 --slots 12 --run "$work/one" >"$work/one.out" 2>&1 ||
    complain "one process: $(tail -n 1 "$work/one.out")"
job 3 --games 300 --set checkpoints=2 --slots 4 --run "$work/three" >"$work/three.out" 2>"$work/three.err" ||
    complain "three ranks: $(tail -n 5 "$work/three.err")"
digest() { sed -n 's/.*digest \([0-9a-f]\{64\}\)$/\1/p' "$1"; }
[[ -n "$(digest "$work/one.out")" && "$(digest "$work/one.out")" == "$(digest "$work/three.out")" ]] ||
    complain "three ranks have learned another net: $(cat "$work/one.out" "$work/three.out")"
cmp "$work/one/best" "$work/three/best" || complain "three ranks of a gate have decided otherwise"
compared=0
for chunk in "$work"/one/replay/*.chunk; do
    cmp "$chunk" "$work/three/replay/$(basename "$chunk")" || complain "three ranks have played other games"
    compared=$((compared + 1))
done
((compared > 3)) || complain "only $compared chunks were compared"
grep -q '^ranks: .* sent a game, .* a step; waited for others: [0-9]* [0-9]* [0-9]* %' "$work/three.err" ||
    complain "the log does not say what the ranks cost: $(cat "$work/three.err")"
[[ "$(wc -l <"$work/three.out")" == 1 ]] || complain "more than rank 0 has written to stdout"

# Games without learning.
"$tengen" selfplay "$work/one" --games 60 --slots 12 --backend ref --threads 1 --out "$work/games1" >"$work/out" 2>&1 ||
    complain "selfplay: $(cat "$work/out")"
"$launcher" 3 "$tengen" selfplay "$work/one" --games 60 --slots 4 --backend ref --threads 1 --out "$work/games3" >"$work/out" 2>&1 ||
    complain "selfplay over ranks: $(cat "$work/out")"
diff -r "$work/games1" "$work/games3" >&2 || complain "three ranks of selfplay have played other games"
[[ -s "$work/games1/000000.chunk" ]] || complain "selfplay has written no games"

# A match: the same games with the same result, in full and with a sequential test.
for more in "" "--sprt --elo1 200"; do
    for ranks in 1 3; do
        # shellcheck disable=SC2086
        "$launcher" $ranks "$tengen" match random uct:30 --game hex --size 5 --games 40 --json $more 2>"$work/err" |
            sed 's/"seconds":[0-9.e-]*//' | sort >"$work/match$ranks"
    done
    [[ -z "$more" ]] && { cmp "$work/match1" "$work/match3" || complain "three ranks have played another match"; }
    result1="$(grep '"games"' "$work/match1")" result3="$(grep '"games"' "$work/match3")"
    [[ -n "$result1" && "$result1" == "$result3" ]] || complain "a match over ranks has another result: $result1 $result3"
done

# Other settings on a rank. Its slots may differ.
"$launcher" 1 "$tengen" train "${settings[@]}" --run "$work/three" --games 310 --slots 4 \
    : -n 1 "$tengen" train "${settings[@]}" --games 310 --slots 5 --set reuse=2 >"$work/out" 2>"$work/err" &&
    complain "a rank with other settings was accepted"
grep -q '^tengen: rank 1 on .* was started with other settings: reuse = 2 instead of reuse = 3' "$work/err" ||
    complain "the refusal does not name the rank: $(cat "$work/err")"
"$launcher" 1 "$tengen" train "${settings[@]}" --run "$work/three" --games 310 --slots 4 \
    : -n 1 "$tengen" train "${settings[@]}" --games 310 --slots 5 >"$work/out" 2>"$work/err" ||
    complain "ranks with other numbers of slots were refused: $(tail -n 3 "$work/err")"
# What is wrong with the command line is said once.
job 3 --games nonsense >"$work/out" 2>"$work/err" && complain "nonsense was accepted"
[[ "$(grep -c "^tengen: " "$work/err")" == 1 ]] || complain "not one line: $(cat "$work/err")"

# begin RANKS: a training in the background. mpiexec is $job, and the ranks' process ids are in pid[].
begin() {
    local i rank process
    # Not by job(), so that $! is mpiexec itself.
    "$launcher" "$1" "$tengen" train "${settings[@]}" --slots 4 --run "$work/run" --games 1000000000 --set checkpoints=400000 \
        --stop-status 0 >"$work/out" 2>"$work/err" &
    job=$!
    pid=()
    for ((i = 0; i < 600; i++)); do
        sleep 0.1
        grep -q '^plan: ' "$work/err" && break
        kill -0 $job 2>/dev/null || break
    done
    for process in $(pgrep -P "$job"); do
        rank="$(tr '\0' '\n' <"/proc/$process/environ" 2>/dev/null | sed -n 's/^\(OMPI_COMM_WORLD_RANK\|PMI_RANK\)=//p' | head -n 1)"
        [[ -z "$rank" ]] || pid[rank]=$process
    done
    ((${#pid[@]} == $1)) || complain "found ${#pid[@]} of $1 ranks: $(tail -n 3 "$work/err")"
}
games() { "$tengen" info "$work/run" --json | tr ',{' '\n\n' | sed -n 's/^"games": *\([0-9]*\).*/\1/p' | head -n 1; }
logged() { sed -n 's/.*| \([0-9]*\) games.*/\1/p' "$work/run/log.txt" 2>/dev/null | tail -n 1; }

# A second job on the same run.
begin 2
job 2 --slots 4 --run "$work/run" --games 1000000000 >"$work/out2" 2>"$work/err2" && complain "a second job on one run was accepted"
grep -q '^tengen: .*run' "$work/err2" || complain "the refusal does not name the run: $(cat "$work/err2")"
# SIGTERM on a rank above 0 saves.
kill -TERM "${pid[1]}"
wait "$job" || complain "a stop of rank 1: exit status $? with --stop-status 0: $(tail -n 5 "$work/err")"
grep -q 'stopped; everything is saved' "$work/err" || complain "a stop of rank 1 was not one: $(tail -n 5 "$work/err")"

last=0
for ((i = 1; i <= failures_wanted; i++)); do
    ranks=$((2 + RANDOM % 2)) victim=$((RANDOM % ranks)) signal=KILL
    ((i % 2)) || signal=STOP
    begin $ranks
    sleep "$((RANDOM % 2)).$((RANDOM % 10))"
    before="$(date +%s%N)"
    kill -$signal "${pid[victim]}" || complain "failure $i: rank $victim had ended by itself: $(tail -n 3 "$work/err")"
    wait "$job" 2>/dev/null && complain "failure $i: the job has ended well"
    took=$((($(date +%s%N) - before) / 1000000))
    ((took < 30000)) || complain "failure $i ($signal of rank $victim of $ranks): the job took $took ms to end"
    # A killed process is reported by the launcher, which alone knows its signal.
    grep -q "rank $victim \(on\|with PID\)" "$work/err" ||
        complain "failure $i ($signal of rank $victim of $ranks): no line names it: $(tail -n 12 "$work/err")"
    now="$(games)" said="$(logged)"
    ((${now:-0} >= ${said:-0} && ${now:-0} >= last)) || complain "failure $i: $now games, $said were logged, $last were there before"
    last=${now:-0}
    echo "failure $i: $signal of rank $victim of $ranks, ended after $took ms, $last games"
done
# The end, with one process.
"$tengen" train "${settings[@]}" --slots 4 --run "$work/run" --games $((last + 200)) --set checkpoints=2 >"$work/out" 2>"$work/err" ||
    complain "the run did not end well: $(tail -n 2 "$work/err")"
finish
