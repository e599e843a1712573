#!/usr/bin/env bash
# Prints what the changelog says of this version.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
awk -v start="## $version," 'index($0, "## ") == 1 { on = index($0, start) == 1; next } on' CHANGELOG.md
