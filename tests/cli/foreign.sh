#!/usr/bin/env bash
# shellcheck disable=SC2015,SC2016
# Names and notes from others may contain escape sequences, which are shown so that no terminal
# obeys them. A path may be something other than UTF-8, pipes and folders may stand in place of
# files, and a database may lie. Nothing makes the program wait.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
models="$(realpath "$(dirname "$0")/../../models")"
cd "$work"
export LC_ALL=C

# There is no control code but line ends, and no C1 code, neither as UTF-8 nor as a single byte.
expect_printable() { # FILE WHAT
    ! grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$1" || complain "$2: raw controls: $(head -c 400 "$1" | od -c | head -n 12)"
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1 || complain "$2: not UTF-8"
}
both() { # WHAT: of the last command
    expect_printable out "$1"
    expect_printable err "$1"
}
shows() { grep -qaF -- "$1" out err || complain "'$1' is not shown: $(head -c 300 out err)"; }
escape=$'\x1b[31mred\x9b2J\xc2\x9b2J'

# In a net's metadata the A's of the note are replaced, in place and with the same length, by the
# JSON escape of ESC.
expect_exit 0 train --game tictactoe --games 20 --run run --quiet --set blocks=1 --set channels=8 --set slots=8
expect_exit 0 export run plain.safetensors --note 'AAAAAA]0;titleBBBBBB'
sed 's/AAAAAA/\\u001b/; s/BBBBBB/\\u009b/' plain.safetensors >evil.safetensors
cmp -s plain.safetensors evil.safetensors && complain "the net is as it was"
expect_exit 0 info evil.safetensors
shows '?]0;title?'
both "info of a net"
expect_exit 0 info evil.safetensors --json
shows '"note":"\u001b]0;title\u009b"'
both "info --json of a net"

# Players' names, in results, in the log and in the ladder's tables.
expect_exit 0 match "random@name=a$escape" "uct:4@name=b$escape" --game tictactoe --games 2
shows 'a?[31mred?2J?2J against b?[31mred?2J?2J'
both "match"
expect_exit 0 match "random@name=a$escape" random --game tictactoe --games 2 --json
shows '"a":"a\u001b[31mred\ufffd2J\u009b2J"'
both "match --json"
expect_exit 0 elo run --only-anchors --anchor "uct:4@name=c$escape" --anchor random --visits 0 --games 12 --time 20s
both "elo"
expect_exit 0 elo run --report
shows '?[31mred?2J'
both "elo --report"
expect_exit 0 elo run --report --json
shows '\u001b[31mred\ufffd2J\u009b2J'
both "elo --report --json"
expect_exit 0 info run
both "info of a run"
expect_exit 1 match "gtp:printf '? 1 no \\\\033[31m\\\\233\\n\\n'" random --size 5 --games 2
both "a program that answers with controls"

# Errors that quote names, arguments and records.
expect_refusal 2 "$escape"
both "an unknown command"
expect_refusal 1 info "nowhere$escape"
shows 'nowhere?[31mred?2J?2J: there is no such model file'
both "a missing file"
printf '(;GM[1]SZ[5]RU[%s];B[\x1b[])' "$escape" >evil.sgf
expect_exit 1 eval "$models/go5.safetensors" --sgf evil.sgf
both "a record"

# With a path that is not UTF-8, JSON is still JSON, and a net says its command in UTF-8.
cp -r run $'run\xff\x1b'
expect_exit 0 info $'run\xff\x1b' --json
shows '"file":"run\ufffd\u001b"'
both "info --json of a path that is no UTF-8"
expect_exit 0 info $'run\xff\x1b'
shows 'run??'
both "info of a path that is no UTF-8"
expect_exit 0 export run note.safetensors --note $'\xff bytes'
head -c 4000 note.safetensors | tail -c +9 | grep -qaF '"note":"? bytes"' || complain "a note of any bytes: $(head -c 600 note.safetensors)"

# Pipes, folders and devices in place of files are refused at once and by name. lib.sh would end a
# program that waits after two minutes.
expect_at_once() { # FILE COMMAND...: the refusal names it
    local file="$1" begun=$SECONDS
    shift
    expect_refusal 1 "$@"
    ((SECONDS - begun < 20)) || complain "tengen $*: took $((SECONDS - begun)) s"
    shows "$file: is a"
}
for file in best run.sqlite run.sqlite-wal; do
    rm -rf piped && cp -r run piped && rm -f piped/$file && mkfifo piped/$file
    expect_at_once piped/$file info piped
    rm piped/$file && mkdir piped/$file
    expect_at_once piped/$file info piped
done
rm -rf piped && cp -r run piped && rm piped/config.ini && mkfifo piped/config.ini
expect_at_once piped/config.ini train --run piped --more 1s --quiet
rm -rf piped && cp -r run piped
net="piped/$(cat piped/best)"
rm "$net" && mkfifo "$net"
expect_at_once "$net" info piped
expect_at_once "$net" eval piped --json
mkfifo pipe
expect_at_once pipe info pipe
expect_at_once pipe match pipe random --games 2
expect_at_once /dev/zero info /dev/zero
# A record that the user names may be a pipe.
expect_exit 0 eval "$models/go5.safetensors" --sgf <(echo '(;GM[1]SZ[5];B[cc])') --json
# Settings may not, since they are read more than once.
expect_at_once pipe train --config pipe --print-config

# The parts of a run on the disk add up, and people read them.
expect_exit 0 info run --json
sum=0
for part in nets replay games trainer database other; do sum=$((sum + $(number out ${part}_bytes))); done
[[ $sum == "$(number out disk_bytes)" && $sum -gt 50000 ]] || complain "info: parts of $sum bytes: $(cat out)"
expect_exit 0 info run
grep -Eq '^disk_bytes +[0-9]+ \([0-9.]+ [KM]iB\)$' out || complain "info: $(grep bytes out)"

# If a column of the ladder is missing, every command says so in one line. Without sqlite3's shell
# only the tests in tests/ladder try it.
if command -v sqlite3 >/dev/null; then
    rm -rf other && cp -r run other
    sqlite3 other/run.sqlite 'ALTER TABLE ladder_games RENAME COLUMN reason TO why' >/dev/null
    for command in "info other" "elo other --report" "gtp other --elo 500" "export other x.safetensors"; do
        # shellcheck disable=SC2086
        expect_refusal 1 $command
        shows 'other/run.sqlite: no such column: reason'
    done
    [[ ! -e x.safetensors ]] || complain "a refused export left a file"
    rm -rf other && cp -r run other
    sqlite3 other/run.sqlite 'ALTER TABLE checkpoints RENAME TO c; CREATE VIEW checkpoints AS WITH RECURSIVE x(step) AS
        (SELECT 1 UNION ALL SELECT step + 1 FROM x) SELECT step FROM x' >/dev/null
    expect_refusal 1 info other
    shows 'other/run.sqlite: checkpoints is a view'
fi
finish
