#!/bin/sh
# Builds a Google Cloud for tests over Google's own generated code, pinned and checked by go.sum, and
# prints the path of the program.
#
# The folder is keyed by the sources: it is made once, in some minutes, and anew when one changes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../../target}
key=$(cat "$here/build.sh" "$here/go.mod" "$here/go.sum" "$here"/*.go | sha256sum | cut -c1-16)
folder=$target/e2e/gcp-$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    folder=$(CDPATH='' cd -- "$folder" && pwd)
    cd "$here"
    export GOFLAGS="-buildvcs=false -mod=readonly"
    go build -trimpath -ldflags "-s -w" -o "$folder/gcp" . >&2
    touch "$folder/complete"
fi

echo "$(CDPATH='' cd -- "$folder" && pwd)/gcp"
