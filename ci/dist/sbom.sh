#!/usr/bin/env bash
# Writes what is in the shipped program, as CycloneDX, and looks whether it is true.
# Usage: sbom.sh TARGET FILE
set -euo pipefail
target=$1 file=$PWD/$2
cd "$(dirname "$0")/../.."

tools=$PWD/target/dist-tools
CARGO_TARGET_DIR=$tools/build cargo install --quiet --locked --root "$tools" cargo-cyclonedx@0.5.9
if [ "$(cat "$tools/venv/stamp" 2>/dev/null)" != "$(cksum ci/dist/requirements.txt)" ]; then
  rm -rf "$tools/venv"
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement ci/dist/requirements.txt
  cksum ci/dist/requirements.txt >"$tools/venv/stamp"
fi
# It writes a file beside each Cargo.toml, so it gets a tree of its own.
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
tar -c --exclude=./target --exclude=./.git --exclude=./.venv --exclude=./dist . | tar -x -C "$tree"
(
  cd "$tree"
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$OLDPWD" log -1 --format=%ct 2>/dev/null || echo 0)} \
    "$tools/bin/cargo-cyclonedx" cyclonedx --manifest-path crates/cli/Cargo.toml --no-default-features \
    --target "$target" --format json --spec-version 1.5 --describe binaries --quiet
)
made=$(find "$tree/crates/cli" -name '*.cdx.json')
python3 ci/dist/sbom.py "$made" "$tree" "$target" "$file"
"$tools/venv/bin/python" ci/dist/valid.py "$file"
