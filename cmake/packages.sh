# Sourced by quickstart and check: installs Debian packages by their names, but only missing ones.
# shellcheck shell=bash disable=SC2034

BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build libsqlite3-dev libzstd-dev libcjson-dev libdnnl-dev)
export PATH="$PATH:/usr/games" # Debian's gnugo lives there, and root's PATH leaves it out

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

has_header() { gcc -E -include "$1" -x c /dev/null >/dev/null 2>&1; }

# is_there PACKAGE: whether what we need of it is on this machine, wherever it comes from.
is_there() {
    case "$1" in
    ninja-build) command -v ninja >/dev/null || command -v make >/dev/null ;;
    libc6-dev) has_header stdlib.h ;;
    libsqlite3-dev) has_header sqlite3.h ;;
    libzstd-dev) has_header zstd.h ;;
    libcjson-dev) has_header cjson/cJSON.h ;;
    gnuplot-nox) command -v gnuplot >/dev/null ;;
    chromium-driver) command -v chromedriver >/dev/null ;;
    libdnnl-dev) has_header oneapi/dnnl/dnnl.h ;;
    libmicrohttpd-dev) has_header microhttpd.h ;;
    openmpi-bin) command -v mpirun >/dev/null ;;
    libopenmpi-dev) command -v mpicc >/dev/null ;;
    *) command -v "$1" >/dev/null ;; # these packages have a program of their own name
    esac
}

# is_installed PACKAGE: whether Debian's database has it, or where there is no such database,
# whether it is there.
is_installed() {
    if command -v dpkg-query >/dev/null; then
        [[ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null || true)" == *"ok installed" ]]
    else
        is_there "$1"
    fi
}

# without PACKAGE: says what is lost without it.
without() {
    case "$1" in
    gnugo) echo "Without gnugo (apt-get install gnugo): no games against GNU Go." ;;
    libdnnl-dev) echo "Without libdnnl-dev (oneDNN; apt-get install libdnnl-dev): training on the processor is many times slower." ;;
    libmicrohttpd-dev) echo "Without libmicrohttpd-dev (apt-get install libmicrohttpd-dev): no page in the browser (tengen serve)." ;;
    chromium | chromium-driver) echo "Without $1 (apt-get install $1): the page is not tested in a browser." ;;
    libopenmpi-dev | openmpi-bin) echo "Without libopenmpi-dev and openmpi-bin: one process on one machine only." ;;
    *) echo "Without $1 (apt-get install $1): something optional is missing." ;;
    esac
}

# apt_install PACKAGE...: installs packages, as root or by sudo. It is a part of install_missing
# and uses that function's variables `needed` and `trouble`. False: it can't be done, and `trouble`
# says why in a few words.
apt_install() {
    local sudo=() log
    trouble="no apt-get here"
    command -v apt-get >/dev/null || return 1
    if [[ "$(id -u)" != 0 ]]; then
        trouble="neither root nor sudo"
        command -v sudo >/dev/null || return 1
        sudo=(sudo)
        ((${#needed[@]})) || sudo=(sudo -n) # for what we can do without, nobody is asked for a password
    fi
    echo "Installing with apt-get: $*"
    log="$(mktemp)"
    trouble="apt-get failed"
    if ! { "${sudo[@]}" apt-get update -qq &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# install_missing PACKAGE... [--optional PACKAGE...]: says what it installs before it does. A
# package that can't be installed will do if what we need of it is there by other means. An
# optional package that is not there costs no more than a line.
install_missing() {
    local package is_optional="" needed=() wanted=() absent=() trouble=""
    for package in "$@"; do
        [[ "$package" == --optional ]] && is_optional=1 && continue
        is_installed "$package" && continue
        if [[ -n "$is_optional" ]]; then wanted+=("$package"); else needed+=("$package"); fi
    done
    ((${#needed[@]} + ${#wanted[@]})) || return 0
    apt_install "${needed[@]}" "${wanted[@]}" && return 0
    # An optional package that this machine's archive does not have must not keep the needed ones
    # away.
    if ((${#needed[@]} && ${#wanted[@]})) && [[ "$trouble" == "apt-get failed" ]]; then apt_install "${needed[@]}" || true; fi
    for package in "${needed[@]}"; do
        is_there "$package" || absent+=("$package")
    done
    ((${#absent[@]} == 0)) || fail "can't install ${absent[*]}: $trouble; ask for: apt-get install ${absent[*]}"
    for package in "${wanted[@]}"; do
        is_there "$package" || without "$package"
    done
}
