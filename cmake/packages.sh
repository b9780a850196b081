# Sourced by quickstart and check: installs Debian packages by name, and only those that are missing.
# shellcheck shell=bash disable=SC2034

BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build libdnnl-dev libsqlite3-dev libzstd-dev libcjson-dev)
export PATH="$PATH:/usr/games" # Debian's gnugo lives there, and root's PATH leaves it out

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# install_missing PACKAGE...: says what it installs before it does.
install_missing() {
    local package missing=() sudo=()
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        for package in gcc cmake ninja; do
            command -v "$package" >/dev/null || fail "no apt-get here, and $package is missing: install by hand what these Debian packages hold: $*"
        done
        echo "No apt-get here: taking what is installed. Needed are what these Debian packages hold: $*"
        return
    fi
    for package in "$@"; do
        [[ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)" == *"ok installed" ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if [[ "$(id -u)" != 0 ]]; then
        command -v sudo >/dev/null || fail "can't install ${missing[*]}: neither root nor sudo; ask for: apt-get install ${missing[*]}"
        sudo=(sudo)
    fi
    echo "Installing with apt-get: ${missing[*]}"
    local log
    log="$(mktemp)"
    if ! { "${sudo[@]}" apt-get update -qq &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "apt-get could not install: ${missing[*]} (its last lines are above)"
    fi
    rm -f "$log"
}
