#!/bin/sh
# Builds the functions of kpt from its Go module, pinned and checked by go.sum, and prints its path.
#
# The folder is keyed by the lock files: it is made once, and anew when a pin changes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../../target}
key=$(cat "$here/build.sh" "$here/main.go" "$here/go.mod" "$here/go.sum" | sha256sum | cut -c1-16)
folder=$target/e2e/kpt-$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    folder=$(CDPATH='' cd -- "$folder" && pwd)
    cd "$here"
    CGO_ENABLED=0 GOFLAGS="-buildvcs=false -mod=readonly" go build -trimpath -ldflags "-s -w" \
        -o "$folder/kpt" . >&2
    touch "$folder/complete"
fi

echo "$(CDPATH='' cd -- "$folder" && pwd)/kpt"
