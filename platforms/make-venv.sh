#!/bin/sh
# Makes the virtual environment $1, with uv $2 in it. The Makefile calls it.
#
# Its Python is the one that is named in PYTHON. If none is named: the first of 3.11, 3.12, 3.13 and python3 for which ml-metadata has
# a wheel, 3.11 being the one whose store can filter on Linux; else a 3.11 that uv brings; else any from 3.11 on, which is enough
# for a proxy before an MLMD server. With NEEDS_ENGINE=yes, a Python without a wheel is an error.
set -eu
cd "$(dirname "$0")/.."
unset VIRTUAL_ENV
venv=$1 uv_version=$2
wheels=model_registry_proxy/engine/wheels.py

give_up() {
    echo "$1" >&2
    exit 1
}

# A command of PATH may be a shim that cannot run, so each is tried.
is_new_enough() {
    command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

has_wheel() {
    is_new_enough "$1" && "$1" -I "$wheels" 2>/dev/null
}

# first TEST NAME...: prints the first name that passes the test.
first() {
    passes=$1
    shift
    for name in "$@"; do
        if "$passes" "$name"; then
            echo "$name"
            return
        fi
    done
    return 1
}

runs() {
    command -v "$1" >/dev/null && "$1" -c '' 2>/dev/null
}

# Prints the path of a 3.11 that uv finds or brings. uv comes from PATH, else from the package index.
python_by_uv() {
    case "$(uname -sm)" in
    "Linux x86_64" | "Darwin arm64") ;;
    *) return 1 ;; # another Python would have no wheel either
    esac
    if ! uv=$(command -v uv); then
        python=$(first runs python3 python3.14 python3.13 python3.12) || return 1
        "$python" -m venv "$scratch/uv" >/dev/null 2>&1 || return 1
        "$scratch/uv/bin/python" -m pip install --quiet --disable-pip-version-check --retries 1 "uv==$uv_version" 2>/dev/null || return 1
        uv=$scratch/uv/bin/uv
    fi
    cd "$scratch" # where uv sees no .venv
    "$uv" python find --no-project 3.11 2>/dev/null && return
    "$uv" python install --quiet --no-bin 3.11 2>/dev/null && "$uv" python find --no-project 3.11 2>/dev/null
}

choose() {
    first has_wheel python3.11 python3.12 python3.13 python3 && return
    found=$(python_by_uv) && has_wheel "$found" && echo "$found" && return
    first is_new_enough python3 python3.13 python3.12 python3.11 python3.14
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ -n "${PYTHON:-}" ]; then
    is_new_enough "$PYTHON" || give_up "Python 3.11 or newer is needed, and $PYTHON is none. Name another, as in: make run PYTHON=python3.11"
    version='import sys; print(sys.version)'
    if [ -x "$venv/bin/uv" ] && [ "$("$PYTHON" -c "$version")" = "$("$venv/bin/python" -c "$version" 2>/dev/null)" ]; then
        exit
    fi
    python=$PYTHON
else
    python=$(choose) || give_up "Python 3.11 or newer is needed, and none was found. Name one, as in: make run PYTHON=/opt/python3.11/bin/python3; or run the image (docs/deployment.md)."
fi
if [ "${NEEDS_ENGINE:-}" = yes ]; then
    "$python" -I "$wheels"
fi
echo "Making $venv with $python" >&2
"$python" -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$uv_version"
