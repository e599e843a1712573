#!/usr/bin/env bash
# Runs every fuzz target for some seconds, from the example manifests and the corpus of the engine's
# tests on: fuzz/run.sh [SECONDS]. One that fails does not keep the others from running.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-10}
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
failed=()
for target in scan parse splice plan ssh keepass certificate archive stream; do
  mkdir -p "corpus/$target"
  cargo +nightly fuzz run "$target" --fuzz-dir . "corpus/$target" ../examples/manifests \
    ../crates/manifill/tests/corpus ../crates/vault/src/transport/azure/certificate/testdata \
    -- -max_total_time="$seconds" -max_len=4096 -timeout=10 ||
    failed+=("$target")
done
if [ "${#failed[@]}" -gt 0 ]; then
  echo "error: these fuzz targets failed: ${failed[*]}" >&2
  exit 1
fi
