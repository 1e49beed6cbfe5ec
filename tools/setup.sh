#!/usr/bin/env bash
# Gives .venv what `make` needs: tools/setup.sh core | dev | neural. What is there already costs nothing.
# uv installs where it can be had, pip otherwise; pip's settings are handed to uv, which reads none of them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

want=$1
venv=$PWD/.venv
python=${PYTHON:-python3}
stamp=$venv/tradewind-installed # a digest of what was installed from, then the sets: core dev

say() { printf 'setup: %s\n' "$*" >&2; }

refuse() {
    say "$*"
    exit 2
}

step() { # WHAT COMMAND...: one line that says what is done, then in how many seconds
    printf 'setup: %s ... ' "$1" >&2
    local start=$SECONDS
    if ! "${@:2}"; then
        printf 'failed\n' >&2
        return 1
    fi
    printf '%d s\n' $((SECONDS - start)) >&2
}

digest() { # of the dependencies, the pins and the place, for scripts name their interpreter in full
    { cat pyproject.toml constraints.txt && printf '%s' "$venv"; } | sha256sum | cut -d ' ' -f 1
}

stamped() { # digest | sets
    local have='' sets=''
    if [ -f "$stamp" ]; then read -r have sets <"$stamp" || true; fi
    if [ "$1" = digest ]; then echo "$have"; else echo "${sets:-core}"; fi
}

installed() { # the set that is wanted, from these very pins, for an interpreter that still works
    [ "$(stamped digest)" = "$(digest)" ] && [[ " $(stamped sets) " == *" $want "* ]] &&
        "$venv/bin/python" -c 'import tradewind' 2>/dev/null
}

require_python() {
    command -v "$python" >/dev/null ||
        refuse "there is no $python here: apt-get install python3 python3-venv"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        refuse "$("$python" -V) is too old for tradewind: make PYTHON=/path/to/python3.11 up"
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        refuse "$python cannot make a virtual environment: apt-get install python3-venv"
}

venv_works() { # it was made here, and to its end
    grep -qsF "$venv" "$venv/bin/activate" && "$venv/bin/python" -m pip --version >/dev/null 2>&1
}

pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

pip_setting() { # NAME SEPARATOR: what pip was told, by its environment or its files
    local variable=PIP_${1//-/_}
    variable=${variable^^}
    local value=${!variable:-$(pip config get "global.$1" 2>/dev/null || true)}
    printf '%s' "$value" | tr -s '[:space:]' "$2"
}

hand_over() { # NAME VALUE: unless uv was told already
    if [ -n "$2" ] && [ -z "${!1:-}" ]; then export "$1=$2"; fi
}

tell_uv() {
    hand_over UV_FIND_LINKS "$(pip_setting find-links ,)"
    hand_over UV_DEFAULT_INDEX "$(pip_setting index-url ' ')"
    hand_over UV_INDEX "$(pip_setting extra-index-url ' ')"
    hand_over SSL_CERT_FILE "$(pip_setting cert ' ')"
    # pip wants the best version of any index; uv would stop at the first index that knows the package.
    if [ -n "${UV_INDEX:-}" ]; then hand_over UV_INDEX_STRATEGY unsafe-best-match; fi
}

install() { # WHAT: such as .[dev], editable, with the pins
    local options=(--quiet -c constraints.txt -e "$1")
    if step "installing uv" pip install -qq --no-compile uv; then
        tell_uv
        step "installing $1 with uv" "$venv/bin/uv" pip install --python "$venv/bin/python" "${options[@]}"
    else
        say "uv cannot be had: pip takes its place"
        step "installing $1 with pip" pip install --quiet --no-compile "${options[@]}"
    fi
}

trap 'say "interrupted; run it again"; exit 130' INT TERM

if installed; then exit 0; fi
[ -w . ] || refuse "$PWD cannot be written: clone tradewind into a folder of your own"
require_python
sets=$(stamped sets)
[[ " $sets " == *" $want "* ]] || sets="$sets $want"
rm -f "$stamp" # nothing counts as installed until all of it is
venv_works || step "making .venv with $("$python" -V)" "$python" -m venv --clear "$venv"
extras=${sets#core}
extras=${extras# }
install ".${extras:+[${extras// /,}]}"
printf '%s %s\n' "$(digest)" "$sets" >"$stamp"
