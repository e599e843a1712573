#!/usr/bin/env bash
# Fills the folder `dist` with the files of a release for this machine: the program, under the name
# of argocd-vault-plugin too, what is in it, and checksums.
set -euo pipefail
cd "$(dirname "$0")/../.."

program=$(./ci/dist/build.sh)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; esac
name=manifill_${version}_linux_$arch

rm -rf dist
mkdir dist
install -m 0755 "$program" "dist/$name"
# Recipes that download argocd-vault-plugin make the address from this name.
install -m 0755 "$program" "dist/argocd-vault-plugin_${version}_linux_$arch"
./ci/dist/sbom.sh "$(uname -m)-unknown-linux-musl" "dist/$name.cdx.json"
./ci/dist/checksums.sh dist
./ci/dist/test.sh "dist/$name"
ls -l dist
