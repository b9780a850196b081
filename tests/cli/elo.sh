#!/usr/bin/env bash
# shellcheck disable=SC2015,SC2016,SC2094,SC2238,SC2258
# The ladder through the program: it rates a run, goes on where it ended (also after kill -9)
# without counting a game twice, and writes CSV and JSON that others can read. gtp plays at a
# measured strength.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$work"

"$tengen" train --game tictactoe --run run --games 4000 --seed 3 --quiet --set checkpoints=4 --set blocks=1 --set channels=8 \
    --set gate-games=4 --set gate-visits=4 >out 2>log || complain "train: $(tail -n 2 log)"
grep -q 'strength: .* Elo .*likely above' run/log.txt || complain "the training says nothing of its strength: $(tail -n 3 run/log.txt)"
if grep -q 'strength: .* Elo -\?[0-9]* +-' run/log.txt; then # it is known well enough to be a figure
    head -n 1 run/metrics.csv | grep -q ',elo' || complain "metrics.csv has no elo"
fi

elo() { timeout 120 "$tengen" elo run --visits 4 --only-anchors --anchor random --anchor uct:16 --anchor solver --interval 0 --time 60s --quiet "$@"; }
elo --games 60 --json >first 2>err || complain "elo: $(cat err)"
for key in player kind run step seconds elo elo_low elo_high games superiority positions device_hours best_moves key; do
    head -n 1 first | grep -q "\"$key\":" || complain "no '$key' in $(head -n 1 first)"
done
for key in scale anchor anchor_elo players games new_games duplicates forfeits disputes connected; do
    tail -n 1 first | grep -q "\"$key\":" || complain "no '$key' in $(tail -n 1 first)"
done
games="$(number first games)"
holds "$games >= 60 && $(number first new_games) <= $games" || complain "first: $(tail -n 1 first)"
elo --games 60 --json >again 2>err || complain "elo again: $(cat err)"
holds "$(number again new_games) <= 2 && $(number again games) >= $games" || complain "played again what was there: $(tail -n 1 again)"
elo --games $((games + 40)) --json >more 2>err || complain "elo with more games: $(cat err)"
holds "$(number more new_games) >= 20" || complain "did not go on: $(tail -n 1 more)"

# The CSV has a row for each player, with as many columns as the header. No comma is quoted here.
awk -F, 'NR == 1 { n = NF } NF != n { exit 1 }' run/elo.csv || complain "elo.csv: rows and header differ: $(head -n 2 run/elo.csv)"
head -n 1 run/elo.csv | grep -q '^run,name,kind,step .*seconds .*games .*positions .*device_hours .*elo .*elo_low .*elo_high .*games_rated .*best_moves' ||
    complain "elo.csv: $(head -n 1 run/elo.csv)"
[[ $(($(wc -l <run/elo.csv) - 1)) == $(($(wc -l <more) - 1)) ]] || complain "elo.csv and --json tell of different players"
if command -v gnuplot >/dev/null; then
    for file in elo.svg elo.png elo-games.png elo-device-hours.svg; do [[ -s run/$file ]] || complain "run/$file is missing"; done
fi

# With kill -9 at any moment the totals only rise, and the end is sound.
before="$(number more games)"
for i in 1 2 3 4 5; do
    "$tengen" elo run --visits 4 --only-anchors --anchor random --anchor uct:16 --anchor solver --interval 0 --time 0 --games 1000000 \
        --quiet >/dev/null 2>killed &
    pid=$!
    sleep "0.$((RANDOM % 10))$((RANDOM % 10))"
    kill -9 "$pid" 2>/dev/null || complain "kill $i: it had ended by itself: $(tail -n 1 killed)"
    wait "$pid" 2>/dev/null || true
    timeout 60 "$tengen" elo run --visits 4 --report --json --quiet >after 2>err || complain "report after kill $i: $(cat err)"
    games="$(number after games)"
    holds "$games >= $before" || complain "kill $i: $games games after $before"
    before="$games"
done
elo --games $((before + 10)) --json >after 2>err || complain "elo after the kills: $(cat err)"
# Every game counts for two players.
sum="$(sed -n 's/.*"games":\([0-9]*\).*/\1/p' after | sed '$d' | awk '{ s += $1 } END { print s }')"
holds "$sum == 2 * $(number after games)" || complain "players have $sum games, the ladder $(number after games)"

# gtp --elo plays with the net that is nearest to the wanted strength.
elo --games $((before + 60)) --dial --json >dial 2>err || complain "elo --dial: $(cat err)"
"$tengen" info run --json >info || complain "info: status $?"
grep -q '"dial":\[{' info || complain "info: no dial in $(head -c 600 info)"
grep -q '"temperature":1.4' info || complain "info: no temperatures in $(head -c 2000 info)"
# A net's file is rated without its run, in a folder that goes on like one.
expect_exit 0 export run net.safetensors
rate() { timeout 120 "$tengen" elo net.safetensors --run home --only-anchors --anchor random --anchor uct:16 --interval 0 --time 60s --quiet --json "$@"; }
rate --games 60 >rated 2>err || complain "elo of a file: $(cat err)"
rate --games 90 >more 2>err || complain "elo of a file again: $(cat err)"
holds "$(number more games) >= 90 && $(number more new_games) <= 40" || complain "a file's games are not kept: $(tail -n 1 more)"
grep -q 'visits=0,temperature=2' rated && grep -q 'visits=1600' rated || complain "not all settings: $(cat rated)"
expect_exit 0 export home again.safetensors
[[ "$("$tengen" info again.safetensors --json | grep -o '"digest":"[0-9a-f]*"')" == "$("$tengen" info net.safetensors --json | grep -o '"digest":"[0-9a-f]*"')" ]] ||
    complain "export of a rated file has other weights"
grep -aq '"setting1":"visits' again.safetensors || complain "the file has no settings: $(head -c 3000 again.safetensors | tr -d '\0')"
grep -aq '"learned1":"3x3 games 4[0-9]* positions [0-9]* rules standard"' net.safetensors || complain "the file says not what it learned: $(head -c 3000 net.safetensors | tr -d '\0')"
expect_refusal 2 train --game tictactoe --run home --games 10 --quiet
grep -q 'is no training' err || complain "training a file's folder: $(cat err)"
expect_refusal 2 gtp run --elo 9999
grep -q 'plays from' err || complain "the range is not said: $(cat err)"
expect_refusal 1 elo nothing-there
expect_refusal 2 elo run --games 0 --time 0 --interval 0
expect_refusal 2 elo run ./run
finish
