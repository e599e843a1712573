#!/bin/sh
# Builds a program from Go modules, pinned and checked by go.sum, and prints its path: go.sh NAME
# [PACKAGE], with the folder of their go.mod and the package of the program, else that folder's own.
#
# The folder is keyed by the sources: it is made once, in some minutes, and anew when one changes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../target}
key=$(cat "$here/go.sh" $(find "$here/$1" -name 'go.*' -o -name '*.go' | sort) | sha256sum | cut -c1-16)
folder=$target/e2e/$1-go-$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    folder=$(CDPATH='' cd -- "$folder" && pwd)
    cd "$here/$1"
    CGO_ENABLED=0 GOFLAGS="-buildvcs=false -mod=readonly" go build -trimpath -ldflags "-s -w" \
        -o "$folder/$1" "${2:-.}" >&2
    touch "$folder/complete"
fi

echo "$(CDPATH='' cd -- "$folder" && pwd)/$1"
