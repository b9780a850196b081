#!/usr/bin/env bash
# shellcheck disable=SC2015,SC2016,SC2094
# ./quickstart in a tree of its own, where stand-ins replace everything slow (apt-get, cmake, the
# training). Wrong options are refused before anything is installed or built, a missing package
# costs no more than it must, and after Ctrl-C the user is told how to play. It also tests where
# runs lie that nobody named.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
source="$(realpath "$(dirname "$0")/../..")"
tree="$work/tree" bin="$work/bin"
mkdir -p "$tree/cmake" "$tree/selfplay" "$tree/cli" "$tree/game" "$tree/net" "$bin"
cp "$source/quickstart" "$tree"
sed 's,/usr/games,/nowhere,' "$source/cmake/packages.sh" >"$tree/cmake/packages.sh" # this machine may have GNU Go
cp "$source/selfplay/config.c" "$tree/selfplay"
cp "$source/cli/cmd_train.c" "$tree/cli"
cp "$source/game/game_table.h" "$tree/game"
cp "$source/net/devices.h" "$source/net/losses.h" "$tree/net"
export WORK="$work" REAL="$tengen"

# fake NAME: makes a program from standard input that also writes down how it was called.
fake() {
    { printf '#!/usr/bin/env bash\necho "%s $*" >>"$WORK/calls"\n' "$1" && cat; } >"$bin/$1"
    chmod +x "$bin/$1"
}
fake apt-get <<<'exit "${APT:-0}"'
fake sudo <<<'exit "${SUDO:-1}"'
fake id <<<'echo "${ID:-0}"'
fake nvidia-smi <<<'exit 1'
fake dpkg-query <<<'[[ " ${MISSING:-} " != *" ${*: -1} "* ]] && echo "install ok installed"'
fake gnugo <<<'exit 0'
# What the build makes is a program that names runs as the real one does, trains until it is
# stopped, or not at all, and wins every match.
cat >"$work/tengen" <<'END'
#!/usr/bin/env bash
echo "tengen $*" >>"$WORK/calls"
case "$1 $*" in
*--print-run*) exec "$REAL" "$@" ;;
info*) exec "$REAL" "$@" ;;
train*)
    run=""
    for word; do
        [[ "$run" == next ]] && run="$word" && break
        [[ "$word" == --run ]] && run=next
    done
    if [[ -n "${SLOW:-}" ]]; then
        trap 'mkdir -p "$run"; : >"$run/best"; exit 1' INT
        for ((i = 0; i < 300; i++)); do sleep 0.1; done
    fi
    mkdir -p "$run"
    : >"$run/best"
    ;;
match*) echo '{"games":20,"wins":20,"draws":0,"losses":0,"score":1,"score_low":0.8,"score_high":1}' ;;
esac
END
chmod +x "$work/tengen"
fake cmake <<<'mkdir -p build/release && cp "$WORK/tengen" build/release/tengen'

# quick STATUS ARGUMENT...: runs quickstart, with the words in $with for `env`.
with=()
quick() {
    local expected="$1" status=0
    shift
    rm -f "$work/calls"
    : >"$work/calls"
    (cd "$tree" && env "PATH=$bin:/usr/bin:/bin" "${with[@]}" timeout 60 ./quickstart "$@") >"$work/out" 2>"$work/err" </dev/null || status=$?
    [[ $status == "$expected" ]] || complain "quickstart $*: status $status, expected $expected: $(head -c 400 "$work/err")"
}
called() { grep -q -- "$1" "$work/calls"; }

# Wrong usage gives one line and status 2, and nothing has happened.
refused() {
    quick 2 "$@"
    [[ "$(wc -l <"$work/err")" == 1 && ! -s "$work/out" ]] || complain "quickstart $*: not one line: $(cat "$work/err" "$work/out")"
    ! called 'apt-get\|cmake\|tengen' || complain "quickstart $*: began with: $(cat "$work/calls")"
}
refused --siez 7
refused --size 25
refused --size 9x
refused --size
refused --game chess
refused --time ten
refused --time=
refused --threads many
refused --vram lots
refused --komi x
refused 7
refused -s 7
refused --
# What only the program knows is refused before the training.
quick 2 --game connect4 --size 12
! called 'tengen train.*--time' || complain "a board too large was trained on: $(cat "$work/calls")"

# quickstart knows every option that `tengen train` prints, with the kind of its value. The values
# are those of --print-config.
expect_exit 0 train --print-config
words=()
while IFS='=' read -r name value; do
    name="${name% }" value="${value# }"
    [[ -z "$value" || "$name" == @(game|size|time|games) ]] || words+=("--$name=$value")
done <"$work/out"
((${#words[@]} > 40)) || complain "few options: ${#words[@]}"
quick 0 "${words[@]}"
called 'tengen train.*--time' || complain "the program's own settings were not taken: $(cat "$work/err")"
expect_exit 0 train --help
while read -r name; do
    quick 2 "--$name=1" --siez # it must complain of the second option, not of the first
    grep -q -- '--siez: there is' "$work/err" || complain "quickstart does not know --$name: $(cat "$work/err")"
done < <(sed -n 's/^  --\([a-z0-9-]*\).*/\1/p' "$work/out" | grep -vx 'help\|game')

# A plain run prints the table, and says how to play.
quick 0
called 'tengen train --game go --size 7 --run runs/go-7 --time 10m' || complain "trained: $(cat "$work/calls")"
grep -q 'GNU Go, level 10 .*100 %' "$work/out" && grep -q 'tengen gtp .*/runs/go-7$' "$work/out" || complain "plain: $(cat "$work/out")"
grep -q 'tengen serve runs/go-7, then open http://127.0.0.1:8080/$' "$work/out" || complain "plain: $(cat "$work/out")"
grep -q 'Train on: .*./quickstart --game go --size 7 --time 30m' "$work/out" || complain "plain: $(cat "$work/out")"
quick 0 --game connect4 --seed 3 --time=1m
called 'tengen train --game connect4 --run runs/connect4-6x7 --time 1m --seed=3' || complain "connect4: $(cat "$work/calls")"
! grep -q 'GNU Go' "$work/out" || complain "GNU Go plays Connect Four: $(cat "$work/out")"

# If a package can't be installed, a needed one must be there by other means, and an optional one
# costs a line.
rm "$bin/gnugo"
with=(ID=1000 MISSING="gnugo gcc libsqlite3-dev")
quick 0
grep -q 'Without gnugo' "$work/out" && ! grep -q 'GNU Go, level' "$work/out" || complain "without GNU Go: $(cat "$work/out")"
with=(ID=1000 MISSING=gnugo)
quick 0
called 'sudo -n apt-get' || complain "asked for a password for what is optional: $(cat "$work/calls")"
with=(ID=0 APT=100 MISSING="gnugo libdnnl-dev")
quick 0
with=(ID=1000 MISSING="libzstd-dev gnugo")
fake gcc <<<'[[ "$*" != *zstd.h* ]]'
quick 1
[[ "$(tail -n 1 "$work/err")" == "quickstart: can't install libzstd-dev: "*"apt-get install libzstd-dev" ]] || complain "no zstd: $(cat "$work/err")"
rm "$bin/gcc"
with=()

# After Ctrl-C in the training it says how to play against what there is, and how to go on.
rm -rf "$tree/runs"
status=0
(cd "$tree" && SLOW=1 PATH="$bin:/usr/bin:/bin" timeout -s INT -k 30 3 ./quickstart) >"$work/out" 2>"$work/err" </dev/null || status=$?
[[ $status == 124 ]] || complain "stopped: status $status: $(cat "$work/err")"
grep -q 'tengen gtp .*/runs/go-7$' "$work/out" && grep -q 'Train on: .*./quickstart --game go --size 7' "$work/out" ||
    complain "stopped: $(cat "$work/out" "$work/err")"
! grep -q 'against.*games' "$work/out" || complain "stopped, and a table: $(cat "$work/out")"

# Runs lie in runs/GAME-SIZE, and a run in a folder that earlier versions named is continued.
cd "$work"
folder() {
    local expected="$1"
    shift
    expect_exit 0 train --print-run "$@"
    [[ "$(cat "$work/out")" == "$expected" ]] || complain "train $* lies in $(cat "$work/out"), not in $expected"
}
folder runs/go-9
folder runs/go-5x7 --size 5x7
folder runs/tictactoe-3 --game tictactoe
folder elsewhere/x --run elsewhere/x
"$tengen" train --game tictactoe --time 1s --run runs/tictactoe --quiet --set blocks=1 --set channels=8 >/dev/null
folder runs/tictactoe --game tictactoe
folder runs/go-3 --size 3 # runs/go3 is of another game
mv runs/tictactoe runs/tictactoe3
folder runs/tictactoe3 --set game=tictactoe
cp -r runs/tictactoe3 runs/tictactoe-3
folder runs/tictactoe-3 --game tictactoe
[[ ! -e runs/go-9 ]] || complain "--print-run made a folder"

# A run that is there gets more time.
mkdir -p "$tree/runs" && cp -r runs/tictactoe3 "$tree/runs/tictactoe-3"
with=()
quick 0 --game tictactoe --time 1m
called 'tengen train --game tictactoe --run runs/tictactoe-3 --more 1m' || complain "training on: $(cat "$work/calls")"

# Whoever gives no model is told which there are.
mkdir -p models && : >models/mine.safetensors
expect_refusal 2 gtp
grep -q 'here there are runs/tictactoe-3, runs/tictactoe3, models/mine$' err || complain "nothing is offered: $(cat err)"
for command in "gtp go5" "eval go5" "match random go5 --games 2" "info go5" "train --from go5 --run new --games 1" "selfplay go5 --games 1 --out out"; do
    # shellcheck disable=SC2086
    expect_refusal 1 $command
    grep -q 'go5: there is no such model file or run folder; here there are runs/tictactoe-3, runs/tictactoe3, models/mine$' err ||
        complain "$command: nothing is offered: $(cat err)"
done
expect_refusal 2 elo
grep -q 'here there are runs/tictactoe-3, runs/tictactoe3, models/mine$' err || complain "elo offers: $(cat err)"
for command in "elo go5" "export go5 out.safetensors" "gtp go5 --elo 5"; do
    # shellcheck disable=SC2086
    expect_refusal 1 $command
    grep -q 'go5: there is no such model file or run folder; here there are runs/tictactoe-3, runs/tictactoe3, models/mine$' err || complain "$command: $(cat err)"
done
finish
