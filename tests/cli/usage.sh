#!/usr/bin/env bash
# shellcheck disable=SC2015,SC2016,SC2094,SC2238,SC2258
# Wrong usage is refused with status 2 and one line, failures of the world with status 1 and one
# line. Help lists every promised option.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$work"

commands=(train gtp match elo selfplay eval perft rules legal bench info devices analysis review exam scale audit)

# Every command has help, which can be asked for in two ways, with every promised option.
expect_exit 0 --help
for command in "${commands[@]}"; do expect_in "  $command "; done
declare -A promised=(
    [train]="from freeze-trunk sizes game size komi rules run time games backend threads seed config set print-config disk memory"
    [gtp]="visits time-per-move" [match]="games size komi sgf json" [selfplay]="games out"
    [scale]="game size komi rules shapes budget seeds hold-out rate interval visits dial out set report threads processor-time"
    [elo]="anchor games time interval visits checkpoints threads sgf json"
    [audit]="backend quiet json" [exam]="subjects visits items seed checkpoints beside out json"
    [eval]="sgf move moves visits solver positions plies json game size komi rules" [perft]="size" [rules]="size komi rules" [legal]="size"
    [bench]="game size backend threads seconds json blocks channels batch" [info]="json" [devices]="json"
    [analysis]="visits rules winrates-as batch leaves threads" [review]="model visits worst out json")
for command in "${commands[@]}"; do
    expect_exit 0 "$command" --help
    for option in ${promised[$command]} help; do expect_in "  --$option"; done
    cp "$work/out" "$work/help"
    expect_exit 0 help "$command"
    cmp -s "$work/out" "$work/help" || complain "'tengen help $command' differs from 'tengen $command --help'"
done
# Where any game may be given, the help names every game of the table, as the error for an unknown
# one lists them.
expect_refusal 2 perft no-such-game 1
games="$(sed -n 's/.*known: \(.*\))/\1/p' "$work/err" | tr -d ',')"
[[ "$(wc -w <<<"$games")" -ge 7 ]] || complain "few games are known: $games"
for command in train match perft rules bench; do
    expect_exit 0 "$command" --help
    for game in $games; do expect_in "  $game "; done
done
expect_exit 0 --version
expect_in "tengen 0."

# With standard streams closed nothing is written into the next files that are opened.
tiny=(--game tictactoe --games 20 --threads 1 --set slots=8 --set evaluations=32 --set gate-games=0 --set anchor-games=0)
"$tengen" train --run closed "${tiny[@]}" <&- >&- 2>&- || complain "train with its streams closed: exit status $?"
[[ "$(cat closed/lock)" =~ ^[0-9]+$ ]] || complain "closed/lock holds $(head -c 100 closed/lock)"
grep -q '^checkpoint: ' closed/log.txt || complain "closed/log.txt says nothing of a checkpoint"

# A path that is too long is refused where it is used, whatever is appended to it on the way.
for length in 4072 4090 6000; do
    long="$(printf './%.0s' $(seq 3000))"
    long="${long:0:length / 2 * 2 - 6}closed" # the run of above, by a long path
    for command in "elo $long" "info $long" "gtp $long" "eval $long" "export $long x.safetensors" \
        "elo $long --report" "train --run $long --more 1s --quiet"; do
        status=0
        # shellcheck disable=SC2086
        timeout 120 "$tengen" $command >"$work/out" 2>"$work/err" </dev/null || status=$?
        ((status <= 2)) || complain "${command%% *} with a path of $length characters: exit status $status"
        ((status == 0)) || [[ "$(wc -l <"$work/err")" == 1 ]] || complain "${command%% *} with a path of $length characters: not one line on stderr"
    done
done

# Every command refuses nonsense.
expect_refusal 2
expect_refusal 2 trian
grep -q "did you mean train" "$work/err" || complain "the closest command is not offered"
expect_refusal 2 match random random --siez 5
grep -q "did you mean --size?" "$work/err" || complain "the closest option: $(cat "$work/err")"
expect_refusal 2 train --set siez=5
grep -q "did you mean size?" "$work/err" || complain "the closest setting: $(cat "$work/err")"
expect_refusal 2 rules connect-4
grep -q "did you mean connect4?" "$work/err" || complain "the closest game: $(cat "$work/err")"
expect_refusal 2 match random unct:64
grep -q "did you mean uct:64?" "$work/err" || complain "the closest player: $(cat "$work/err")"
expect_refusal 2 match randm random
grep -q "did you mean random?" "$work/err" || complain "the closest player: $(cat "$work/err")"
expect_refusal 2 help nothing
expect_refusal 2 ""
expect_refusal 2 $'\x01\xff'
for command in "${commands[@]}"; do
    expect_refusal 2 "$command" --no-such-option
    expect_refusal 2 "$command" --no-such-option=3
    expect_refusal 2 "$command" -x
    expect_refusal 2 "$command" --=
    [[ "$command" == review ]] || expect_refusal 2 "$command" one two three four five six seven # it takes any number of files
    expect_refusal 2 "$command" --$'\xc3\x28\n'
    [[ "$command" == @(info|devices) ]] || expect_refusal 2 "$command" --size
done
for command in gtp match elo selfplay eval perft rules bench info; do expect_refusal 2 "$command"; done
expect_refusal 2 match random
expect_refusal 2 perft go
expect_refusal 2 perft go three
expect_refusal 2 perft go -1
expect_refusal 2 perft go 99999999999999999999
expect_refusal 2 perft chess 2
expect_refusal 2 rules chess
for size in 0 1.5 20 -3 x 9x 9x99 '' 99999999999; do
    expect_refusal 2 perft go 1 --size "$size"
    expect_refusal 2 rules go --size "$size"
    expect_refusal 2 legal --size "$size"
    expect_refusal 2 match random random --size "$size"
    [[ "$size" == 0 ]] || expect_refusal 2 train --size "$size" # 0 is the game's own size there
    expect_refusal 2 bench board --size "$size"
done
for komi in x nan inf 1e999 7,5 ''; do
    expect_refusal 2 rules go --komi "$komi"
    expect_refusal 2 match random random --komi "$komi"
done
expect_refusal 2 rules go --rules no-such-rules
for games in 0 -1 x 1.5 99999999999999; do expect_refusal 2 match random random --games "$games"; done
for player in '' uct: uct:x uct:-5 uct:0 random@visits uct:10@nothing=1 random@visits=4 uct:10@timeout=3 uct:10@lcb=1 uct:10@visits=3 gtp:engine@visits=3 gtp: '@visits=3'; do
    status=0
    timeout 60 "$tengen" match "$player" random --games 2 --size 5 >out 2>err </dev/null || status=$?
    [[ $status == @(1|2) && "$(wc -l <err)" == 1 ]] || complain "player '$player': status $status: $(head -c 300 err)"
done
expect_refusal 2 match solver@temperature=1 random --game tictactoe --games 2
grep -q "'temperature' is not for this kind of player; there are: name" "$work/err" || complain "a solver's temperature: $(cat "$work/err")"
for batch in 0 -1 x 1, ,1 1,,2 '1 2' 99999999; do expect_refusal 2 bench net --batch "$batch"; done
expect_refusal 2 bench
expect_refusal 2 bench net --backend foo
expect_refusal 2 eval random --game connect4 --solver --positions 0
for mix in aga, ,aga aga,,japanese ,; do expect_refusal 2 train --rules-mix "$mix" --print-config; done
expect_refusal 2 bench boards
expect_refusal 2 bench net --seconds -1s
expect_refusal 2 bench net --blocks 0
expect_refusal 2 train --time soon
expect_refusal 2 train --more 0
expect_refusal 2 train --set nothing=3
expect_refusal 2 train --set nothing
expect_refusal 2 train --set =3
expect_refusal 2 train --set batch=many
expect_refusal 2 train --game chess
printf 'batch = 256\nnothing = 1\n' >bad.ini
expect_refusal 2 train --config bad.ini
grep -q 'bad.ini:2' "$work/err" || complain "the wrong line of a config file is not named"
expect_refusal 2 train --fork-surpris 1
! grep -q 'did you mean fork-surprise' "$work/err" || complain "what is gone is offered: $(cat "$work/err")"
printf 'fork-surprise = 0\n' >old.ini
expect_exit 0 train --config old.ini --print-config
! grep -q surprise "$work/out" || complain "what is gone is printed"
printf 'fork-surprise = 1\n' >old.ini
expect_refusal 2 train --config old.ini --print-config
grep -q 'old.ini:1: fork-surprise: is gone (only 0' "$work/err" || complain "an old setting: $(cat "$work/err")"
expect_refusal 2 selfplay nothing
expect_refusal 2 selfplay nothing --games 2
for sizes in , 9, 9:0 9:x 9,9 9x; do expect_refusal 2 train --sizes "$sizes" --games 1; done
expect_refusal 2 train --size 9 --sizes 5,7 --games 1
expect_refusal 2 train --freeze-trunk --games 1
expect_refusal 1 train --from missing.safetensors --games 1
[[ ! -e runs ]] || complain "a refused training left a run folder"

# When the world fails, the status is 1, and one line names what.
echo "not a net" >foreign.safetensors
mkdir empty
for model in missing foreign.safetensors empty; do
    expect_refusal 1 gtp "$model"
    expect_refusal 1 eval "$model"
    expect_refusal 1 info "$model"
    expect_refusal 1 match "$model" random
    expect_refusal 1 selfplay "$model" --games 2 --out games
    grep -q -- "$model" "$work/err" || complain "the failure does not name '$model'"
done
expect_refusal 1 train --config missing.ini
expect_refusal 2 legal --size 7
finish
