#!/usr/bin/env bash
# shellcheck disable=SC2015,SC2016,SC2094,SC2238,SC2258
# The whole loop through the program: a net that has trained for a minute beats random play and its
# own start, and the run goes on.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$work"
time="${2:-60s}"

train() { "$tengen" train --size 5 --run run "$@" >out 2>>log || complain "train $*: status $?: $(tail -n 3 log)"; }
train --time "$time" --set gate-games=10 --set anchor-games=4 --set checkpoints=3
for file in config.ini run.sqlite best metrics.csv log.txt; do [[ -e run/$file ]] || complain "run/$file is missing"; done
[[ "$(find run/nets -name '*.safetensors' | wc -l)" -ge 1 ]] || complain "no net was written"

"$tengen" info run --json >info
for key in kind game sizes blocks channels parameters step games digest provenance; do
    grep -q "\"$key\":" info || complain "info: no '$key' in $(cat info)"
done
games="$(number info games)" step="$(number info step)"
holds "$games > 100 && $step > 50" || complain "too little happened: $games games, $step steps"
holds "$(number info samples) == $step * 256" || complain "figures of the run and of its best net are mixed: $(cat info)"

"$tengen" eval run --json >eval
for key in to_move winrate draw score policy best visits ownership; do
    grep -q "\"$key\":" eval || complain "eval: no '$key' in $(head -c 300 eval)"
done
"$tengen" eval run --visits 50 --json >eval
visits="$(grep -o '"visits":[0-9]*' eval | head -n 1)" # before those of single moves
[[ "$visits" == '"visits":50' ]] || complain "eval: $visits instead of 50"

# Equal players would score within 0.16 of 0.5, which is four standard errors of 40 games.
"$tengen" match run random --games 40 --visits 50 --json >match
echo "against random: $(tail -n 1 match)" >&2
holds "$(number match score) >= 0.85" || complain "scores only $(number match score) against random"
[[ "$(number match distinct)" -ge 30 ]] || complain "only $(number match distinct) of 40 games differ"

printf 'boardsize 5\nclear_board\nkomi 0.5\ngenmove b\n7 showboard\nquit\n' | "$tengen" gtp run --visits 20 >gtp
grep -Eq '^= ([A-E][1-5]|pass)' gtp && grep -q '^=7' gtp || complain "gtp: $(cat gtp)"

"$tengen" selfplay run --games 6 --out games --visits 8 --quiet >out || complain "selfplay: status $?"
[[ "$(find games -name '*.sgf' | wc -l)" == 6 ]] || complain "selfplay: $(ls games)"
"$tengen" eval run --sgf "$(find games -name '*.sgf' | sort | head -n 1)" --move 2 --json >eval || complain "eval --sgf: status $?"

# The same run goes on: more games, more steps, nothing lost.
train --more 5s
"$tengen" info run --json >info
holds "$(number info games) >= $games && $(number info step) >= $step" || complain "going on lost games or steps: $(cat info)"

# A cut net is refused by name.
best="run/nets/$(basename "$(cat run/best)")"
head -c 1000 "$best" >cut.safetensors
expect_refusal 1 eval cut.safetensors
grep -q cut.safetensors "$work/err" || complain "the cut file is not named: $(cat "$work/err")"
finish
