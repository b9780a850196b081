# Sourced by the scripts that look at the page: a real Chromium driven over WebDriver (W3C) with
# curl. Answers are JSON on one line, of which sed takes what is wanted; scripts that run in the
# page return plain words for that reason.
# shellcheck shell=bash

chromium="$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)"
chromedriver="$(command -v chromedriver || true)"
driver_url="" session="" driver_pid=""

# quoted TEXT: as a JSON string.
quoted() {
    local text="$1"
    text="${text//\\/\\\\}"
    text="${text//\"/\\\"}"
    text="${text//$'\t'/ }"
    printf '"%s"' "${text//$'\n'/\\n}"
}

# wd METHOD PATH [BODY]: asks the driver about this session, and prints its answer.
wd() {
    local method="$1" path="$2" body=("${@:3}")
    ((${#body[@]})) && body=(--data-binary "@-" -H 'Content-Type: application/json')
    printf '%s' "${3:-}" | curl -sS --max-time 60 -X "$method" "${body[@]}" "$driver_url/session/$session$path"
}

# browser_start FOLDER: starts the driver and a browser that keeps its files in FOLDER.
browser_start() {
    local port options answer
    mkdir -p "$1" && : >"$1/driver.log"
    "$chromedriver" --port=0 >"$1/driver.log" 2>&1 &
    driver_pid=$!
    for _ in {1..100}; do
        port="$(sed -n 's/.*started successfully on port \([0-9]*\).*/\1/p' "$1/driver.log")"
        [[ -n "$port" ]] && break
        sleep 0.1
    done
    [[ -n "$port" ]] || return 1
    driver_url="http://127.0.0.1:$port"
    options="\"binary\":$(quoted "$chromium"),\"args\":[\"--headless=new\",\"--no-sandbox\",\"--disable-gpu\",\"--disable-dev-shm-usage\""
    options+=",\"--hide-scrollbars\",\"--force-device-scale-factor=1\",\"--no-first-run\",\"--disable-background-networking\""
    options+=",\"--no-proxy-server\",$(quoted "--user-data-dir=$1/profile")]"
    answer="$(curl -sS --max-time 60 -H 'Content-Type: application/json' "$driver_url/session" --data-binary \
        "{\"capabilities\":{\"alwaysMatch\":{\"browserName\":\"chrome\",\"goog:loggingPrefs\":{\"browser\":\"ALL\"},\"goog:chromeOptions\":{$options}}}}")"
    session="$(sed -n 's/.*"sessionId":"\([^"]*\)".*/\1/p' <<<"$answer")"
    [[ -n "$session" ]] || {
        echo "no browser: ${answer:0:400}" >&2
        return 1
    }
}

browser_stop() {
    [[ -z "$session" ]] || wd DELETE "" >/dev/null 2>&1 || true
    [[ -z "$driver_pid" ]] || kill "$driver_pid" 2>/dev/null || true
    [[ -z "$driver_pid" ]] || wait "$driver_pid" 2>/dev/null || true
    session="" driver_pid=""
}

# js SCRIPT: runs it in the page, and prints the text, number or truth that it returns.
js() {
    wd POST /execute/sync "{\"script\":$(quoted "$1"),\"args\":[]}" | sed -n 's/^{"value":"\{0,1\}\(.*[^"]\)"\{0,1\}}$/\1/p'
}

cdp() { wd POST /goog/cdp/execute "{\"cmd\":\"$1\",\"params\":$2}" >/dev/null; }

# screen WIDTH HEIGHT SCALE: as on a telephone where it is narrow.
screen() {
    cdp Emulation.setDeviceMetricsOverride "{\"width\":$1,\"height\":$2,\"deviceScaleFactor\":${3:-1},\"mobile\":$( (($1 < 600)) && echo true || echo false)}"
}

colours() { cdp Emulation.setEmulatedMedia "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"$1\"}]}"; }

visit() { wd POST /url "{\"url\":$(quoted "$1")}" >/dev/null; }

# await SECONDS SCRIPT: whether the script returns true in the page before the time is over.
await() {
    local end=$((SECONDS + $1))
    until [[ "$(js "$2")" == true ]]; do
        ((SECONDS < end)) || return 1
        sleep 0.15
    done
}

# click SELECTOR: as a person does, with the pointer in the middle of the first such element.
click() {
    local id answer
    id="$(wd POST /element "{\"using\":\"css selector\",\"value\":$(quoted "$1")}" | sed -n 's/.*"element-[^"]*":"\([^"]*\)".*/\1/p')"
    [[ -n "$id" ]] || {
        echo "nothing matches $1" >&2
        return 1
    }
    answer="$(wd POST "/element/$id/click" '{}')"
    [[ "$answer" == '{"value":null}' ]] || {
        echo "can't click $1: ${answer:0:300}" >&2
        return 1
    }
}

# keys TEXT...: typed where the focus is; \uE012 to \uE015 are the arrows left, up, right, down.
keys() {
    local actions="" key
    for key in "$@"; do actions+=",{\"type\":\"keyDown\",\"value\":\"$key\"},{\"type\":\"keyUp\",\"value\":\"$key\"}"; done
    wd POST /actions "{\"actions\":[{\"type\":\"key\",\"id\":\"keys\",\"actions\":[${actions#,}]}]}" >/dev/null
}

# picture FILE: what is seen, as PNG.
picture() { wd GET /screenshot | sed -n 's/^{"value":"\(.*\)"}$/\1/p' | base64 -d >"$1"; }

# console: the errors and warnings since it was asked last, one a line.
console() {
    wd POST /se/log '{"type":"browser"}' | sed 's/},{/}\n{/g' | grep -E '"level":"(SEVERE|WARNING)"' || true
}
