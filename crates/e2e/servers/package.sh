#!/bin/sh
# Installs Python packages, pinned and checked by hash, and prints where: package.sh NAME [PROGRAM],
# with the folder of their requirements.txt and the path of a program in a package, whose own path
# is printed then.
#
# The folder is keyed by the lock file: it is made once, and anew when the pin changes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
lock=$here/$1/requirements.txt
target=${CARGO_TARGET_DIR:-$here/../../../target}
key=$(cat "$here/package.sh" "$lock" | sha256sum | cut -c1-16)
folder=$target/e2e/$1-$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --no-compile \
        --require-hashes --no-deps --only-binary=:all: --root-user-action=ignore \
        --target "$folder/packages" -r "$lock" >&2
    if [ $# -gt 1 ]; then chmod +x "$folder/packages/$2"; fi
    touch "$folder/complete"
fi

echo "$(CDPATH='' cd -- "$folder" && pwd)/packages${2:+/$2}"
