#!/usr/bin/env bash
# The page in a real browser: the overview of a run, a stored game stepped through, a game of 7x7 Go
# and one of Connect Four played to the end by clicks, narrow and wide, dark and light, by keyboard,
# and no error in the console.
#   tests/web/browser.sh TENGEN SOURCE [PICTURES [RUN]]
# SOURCE is the folder of the source, with the nets that come with it. Screenshots go to the folder
# PICTURES. RUN is shown; without it a training of a few seconds is made. It needs Chromium and its
# driver (Debian: chromium chromium-driver), else its exit status is 77.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
# shellcheck source=tests/web/driver.sh
. "$here/driver.sh"
if [[ -z "$chromium" || -z "$chromedriver" ]] || ! command -v curl >/dev/null; then
    echo "skipped: no chromium, chromedriver or curl"
    exit 77
fi
tengen="$(realpath "$1")"
source="$(realpath "$2")"
pictures="${3:-}"
run="${4:-}"
work="$(mktemp -d)"
failures=0 server_pid=""

complain() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}
leave() {
    browser_stop
    [[ -z "$server_pid" ]] || kill "$server_pid" 2>/dev/null || true
    [[ -z "$server_pid" ]] || wait "$server_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap leave EXIT

# snap NAME: a screenshot, where they are wanted.
snap() {
    [[ -z "$pictures" ]] || {
        sleep 0.4
        picture "$pictures/$1.png"
    }
}
[[ -z "$pictures" ]] || mkdir -p "$pictures"

# check_page WHERE: nothing is wider than the screen, everything has a name, and the console is clean.
check_page() {
    local wide nameless
    wide="$(js 'return document.documentElement.scrollWidth > innerWidth')"
    [[ "$wide" == false ]] || complain "$1: the page is wider than the screen: $(js 'return [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map((e) => e.tagName + "." + e.getAttribute("class")).join(" ")')"
    nameless="$(js 'return [...document.querySelectorAll("button, a[href], input, select, svg[role]")].filter((e) => e.offsetParent !== null && !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels && e.labels.length)).map((e) => e.outerHTML.slice(0, 60).replace(/[\\"<>]/g, " ")).join("; ") + "."')"
    [[ "$nameless" == . ]] || complain "$1: controls without a name: $nameless"
    local said
    said="$(console)"
    [[ -z "$said" ]] || complain "$1: the console says: ${said:0:500}"
}

if [[ -n "${TENGEN_PAGE:-}" ]]; then # a server that runs already
    page="$TENGEN_PAGE"
else
    if [[ -z "$run" ]]; then
        run="$work/<img src=x onerror=document.title=1>" # A name is text, whatever it says.
        "$tengen" train --size 5 --run "$run" --games 60 --threads 1 --quiet --set blocks=1 --set channels=8 --set checkpoints=2 --set gate-games=4 \
            --set gate-visits=4 >"$work/train.out" 2>"$work/train.log" || complain "train: $(tail -n 2 "$work/train.log")"
    fi
    cd "$source"
    : >"$work/serve.log" && : >"$work/serve.out"
    "$tengen" serve "$run" --port 0 >"$work/serve.out" 2>"$work/serve.log" &
    server_pid=$!
    page=""
    for _ in {1..100}; do
        page="$(grep -oh 'http://[^ ]*' "$work/serve.out" "$work/serve.log" | head -n 1 || true)"
        [[ -n "$page" ]] && break
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    [[ -n "$page" ]] || {
        grep -q 'was built without' "$work/serve.log" && exit 77
        complain "tengen serve prints no link: $(tail -n 3 "$work/serve.log")"
        exit 1
    }
fi
page="${page%/}"
browser_start "$work/browser" || {
    complain "the browser does not start: $(tail -n 3 "$work/browser/driver.log")"
    exit 1
}

# --- The overview ----------------------------------------------------------------------------------

screen 1280 900
colours light
visit "$page/"
await 20 'return document.querySelectorAll("#overview .plot svg").length >= 3' || complain "the overview shows no plots"
js 'window.shifted = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifted += e.value; }).observe({type: "layout-shift", buffered: true}); return 1' >/dev/null
sleep 1
shifted="$(js 'return Math.round(1000 * window.shifted)')"
((${shifted:-999} <= 100)) || complain "the layout shifts by $shifted thousandths while the page loads; 100 is thought good"
echo "layout shift while it loads: $shifted thousandths"
echo "first paint: $(js 'return Math.round(performance.getEntriesByType("paint")[0].startTime)') ms; $(js 'return performance.getEntriesByType("resource").reduce((n, r) => n + (r.initiatorType === "fetch" ? 0 : r.decodedBodySize), performance.getEntriesByType("navigation")[0].decodedBodySize)') bytes of page"
[[ "$(js 'return performance.getEntriesByType("resource").every((r) => new URL(r.name).origin === location.origin)')" == true ]] || complain "something is loaded from elsewhere"
[[ "$(js 'return document.querySelectorAll("script:not([src]), style, [style*=url], [onclick]").length')" == 0 ]] || complain "there are inline scripts or styles"
if [[ "$run" == *"<img"* ]]; then
    [[ "$(js 'return document.querySelectorAll("main img").length + " " + document.querySelector("#overview .head p").textContent.includes("<img")')" == "0 true" ]] || complain "a name is taken for HTML"
fi
snap overview-light
check_page "overview, wide, light"
js 'document.querySelector("#overview .plot").focus()' >/dev/null
keys '\uE012' '\uE012'
await 5 'return document.querySelectorAll("#overview .plot .hair").length >= 1 || !document.querySelector("#overview .plot svg")' || complain "a plot is not read by keyboard"
colours dark
await 5 'return document.documentElement.dataset.theme === "dark"' || complain "dark is not followed"
snap overview-dark
click '#theme'
await 5 'return document.documentElement.dataset.theme === "light"' || complain "the button of light and dark does nothing"
click '#theme'
screen 390 844 2
await 5 'return document.querySelector("#overview .plot svg") === null || document.querySelector("#overview .plot svg").clientWidth < 390' || complain "plots do not fit"
snap overview-phone-dark
check_page "overview, narrow, dark"

# --- A stored game ---------------------------------------------------------------------------------

screen 1280 900
click 'nav a[href="#/games"]'
await 20 'return document.querySelectorAll("#games .desk .board circle").length > 0' || complain "no stored game is shown"
js 'document.querySelector("#games .steps").scrollIntoView({block: "end"}); return 1' >/dev/null
where() { js 'return document.querySelector("#games .steps output").textContent.trim().split(" ")[0]'; }
js 'document.activeElement.blur(); return 1' >/dev/null
keys '\uE011'
await 5 'return document.querySelector("#games .steps output").textContent.startsWith("0 ")' || complain "Home does not lead to the start: $(where)"
for _ in 1 2 3 4 5; do keys '\uE014'; done
[[ "$(where)" == 5 ]] || complain "five steps on lead to $(where)"
click '#games .steps button:nth-of-type(2)'
[[ "$(where)" == 4 ]] || complain "one step back leads to $(where)"
for _ in {1..6}; do click '#games .steps button:nth-of-type(3)'; done
[[ "$(js 'return document.querySelectorAll("#games .desk .layer-pieces > *").length > 0')" == true ]] || complain "no stones after ten moves"
sgf="$(js 'return document.querySelector("#games a[download]").href')"
curl -s --max-time 10 "$sgf" | grep -q '^(;.*FF\[4\]' || [[ -n "${TENGEN_PAGE:-}" ]] || complain "$sgf is no SGF"
snap game-dark
check_page "a game, wide, dark"
colours light
js 'dispatchEvent(new Event("toggle-theme")); return 1' >/dev/null
js 'scrollTo(0, 0); return 1' >/dev/null
snap games-light
screen 390 844 2
snap games-phone
check_page "games, narrow"

# --- Playing by clicks -----------------------------------------------------------------------------

# begin GAME: a game against the first net of it that comes with the source, at the weakest level.
begin() {
    click 'nav a[href="#/play"]'
    await 10 'return document.querySelectorAll("#play form.setup select option").length > 3' || complain "no net to play against"
    js "const s = document.querySelector('#play .setup select'); s.value = '$1'; s.dispatchEvent(new Event('change')); return 1" >/dev/null
    js "const s = document.querySelectorAll('#play .setup select')[1]; const o = [...s.options].find((o) => o.textContent.includes('$2')); if (o) s.value = o.value; s.dispatchEvent(new Event('change')); return 1" >/dev/null
    js "const s = document.querySelectorAll('#play .setup select')[4]; s.value = '1'; s.dispatchEvent(new Event('change')); return 1" >/dev/null
    [[ -z "${3:-}" ]] || snap "$3"
    click '#play .setup button.main'
    await 20 'return document.querySelectorAll("#play .board .cell.can").length > 0' || complain "$1: nothing can be played: $(js 'return document.querySelector("#play .note.bad").textContent')"
}
# answered N: whether the game is over, or it is the visitor's move after at least N moves.
answered() { echo "const said = document.querySelector('#play .said'); return said.classList.contains('ended') || said.textContent.includes('our move') && document.querySelectorAll('#play .moves li').length >= $1"; }
over='return document.querySelector("#play .said").classList.contains("ended")'
said() { js 'return document.querySelector("#play .said").textContent.replace(/"/g, " ")'; }

screen 1280 900
begin go go7 setup-light
moves=0
until [[ "$(js "$over")" == true ]]; do
    # Some stones in the middle of what is free, then passes until it passes too.
    if ((moves < 8)) && [[ "$(js 'return document.querySelectorAll("#play .cell.can").length > 0')" == true ]]; then
        js 'const free = [...document.querySelectorAll("#play .cell.can")]; document.querySelectorAll(".chosen-by-test").forEach((e) => e.classList.remove("chosen-by-test")); free[Math.floor(free.length / 2)].classList.add("chosen-by-test"); return 1' >/dev/null
        click '.chosen-by-test' || break
    else
        click '#play [aria-label="This game"] > span button' || break
    fi
    moves=$((moves + 1))
    await 30 "$(answered $((2 * moves)))" || {
        complain "Go: no answer to move $moves: $(said)"
        break
    }
    if ((moves == 5)); then
        click '#play [aria-label="This game"] > button:nth-of-type(2)'
        await 20 'return document.querySelectorAll("#play tbody tr").length > 0' || complain "a hint shows no moves"
        snap play-go-hint
        check_page "a game of Go, wide"
        screen 390 844 2
        sleep 0.3
        check_page "a game of Go with a hint, narrow"
        screen 1280 900
    fi
    ((moves < 120)) || {
        complain "a game of Go does not end"
        break
    }
done
said | grep -q 'The game is over: .* wins' || complain "Go: at its end it says: $(said)"
echo "Go 7x7: $(said)"
snap play-go-over
screen 390 844 2
snap play-go-phone
check_page "a game of Go, narrow"
screen 1280 900
click '#play .between button'
await 5 'return !document.querySelector("#play .setup").hidden' || complain "no new game"

begin connect4 connect4
moves=0
until [[ "$(js "$over")" == true ]]; do
    js 'const free = [...document.querySelectorAll("#play .cell.can")]; document.querySelectorAll(".chosen-by-test").forEach((e) => e.classList.remove("chosen-by-test")); free[Math.floor(free.length / 2)].classList.add("chosen-by-test"); return 1' >/dev/null
    click '.chosen-by-test' || break
    moves=$((moves + 1))
    await 30 "$(answered $((2 * moves)))" || {
        complain "Connect Four: no answer to move $moves: $(said)"
        break
    }
    ((moves == 3)) && snap play-connect4
    ((moves < 30)) || {
        complain "a game of Connect Four does not end"
        break
    }
done
said | grep -q 'The game is over: .*' || complain "Connect Four: at its end it says: $(said)"
echo "Connect Four: $(said)"
snap play-connect4-over
check_page "a game of Connect Four"

# By keyboard: a stone of Hex is placed with the arrows and Enter.
click '#play .between button'
begin hex hex5
js 'document.querySelector("#play .position").focus(); return 1' >/dev/null
keys '\uE014' '\uE015' '\uE007'
await 20 'return document.querySelectorAll("#play .layer-pieces > *").length >= 2' || complain "Hex: the keyboard places no stone: $(said)"
snap play-hex

click 'nav a[href="#/machine"]'
await 10 'return document.querySelectorAll("#machine .meter").length > 0' || complain "the machine shows nothing"
snap machine
screen 390 844 2
check_page "machine, narrow"

# --- When the server goes away ---------------------------------------------------------------------

if [[ -n "$server_pid" ]]; then
    kill "$server_pid"
    wait "$server_pid" 2>/dev/null || true
    server_pid=""
    click 'nav a[href="#/overview"]'
    await 20 'return document.querySelector("#state").dataset.state === "gone"' || complain "the page does not say that the server is gone"
    snap gone
fi
((failures == 0)) || {
    echo "$failures failures" >&2
    exit 1
}
