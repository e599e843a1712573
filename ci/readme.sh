#!/usr/bin/env bash
# The backend table of the README is what `manifill backends --markdown` prints.
set -euo pipefail
cd "$(dirname "$0")/.."

want=$(cargo run --quiet -- backends --markdown)
have=$(sed -n '/<!-- backends:begin -->/,/<!-- backends:end -->/p' README.md | sed '1d;$d')
if [ "$want" != "$have" ]; then
  echo "error: the backend table of README.md is not what \`manifill backends --markdown\` prints:" >&2
  diff <(echo "$have") <(echo "$want") >&2 || true
  exit 1
fi
echo "readme: the backend table is current"
