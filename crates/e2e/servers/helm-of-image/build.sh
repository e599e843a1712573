#!/bin/sh
# Builds the Helm that the image with tools has, from its Go module, pinned and checked by go.sum, and
# prints its path.
#
# The folder is keyed by the lock files: it is made once, and anew when a pin changes.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../../target}
key=$(cat "$here/build.sh" "$here/go.mod" "$here/go.sum" | sha256sum | cut -c1-16)
folder=$target/e2e/helm-of-image-$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    folder=$(CDPATH='' cd -- "$folder" && pwd)
    cd "$here"
    # As its Makefile does: the version of a cluster that nobody names is that of its libraries.
    libraries=$(sed -n 's|.*k8s.io/client-go v0\.\([0-9]*\)\..*|\1|p' go.mod)
    capabilities=helm.sh/helm/v3/pkg/chartutil.k8sVersion
    GOFLAGS="-buildvcs=false -mod=readonly" CGO_ENABLED=0 go build -trimpath \
        -ldflags "-s -w -X ${capabilities}Major=1 -X ${capabilities}Minor=$libraries" \
        -o "$folder/helm" helm.sh/helm/v3/cmd/helm >&2
    touch "$folder/complete"
fi

echo "$(CDPATH='' cd -- "$folder" && pwd)/helm"
