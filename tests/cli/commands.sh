#!/usr/bin/env bash
# shellcheck disable=SC2015,SC2016,SC2094,SC2238,SC2258
# The commands do what scripts rely on: exact counts, the keys of their JSON, whole lines.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
models="$(realpath "$(dirname "$0")/../../models")"
cd "$work"

keys() { # keys FILE KEY...: whether the last line of FILE has them all
    local file="$1" key
    shift
    for key in "$@"; do
        tail -n 1 "$file" | grep -q "\"$key\":" || complain "no key '$key' in $(tail -n 1 "$file" | head -c 400)"
    done
}

for pair in "1 1" "2 57" "3 12675" "4 24318165"; do
    expect_exit 0 legal --size "${pair% *}"
    [[ "$(tail -n 1 out)" == "${pair#* }" ]] || complain "legal --size $pair: $(tail -n 1 out)"
done
expect_exit 0 perft tictactoe 5
[[ "$(tail -n 1 out)" == 15120 && "$(wc -l <out)" == 10 ]] || complain "perft tictactoe 5: $(cat out)"
expect_exit 0 perft tictactoe 0
[[ "$(tail -n 1 out)" == 1 ]] || complain "perft of depth 0: $(cat out)"

printf 'play C3\nstate\nquit\nstate\n' | "$tengen" rules go --size 5 >out
[[ "$(wc -l <out)" -ge 2 && "$(wc -l <out)" -le 3 ]] || complain "rules: $(wc -l <out) answers"
keys out ok
head -n 2 out | tail -n 1 >state
keys state ok to_move ply legal over result score captures

# Under every rule set two passes end the game, or begin the clean-up of territory scoring.
for rules in chinese tromp-taylor aga new-zealand NZ 'chinese+ko=simple+suicide=1' japanese 'score=territory'; do
    printf 'play C3\nplay pass\nplay pass\nplay pass\nplay pass\n' | "$tengen" rules go --size 5x6 --rules "$rules" >out
    over="$(sed -n 3p out | grep -o '"over":[a-z]*')"
    case "$rules" in *japanese* | *territory*) expected=false ;; *) expected=true ;; esac
    [[ "$over" == "\"over\":$expected" ]] || complain "rules $rules: $over after two passes"
    [[ "$rules" == *japanese* || "$rules" == *territory* ]] || continue
    sed -n 5p out | grep -q '"over":true,"result":"b","score":23' || complain "rules $rules: $(sed -n 5p out)" # 29 - komi 6
done
expect_refusal 2 rules go --rules japanese+ko=super
grep -q "known: .*japanese.*ko=positional|situational|simple" err || complain "unknown rules: $(cat err)"

# A record names its rules and its board, and is read by them.
expect_exit 0 match random random --size 3x5 --rules japanese --games 2 --sgf oblong --quiet --json
keys out rules
grep -q 'SZ\[5:3\]KM\[6\]RU\[japanese\]' oblong/*.sgf || complain "match --sgf: $(head -c 200 oblong/*.sgf)"
expect_exit 0 match random random --size 5 --rules japanese --games 2 --sgf square --quiet --json
expect_exit 0 eval "$models/go5.safetensors" --sgf "$(find square -name '*.sgf' | sort | head -n 1)" --move 3 --json
grep -q '"rules":"japanese"' out || complain "eval --sgf: $(tail -n 1 out | tail -c 200)"
expect_exit 0 eval "$models/go5.safetensors" --sgf "$(find square -name '*.sgf' | sort | head -n 1)" --move 3 --rules aga --json
grep -q '"rules":"aga"' out || complain "eval --sgf --rules: $(tail -n 1 out | tail -c 200)"
expect_refusal 2 eval "$models/go5.safetensors" --move 3
expect_refusal 2 eval "$models/connect4.safetensors" --solver --positions 3 --move 3
expect_exit 0 eval "$models/connect4.safetensors" --moves "4 4" --json # this net has fewer planes than its game has today

expect_exit 0 devices --json
[[ "$(wc -l <out)" -ge 2 ]] || complain "devices: $(cat out)"
keys out backend built usable reason device

expect_exit 0 match random uct:8 --game tictactoe --games 20 --json --threads 2
[[ "$(wc -l <out)" == 21 ]] || complain "match: $(wc -l <out) lines for 20 games"
keys out games a b wins draws losses score score_low score_high elo elo_low elo_high first_player_score
[[ $(($(number out wins) + $(number out draws) + $(number out losses))) == 20 ]] || complain "match: games don't add up: $(tail -n 1 out)"
head -n 1 out >game
keys game game black white result moves
expect_exit 0 match random random --size 5 --games 4 --sgf games --quiet --json
[[ "$(find games -name '*.sgf' | wc -l)" == 4 && "$(wc -l <out)" == 1 ]] || complain "match --sgf: $(ls games)"
expect_exit 0 selfplay "$models/hex5.safetensors" --games 2 --out hex --visits 4 --quiet
grep -q '^(;GM\[11\].*RE\[[BW]+\]' hex/00000000.sgf || complain "selfplay of Hex: $(ls hex; head -c 200 hex/*.sgf)"
expect_exit 0 eval "$models/hex5.safetensors" --sgf hex/00000000.sgf --json
expect_refusal 1 match random random --game connect4 --games 2 --sgf unwritten
[[ ! -e unwritten ]] || complain "match --sgf made a folder for a game that has no SGF"
expect_exit 0 match random random --size 5 --games 40000 --quiet

expect_exit 0 bench board --size 9 --seconds 0.1 --json
keys out bench game size backend threads seconds playouts_per_s moves_per_s machine
expect_exit 0 bench search --size 9 --seconds 0.1 --json
keys out bench game size backend threads seconds simulations_per_s
cut -d'"' -f1-400 out | grep -o 'signature [0-9a-f]*' | sort -u >first
expect_exit 0 bench search --size 9 --seconds 0.1 --json --threads 2
grep -o 'signature [0-9a-f]*' out | sort -u | cmp -s - first || complain "the signature depends on threads"
expect_exit 0 bench net --size 5 --blocks 1 --channels 8 --batch 1,3 --seconds 0.1 --json
[[ "$(wc -l <out)" == 2 ]] || complain "bench net: $(wc -l <out) lines for 2 batches"
keys out bench game size backend threads seconds blocks channels batch evals_per_s gflops peak_gflops
expect_exit 0 bench train --size 5 --blocks 1 --channels 8 --batch 16 --seconds 0.1 --json
keys out bench game size backend threads seconds batch samples_per_s gflops
expect_exit 0 bench selfplay --size 5 --blocks 1 --channels 8 --seconds 0.5 --json
keys out bench game size backend threads seconds games_per_s moves_per_s evals_per_s network_share

expect_exit 0 train --game tictactoe --print-config
grep -q '^game = tictactoe$' out || complain "print-config: $(head -n 3 out)"
cp out printed.ini
expect_exit 0 train --config printed.ini --print-config
cmp -s out printed.ini || complain "print-config read back gives something else: $(diff out printed.ini | head -n 5)"
expect_exit 0 train --config printed.ini --set batch=64 --set batch=128 --seed 7 --print-config
grep -q '^batch = 128$' out && grep -q '^seed = 7$' out || complain "--set or an option did not win over the file"
[[ ! -e runs ]] || complain "--print-config made a run"

# The exact solver is asked beside a net, and the net's moves are compared with it.
expect_exit 0 eval solver --solver --game connect4 --positions 20 --plies 16-24 --json
keys out game size player positions choices min_plies max_plies worse_result worse_result_low worse_result_high \
    worse_score worse_score_low worse_score_high player_seconds solver_seconds
[[ "$(number out worse_score)" == 0 && "$(number out positions)" == 20 ]] || complain "the solver errs: $(cat out)"
expect_exit 0 eval random --solver --game connect4 --positions 200 --plies 18-24 --json
holds "$(number out worse_result) > 0.1 && $(number out worse_score) > $(number out worse_result)" || complain "random play: $(cat out)"
expect_refusal 2 eval random --positions 5 --game connect4
expect_refusal 2 eval random --solver --game connect4 --plies 8-20
expect_refusal 2 eval random --solver --positions 5 --game connect4 --plies 9-3
expect_refusal 1 eval random --solver --positions 5 --game gomoku --plies 1-3

# The solver answers beside a net in one position, on the board of the net's game. A run that has
# not trained yet can be drawn by elo, too.
expect_exit 0 train --game connect4 --time 1s --run run --quiet --set blocks=1 --set channels=8
expect_refusal 2 train --run run --seed 2
expect_refusal 2 train --size 5 --backend nope --run refused
expect_refusal 1 train --size 5 --backend cpu --precision f16 --run refused
[[ ! -e refused ]] || complain "a training that was refused left a folder"
expect_exit 0 train --game tictactoe --games 20 --run few --quiet --set blocks=1 --set channels=8 --set slots=8
expect_exit 0 info few --json
grep -q '"command":"tengen train --game tictactoe --size 3 --games 20 ' out || complain "info: $(cat out)"
expect_exit 0 eval run --solver --moves "4 4 4 4 4 4,3 3 3 3 3 3,7 7 7 7 7 7,1 2 1 2 1" --json
keys out to_move winrate policy best solver
grep -qF '"solver":{"value":-9,"moves":{"1":-9,"2":-9,"5":-9,"6":-9},"best":["1","2","5","6"]}' out || complain "eval --solver: $(cat out)"
expect_refusal 2 eval run --solver --moves "1 1 1 1 1 1 1"
grep -q "move 7, '1', is illegal" err || complain "the illegal move is not named: $(cat err)"
expect_refusal 1 eval run --solver --size 7
printf '1 boardsize 6 7\n2 gogui-rules_board_size\n3 play b 4\n4 genmove w\n5 gogui-rules_side_to_move\n6 boardsize 19\n7 name\n' |
    "$tengen" gtp run --visits 4 --gtp-name Someone >gtp 2>err || complain "gtp of another game: $(cat gtp err)"
grep -q '^=2 7 6$\|^=2 6 7$' gtp && grep -Eq '^=4 [A-G][12]$' gtp && grep -q '^=5 black$' gtp && grep -q '^?6 unacceptable size$' gtp &&
    grep -q '^=7 Someone$' gtp || complain "gtp of another game: $(cat gtp err)"
if command -v gnuplot >/dev/null; then expect_exit 0 elo run --games 4 --visits 4; fi

# An exported net says where it comes from, and plays without its run.
expect_exit 0 export run given.safetensors --note 'of a test'
expect_exit 0 info given.safetensors --json
keys out kind game sizes digest provenance
grep -q '"command":"tengen train --game connect4 --size 6x7 --time 1s .*--blocks 1 --channels 8.*"' out || complain "export: $(cat out)"
grep -q '"machine":"[^"]*processor' out && grep -q '"note":"of a test"' out || complain "export: $(cat out)"
if command -v gnuplot >/dev/null; then grep -q '"strength":"Elo -*[0-9]* +-[0-9]* (.* = [0-9]*)\( at komi [0-9.]*\)\?, 100 visits a move, [0-9]* games"\|"strength":"not known yet ([0-9]* games)"\|"strength":null' out || complain "export: $(cat out)"; fi
expect_exit 0 match given.safetensors random --games 2 --visits 2 --quiet
expect_refusal 1 export run none.safetensors --step 99999999
expect_refusal 1 export nowhere none.safetensors
expect_refusal 2 export run run/run.sqlite
expect_refusal 2 export run run/nets/../nets/own.safetensors
expect_exit 0 export run given.safetensors
echo 'a note of mine' >note.md
expect_refusal 2 export run note.md
grep -q 'note.md: is there and is no net; nothing was written' err || complain "export over a note: $(cat err)"
[[ "$(cat note.md)" == 'a note of mine' ]] || complain "export wrote over a note: $(head -c 100 note.md)"
[[ ! -e none.safetensors ]] || complain "a refused export left a file"

# A run folder is played as it was trained, unless something else is said: its rules, its oblong
# board, its komi.
expect_exit 0 train --game hex --size 4 --rules swap --time 1s --run swap --quiet --set blocks=1 --set channels=8
expect_exit 0 match swap random --games 2 --visits 2 --quiet --json
grep -q '"size":"4".*"rules":"swap"' out || complain "match of a run with its own rules: $(cat out err)"
expect_exit 0 eval swap --json
expect_exit 0 eval "$(echo swap/nets/*.safetensors | cut -d' ' -f1)" --json
expect_exit 0 selfplay swap --games 2 --out swapped --quiet
expect_refusal 1 match swap random --games 2 --rules standard
grep -q '6 planes, not 5\|global actions, not\|policy planes, not' err || complain "net and rules: $(cat err)"
expect_exit 0 train --size 5x4 --rules japanese --komi 2.5 --time 1s --run oblong-run --quiet --set blocks=1 --set channels=8
expect_exit 0 match random oblong-run --games 2 --visits 2 --quiet --json
grep -q '"size":"5x4","komi":2.5,"rules":"japanese"' out || complain "match of an oblong run: $(cat out err)"
expect_exit 0 match random oblong-run --size 4 --rules chinese --games 2 --visits 2 --quiet --json
grep -q '"size":"4".*"rules":"chinese"' out || complain "what is said wins: $(cat out err)"
expect_exit 0 eval oblong-run --json
grep -q '"komi":2.5,"rules":"japanese"' out || complain "eval of an oblong run: $(tail -c 200 out)"

# A folder holds a run of one game. Whoever wants another is told so, whatever else differs.
expect_refusal 2 train --game connect4 --time 1s --run oblong-run
grep -q 'oblong-run: holds a run of go, not of connect4' err || complain "train of another game: $(cat err)"

# The folder is named by the wanted game, however that is said. The run of the default game beside
# it plays no part.
mkdir -p runs && cp -r oblong-run runs/go-9
expect_exit 0 train --set game=tictactoe --time 1s --quiet --set blocks=1 --set channels=8
[[ -e runs/tictactoe-3/run.sqlite ]] || complain "train --set game=tictactoe: $(ls runs) $(cat err)"

# Without config.ini a run still knows what it learns. Where the database is lost, no new run
# begins, and what is left stays as it is.
rm oblong-run/config.ini
expect_exit 0 train --run oblong-run --more 1s --quiet --set blocks=1 --set channels=8
cp -r oblong-run lost && mv lost/run.sqlite lost/aside && echo log >lost/run.sqlite-wal
rm -r lost/games lost/tb lost/lock
find lost | sort >listed
expect_refusal 1 train --run lost --game go --size 5x4
grep -q 'lost/nets holds .safetensors files; nothing was touched: put run.sqlite back' err || complain "a lost database: $(cat err)"
find lost | sort | cmp - listed || complain "a lost database: something was made"
[[ ! -e lost/run.sqlite && "$(cat lost/run.sqlite-wal)" == log ]] || complain "a lost database was touched: $(ls -la lost)"
cp -r oblong-run broken && rm -f broken/run.sqlite-* && echo garbage >broken/run.sqlite
expect_refusal 1 train --run broken --game go --size 5x4
grep -q 'run.sqlite: file is not a database' err || complain "a broken database: $(cat err)"
: >lost/run.sqlite
expect_refusal 1 train --run lost --game go --size 5x4
[[ ! -s lost/run.sqlite && "$(cat lost/run.sqlite-wal)" == log ]] || complain "an emptied database was touched: $(ls -la lost)"
mkdir unborn && : >unborn/run.sqlite
expect_refusal 2 train --run unborn --more 1s
grep -q -- '--more: unborn holds no run yet; use --time' err || complain "--more of a run that a kill left at its birth: $(cat err)"
expect_refusal 2 train --run nowhere --more 1s
[[ ! -e nowhere ]] || complain "a refused --more made a run"
expect_exit 0 train --run unborn --size 5x4 --time 1s --quiet --set blocks=1 --set channels=8
[[ ! -s err ]] || complain "a run that a kill left at its birth: $(cat err)"
rm -r lost/nets
expect_refusal 1 train --run lost --game go --size 5x4
grep -q 'replay holds .chunk files' err || complain "games without their database: $(cat err)"
rm -r lost/replay lost/trainer-* lost/run.sqlite
expect_refusal 1 train --run lost --game go --size 5x4
grep -q 'run.sqlite-wal is not' err && [[ ! -e lost/run.sqlite ]] || complain "a log without its database: $(cat err)"

# A folder with other files is nobody's run, and stays as it is. An empty one may become a run.
mkdir -p mine/games empty && echo 'my own' | tee mine/config.ini mine/games/1.sgf >/dev/null
for own in mine/config.ini mine/games/1.sgf; do
    expect_refusal 2 train --game tictactoe --run mine --games 1
    grep -q 'mine: holds other files and no run; name a new or empty folder' err || complain "a folder with $own: $(cat err)"
    [[ "$(cat "$own")" == 'my own' && "$(find mine -type f | wc -l)" -le 2 ]] || complain "a folder with other files was touched: $(find mine)"
    rm -f mine/config.ini
done
: >empty/.hidden
expect_exit 0 train --game tictactoe --games 20 --run empty --set blocks=1 --set channels=8 --set slots=8
grep -q 'new run empty: .*, nothing learned yet$' empty/log.txt || complain "a new run: $(head -n 3 empty/log.txt)"
expect_exit 0 train --run empty --games 20
grep -q 'the budget is already spent; train on with --more 10m' err || complain "a spent budget: $(cat err)"

# A training that --more has begun says after a stop what goes on with it: the same command would
# add to the end once more. In the foreground, timeout sends the signal once: a second one would kill.
timeout --foreground --signal=INT 3 "$tengen" train --run empty --more 1h >out 2>err </dev/null || true
grep -q 'stopped; everything is saved; go on with: tengen train --run empty$' err || complain "a stop: $(tail -n 2 err)"

# A search shows the moves that it visited, and whole games are judged. What can't be read is said,
# and the others are judged all the same.
expect_exit 0 eval "$models/go5.safetensors" --visits 60 --json
grep -q '"moves":\[{"move":"[A-E][1-5]","visits":[1-9][0-9]*,"winrate":.*"line":\[' out || complain "eval --visits: $(head -c 400 out)"
expect_exit 0 eval "$models/go5.safetensors" --visits 60
grep -q '^  move  *visits  *winrate  *score  *prior  line$' out || complain "eval --visits: $(cat out)"
! grep -Eq '^  [A-E][1-5] +0 ' out || complain "eval shows moves without visits: $(cat out)"
echo '(;GM[1]SZ[5]PB[A]PW[B]RE[B+R];B[cc];W[aa];B[dd])' >short.sgf
mkdir -p other && cp short.sgf other/short.sgf
expect_exit 1 review short.sgf missing.sgf other/short.sgf --model "$models/go5.safetensors" --visits 8 --out reviewed --json
[[ "$(wc -l <out)" == 2 ]] && keys out file game moves worst winrate score points_lost lost
for name in short short-2; do
    for ending in csv gnuplot sgf; do [[ -s "reviewed/$name.$ending" ]] || complain "review: no $name.$ending"; done
    expect_exit 0 eval "$models/go5.safetensors" --sgf "reviewed/$name.sgf" --visits 0
done
expect_exit 0 review short.sgf --model "$models/go5.safetensors" --visits 8
expect_in 'komi 24.5, chinese, 3 moves'
expect_refusal 2 review
# It does not overwrite the record that it reads, under any name of its folder, and warns of a board
# that the net has not learned.
cp short.sgf mine.sgf
expect_refusal 2 review mine.sgf --model "$models/go5.safetensors" --visits 8 --out "$PWD"
cmp -s short.sgf mine.sgf || complain "review: has overwritten the record"
printf '(;GM[1]SZ[7];B[cc])' > seven.sgf
expect_exit 0 review seven.sgf --model "$models/go5.safetensors" --visits 2
grep -q 'has learned 5x5 under chinese rules, and not 7x7' err || complain "review: no word of an unlearned board"
expect_refusal 1 review missing.sgf --model "$models/go5.safetensors"

# KataGo's JSON protocol, started as its front ends start KataGo.
echo '{"id":"a","moves":[["B","C3"]],"boardXSize":5,"boardYSize":5,"maxVisits":8}' |
    "$tengen" analysis -model "$models/go5.safetensors" -config /nowhere -override-config x=y >out 2>err || complain "analysis: $(cat err)"
grep -q '^{"id":"a","isDuringSearch":false,"turnNumber":1,"moveInfos":\[{"move":' out || complain "analysis: $(head -c 300 out)"
[[ "$(grep -c 'change nothing here' err)" == 1 ]] || complain "analysis: $(cat err)"
expect_refusal 1 analysis "$models/connect4.safetensors"
expect_refusal 2 analysis "$models/go5.safetensors" --leaves 9 --batch 8

# There are records that White begins, records that go on after two passes, and a finished game.
# The records of a match are not written over.
echo '(;GM[1]SZ[5];W[cc])' >white.sgf
expect_exit 0 eval "$models/go5.safetensors" --sgf white.sgf
grep -q '(O)' out && grep -q 'to move   b' out || complain "White moves first: $(head -n 12 out)"
echo '(;GM[1]SZ[5];B[cc];W[];B[];W[dd];B[];W[])' >on.sgf
expect_exit 0 eval "$models/go5.safetensors" --sgf on.sgf
grep -q 'the game is over' out || complain "two passes, and two more: $(head -n 12 out)"
expect_refusal 1 match random random --size 5 --games 2 --sgf games --quiet

# A training begins with a net that is made larger, on another board. It knows its parent, even
# without the file, and takes no other.
little=(--games 1 --set slots=2 --set evaluations=4 --set gate-games=0 --set anchor-games=0 --quiet)
cp "$models/go5.safetensors" parent.safetensors
digest="$("$tengen" info parent.safetensors --json | sed -n 's/.*"digest":"\([0-9a-f]*\)".*/\1/p')"
expect_refusal 2 train --from parent.safetensors --size 6 --channels 16 "${little[@]}"
grep -q 'parent.safetensors: this net has 4 blocks of 32 channels' err || complain "a smaller net: $(cat err)"
[[ ! -e runs/go-6 ]] || complain "a refused --from left a run folder"
grown=(train --from parent.safetensors --size 6 --blocks 5 --channels 40)
expect_exit 0 "${grown[@]}" "${little[@]}"
mv runs/go-6/log.txt log.txt
! grep -q 'nothing learned' log.txt || complain "--from has learned something: $(cat log.txt)"
grep -q 'from parent.safetensors (go, digest .*all weights, grown from 4x32 to 5x40' log.txt || complain "--from: $(cat log.txt)"
rm parent.safetensors
expect_exit 0 "${grown[@]}" "${little[@]}" --games 12
mv runs/go-6 young
expect_exit 0 train --run young "${little[@]}" --games 20
expect_refusal 2 train --run young --from "$models/go7.safetensors" "${little[@]}"
expect_exit 0 info young --json
keys out from from_digest provenance ancestors
grep -q "\"ancestors\":\[{\"digest\":\"$digest\".*\"blocks\":4,\"channels\":32" out || complain "ancestors: $(cat out)"
grep -q '"blocks":5,"channels":40' out || complain "a grown run: $(cat out)"
expect_exit 0 eval "$models/go5.safetensors" --visits 0 --json
cp out small
expect_exit 0 train --run same --from "$models/go5.safetensors" --size 5 --blocks 6 "${little[@]}"
expect_exit 0 eval same/nets/000000.safetensors --visits 0 --json
holds "($(number out winrate) - $(number small winrate))^2 < 1e-8" || complain "grown: $(number out winrate), $(number small winrate)"
expect_exit 0 train --run many --from "$models/go5.safetensors" --sizes 4:3,6 "${little[@]}" --games 8
grep -q 'games: 75 % on 4x4 (komi .*), 25 % on 6x6 (komi .*); the gate and the ladder play on 6x6' many/log.txt || complain "--sizes: $(cat many/log.txt)"
expect_exit 0 train --run many "${little[@]}" --games 12
grep -q '^sizes = 4:3,6' many/config.ini || complain "--sizes is forgotten: $(grep size many/config.ini)"
expect_exit 0 info many --json
grep -q '"sizes":\[4,5,6\]' out || complain "the sizes of a run: $(cat out)"
expect_exit 0 eval many --size 4 --visits 0 --json
for game in hex connect4; do
    expect_exit 0 train --run "frozen-$game" --game "$game" --from "$models/go5.safetensors" --freeze-trunk "${little[@]}"
    grep -q "the trunk's weights (stem and heads are new); the trunk is frozen" "frozen-$game/log.txt" || complain "--from: $(cat "frozen-$game/log.txt")"
done

# After Ctrl-C it prints what is known, and one line. Before the first pair has ended nothing is
# known. It must be sent once: without --foreground, timeout sends it to the group as well, and a
# second Ctrl-C ends the program at once.
stopped() { # stopped ARGUMENT...: runs tengen, interrupts it
    local status=0
    timeout --foreground -s INT -k 60 2 "$tengen" "$@" >out 2>err </dev/null || status=$?
    [[ $status == 124 && "$(tail -n 1 err)" == "tengen: stopped" ]] || complain "$*, stopped: status $status, $(cat err)"
}
stopped match uct:1000 uct:1000 --size 19 --games 2 --quiet --threads 1
grep -q 'games     0' out && ! grep -q 'score\|Elo\|nan' out || complain "a match of no games: $(cat out)"
stopped match uct:1000 uct:1000 --size 19 --games 2 --quiet --threads 1 --json
grep -q '"score":null.*"elo":null.*"first_player_score":null' out || complain "a match of no games: $(cat out)"
stopped eval solver --solver --game connect4 --positions 1000000 --plies 20-24
stopped selfplay swap --games 1000000000 --out endless --quiet

# A game that a player lost by breaking down does not measure strength, and the hint says what is
# usually wrong. Without GNU Go it is tried with a program that prints something other than GTP.
# Names are printed whole.
long="gtp:echo '   hello from a program that speaks no GTP at all, with a command line of more than one hundred and sixty bytes, which none of them loses' \
--to-the-very-end"
expect_exit 1 match random "$long" --size 5 --games 2
grep -q 'score\|Elo' out && complain "a score without a game: $(cat out)"
grep -q -- '--to-the-very-end' out || complain "a name is cut: $(cat out)"
grep -q "nonsense: 'hello.*gnugo --mode gtp" err || complain "no hint: $(cat err)"
expect_exit 1 match random "$long" --size 5 --games 2 --json --quiet
grep -q '"score":null.*"elo":null' out || complain "a score without a game: $(cat out)"

# At a terminal gtp says on standard error how to begin, and elsewhere nothing. The ending of a
# net's file name may be left out.
expect_exit 0 gtp "$models/go9"
[[ ! -s out && ! -s err ]] || complain "gtp without a terminal: $(cat out err)"
if command -v script >/dev/null; then
    echo quit | timeout 60 script -qec "'$tengen' gtp '$models/go5' 2>greeting" /dev/null >out || complain "gtp at a terminal: $(cat out greeting)"
    grep -q 'undo, boardsize 5, quit.*help lists all' greeting || complain "gtp at a terminal says nothing: $(cat greeting)"
    printf 'hello\nthere\nquit\n' | timeout 60 script -qec "'$tengen' gtp '$models/go5' 2>greeting" /dev/null >out || complain "gtp at a terminal: $(cat out greeting)"
    [[ "$(grep -c 'help lists all commands' greeting)" == 1 && "$(grep -c '^? unknown command' out)" == 2 ]] || complain "unknown commands at a terminal: $(cat out greeting)"
fi
"$tengen" gtp "$models/go5" <<<hello >out 2>err
[[ ! -s err ]] || complain "gtp without a terminal helps: $(cat err)"
expect_exit 0 eval "$models/go5"
grep -q '^score .*' out && grep -q '^komi      24.5$' out && grep -q '^rules     [a-z]' out || complain "eval says no komi: $(cat out)"
# A net plays every board and rule set, and says in one line what it has not learned.
expect_exit 0 eval "$models/go5" --size 8 --rules japanese --json
[[ "$(cat err)" == "tengen: $models/go5.safetensors: it has learned 5x5 under chinese rules, and neither 8x8 nor japanese rules" ]] ||
    complain "another size: $(cat err)"
expect_in '"warning":"it has learned 5x5 under chinese rules, and neither 8x8 nor japanese rules"'
expect_exit 0 match "$models/go5@visits=0" random --size 4 --games 2 --json --quiet
expect_in '"warning":"'
[[ "$(wc -l <err)" == 1 ]] || complain "not one line for another size: $(cat err)"
expect_exit 0 match "$models/go5@visits=0" random --games 2 --json --quiet
[[ ! -s err ]] && ! grep -q warning out || complain "a warning for its own board: $(cat out err)"
printf 'boardsize 4\ngenmove b\ngenmove w\n' | "$tengen" gtp "$models/go5" --visits 2 >out 2>err
[[ "$(grep -c 'and not 4x4' err)" == 1 && "$(grep -c '^= [A-D]' out)" == 2 ]] || complain "gtp on 4x4: $(cat out err)"
# Levels: ten of them, which info shows and gtp plays.
expect_exit 0 info "$models/go9" --json
expect_in '"learned":[{"height":9,"width":9,"rules":"chinese","games":'
[[ "$(grep -o '"level":' out | wc -l)" == 10 ]] || complain "not ten levels: $(cat out)"
[[ "$(grep -o '"elo":-\?[0-9.]*' out | cut -d: -f2 | sort -cn 2>&1)" == "" ]] || complain "levels don't rise: $(cat out)"
echo 'genmove b' | "$tengen" gtp "$models/go9" --level 2 >out 2>err
grep -q '^= ' out && grep -q 'the raw net at temperature.*Elo' err || complain "gtp --level 2: $(cat out err)"
expect_refusal 2 gtp "$models/go9" --level 11
expect_refusal 2 gtp "$models/go9" --level 1 --elo 1000
elo="$("$tengen" info "$models/go9" --json | grep -o '"elo":-\?[0-9]*' | head -n 3 | tail -n 1 | cut -d: -f2)"
echo 'genmove b' | "$tengen" gtp "$models/go9" --elo "$elo" >out 2>err
grep -q '^= ' out && grep -q "Elo ${elo%?}" err || complain "gtp --elo $elo: $(cat out err)"
expect_refusal 2 gtp "$models/go5" --elo 99999
expect_refusal 2 match random random --game connect4 --size 25
grep -q '10x10' err || complain "too large for Connect Four: $(cat err)"

# A reader that goes away ends the program without noise; it must not hang.
timeout 60 bash -c '"$0" perft tictactoe 3 | true' "$tengen" 2>err || true
finish
