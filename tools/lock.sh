#!/bin/sh
# Regenerate requirements/*.txt from pyproject.toml: pinned, hashed, without any download address, and
# for every Python we support: Debian 12's 3.11.2 needs a package that 3.11.3 does not.
# Wants uv on the PATH (`make lock` puts it there).
set -eu
cd "$(dirname "$0")/.."

lock() {
    echo "locking requirements/$1.txt"
    name=$1
    shift
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links --output-file "requirements/$name.txt" "$@"
}

# The widest set first; the narrower ones are held to its versions, so that every file agrees.
lock test --upgrade --extra demo --extra test pyproject.toml
lock demo --upgrade --extra demo --constraint requirements/test.txt pyproject.toml
lock run --upgrade --constraint requirements/test.txt pyproject.toml
# What builds our own package, so that installing it needs no unpinned download.
echo 'setuptools>=80' | lock build --upgrade --no-annotate -
