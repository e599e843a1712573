#!/bin/sh
# Builds kube-apiserver and etcd from their Go modules, pinned and checked by go.sum, installs the
# pinned kubectl, and prints the folder that has them.
#
# The folder is keyed by the lock files: it is made once, in some minutes, and anew when a pin
# changes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../../target}
key=$(cat "$here/build.sh" "$here/go.mod" "$here/go.sum" "$here/requirements.txt" | sha256sum | cut -c1-16)
folder=$target/e2e/kube-apiserver-$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    folder=$(CDPATH='' cd -- "$folder" && pwd)
    kubernetes=$(sed -n 's/^\tk8s.io\/kubernetes \(v[0-9.]*\)$/\1/p' "$here/go.mod")
    minor=${kubernetes#v1.}
    minor=${minor%%.*}
    # Without these the server does not know its own version, and clients refuse it.
    version=k8s.io/component-base/version
    cd "$here"
    export GOFLAGS="-buildvcs=false -mod=readonly"
    go build -trimpath -o "$folder/kube-apiserver" -ldflags \
        "-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=$minor" \
        k8s.io/kubernetes/cmd/kube-apiserver >&2
    go build -trimpath -o "$folder/etcd" -ldflags "-s -w" go.etcd.io/etcd/server/v3 >&2
    "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-compile \
        --require-hashes --no-deps --only-binary=:all: --target "$folder/python" \
        -r "$here/requirements.txt" >&2
    touch "$folder/complete"
fi

CDPATH='' cd -- "$folder" && pwd
