#!/usr/bin/env bash
# Builds the shipped program twice, from copies in different folders with a home of their own, and
# compares the bytes. Takes as long as two cold builds.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
commit=$(git rev-parse HEAD)
MANIFILL_COMMIT=$(git rev-parse --short=12 "$commit")
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$commit")
export MANIFILL_COMMIT SOURCE_DATE_EPOCH
for folder in a b/of-a-longer-name; do
  mkdir -p "$work/$folder"
  git archive "$commit" | tar -x -C "$work/$folder"
  CARGO_TARGET_DIR=$work/$folder/built "$work/$folder/ci/dist/build.sh"
done | while read -r program; do sha256sum "$program"; done | tee "$work/sums"
[ "$(cut -d' ' -f1 "$work/sums" | sort -u | wc -l)" = 1 ] || { echo "dist-check: the bytes differ" >&2; exit 1; }
[ "$(wc -l <"$work/sums")" = 2 ]
echo "dist-check: two builds, the same bytes"
