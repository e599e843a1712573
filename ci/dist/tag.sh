#!/usr/bin/env bash
# Looks whether a tag, the version of the workspace, that of its crates, and the changelog are one.
# Usage: tag.sh vX.Y.Z
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
[ "$1" = "v$version" ] || { echo "tag: $1 is not v$version, the version in Cargo.toml" >&2; exit 1; }
if grep -E '^manifill.*path = "crates/' Cargo.toml | grep -vqF "version = \"$version\""; then
  echo "tag: a crate of the workspace is needed in another version than $version" >&2
  exit 1
fi
grep -q "^## $version, 2" CHANGELOG.md || { echo "tag: CHANGELOG.md has no date for $version" >&2; exit 1; }
