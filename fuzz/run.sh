#!/usr/bin/env bash
# Runs every fuzz target for some seconds, from the example manifests on: fuzz/run.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-10}
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
for target in scan parse splice plan; do
  mkdir -p "corpus/$target"
  cargo +nightly fuzz run "$target" --fuzz-dir . "corpus/$target" ../examples/manifests \
    -- -max_total_time="$seconds" -max_len=4096 -timeout=10
done
