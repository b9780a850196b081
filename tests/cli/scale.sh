#!/usr/bin/env bash
# shellcheck disable=SC2015
# A study of scale through the program: it ends with a report, goes on after kill -9 and Ctrl-C without
# training anything twice, writes its prediction once and before the run that it is about, and refuses
# other settings, lists that it can't read, and a second process in its folder.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$work"
grid=(scale --game tictactoe --shapes 1x4,1x8 --budget 2s,3s,4s --seeds 2 --hold-out 5s --rate 8s --dial 0 --visits 4 --threads 1
    --set gate-games=0 --set slots=16 --set evaluations=32 --set first-rows=200 --out study)
scale() { timeout 300 "$tengen" "${grid[@]}" "$@"; }

# Killed twice, then stopped once: what is finished stays.
for wait in 3.5 4.5; do
    "$tengen" "${grid[@]}" --quiet >/dev/null 2>&1 &
    pid=$!
    sleep "$wait"
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
done
[[ -s study/state.csv ]] || complain "no state after kills"
before="$(grep -c '^cell,' study/state.csv || true)"
"$tengen" "${grid[@]}" >/dev/null 2>log &
pid=$!
sleep 3
expect_refusal 1 "${grid[@]}" # while another process works there
grep -q 'another process' "$work/err" || complain "a second process: $(cat "$work/err")"
kill -INT "$pid"
status=0
wait "$pid" || status=$?
[[ $status == 1 ]] || complain "Ctrl-C: exit status $status: $(tail -n 2 log)"
grep -q 'the same command goes on' log || complain "Ctrl-C is not answered: $(tail -n 2 log)"
[[ "$(grep -c '^cell,' study/state.csv || true)" -ge "$before" ]] || complain "finished trainings are gone"
grep '^cell,' study/state.csv | sort >finished || true

scale >out 2>log || complain "scale: $(tail -n 3 log)"
grep -q '^study/report.md$' out || complain "the report is not named: $(cat out)"
grep '^cell,' study/state.csv | sort >all
[[ "$(wc -l <all)" == 13 ]] || complain "$(wc -l <all) trainings instead of 13: $(cat all)"
[[ -z "$(comm -23 finished all)" ]] || complain "trained again: $(comm -23 finished all)"
# The prediction is older than the run that it is about.
[[ -s study/prediction.csv ]] || complain "no prediction: $(grep predict log)"
held="$(echo study/cells/*-held1)"
[[ -d $held && ! study/prediction.csv -nt $held/log.txt ]] || complain "the prediction is younger than $held"
grep -q 'It reached' study/report.md || complain "the report does not compare: $(grep -A3 prediction study/report.md)"
for word in 'Elo by shape and budget' Compute Parameters 'Training against search' 'Exact marks' 'Jones 2021'; do
    grep -q "$word" study/report.md || complain "no '$word' in the report"
done
awk -F, 'NR == 1 { n = NF } NF != n { exit 1 }' study/scale.csv || complain "scale.csv: rows and header differ: $(head -n 2 study/scale.csv)"
[[ "$(grep -c ',1,1,' study/scale.csv)" -ge 1 ]] || complain "the run that was held out is not in scale.csv"
if command -v gnuplot >/dev/null; then
    for picture in scale-compute scale-parameters scale-trade; do
        [[ -s study/$picture.svg && -s study/$picture.png ]] || complain "study/$picture is missing"
    done
fi
# The rows for selfplay/expect.csv have its header.
[[ "$(head -n 1 study/expect.csv)" == "$(head -n 1 "$(dirname "$0")/../../selfplay/expect.csv" 2>/dev/null || head -n 1 study/expect.csv)" ]] ||
    complain "expect.csv: $(head -n 1 study/expect.csv)"

# Once more: nothing is trained, and the prediction stays as it was.
cp study/prediction.csv prediction
scale --report >out 2>log || complain "report: $(tail -n 3 log)"
scale >out 2>log || complain "again: $(tail -n 3 log)"
! grep -q '^training' log || complain "trained again: $(grep training log)"
cmp -s prediction study/prediction.csv || complain "the prediction has changed"

expect_refusal 2 "${grid[@]}" --set learning-rate=0.5
grep -q 'was begun with' "$work/err" || complain "other settings: $(cat "$work/err")"
expect_refusal 2 scale --game tictactoe --out none
expect_refusal 2 scale --game tictactoe --budget 2s --shapes 2x --out none
expect_refusal 2 scale --game tictactoe --budget 2s --shapes 1x4,1x4 --out none
expect_refusal 2 scale --game tictactoe --budget soon --out none
expect_refusal 2 scale --game tictactoe --budget 2s --dial -1 --out none
expect_refusal 2 scale --game tictactoe --budget 2s --set blocks=3 --out none
expect_refusal 1 scale --game tictactoe --budget 2s --report --out none
[[ ! -e none ]] || complain "a refused command has made a folder"
echo 'cell,nonsense' >>study/state.csv
expect_refusal 1 "${grid[@]}"
grep -q 'state.csv:' "$work/err" || complain "a damaged state: $(cat "$work/err")"
finish
