#!/bin/sh
# Installs what the end-to-end tests start, pinned and checked by hash, and prints the folder.
#
# The folder is keyed by the lock files: it is made once, and anew when a pin changes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
locks=$here/connect-clients
target=${CARGO_TARGET_DIR:-$here/../../../target}
key=$(cat "$here/setup.sh" "$locks/requirements.txt" "$locks/package-lock.json" | sha256sum | cut -c1-16)
folder=$target/e2e/$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder/js"
    {
        "${PYTHON:-python3}" -m venv "$folder/venv"
        "$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
            --require-hashes --no-deps --only-binary=:all: -r "$locks/requirements.txt"
        cp "$locks/package.json" "$locks/package-lock.json" "$folder/js/"
        (cd "$folder/js" && npm ci --ignore-scripts --no-audit --no-fund)
        # Its own script would do this.
        chmod +x "$folder"/js/node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool
    } >&2
    touch "$folder/complete"
fi

CDPATH='' cd -- "$folder" && pwd
