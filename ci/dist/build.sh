#!/usr/bin/env bash
# Builds the program that is shipped: static, for the processor of this machine, with the same bytes
# wherever it is built. Prints where it is.
#
# SOURCE_DATE_EPOCH is the time of the commit and MANIFILL_COMMIT its name, unless they are set; a
# source without a repository has neither, and the program says `commit unknown`.
set -euo pipefail
cd "$(dirname "$0")/../.."

machine=$(uname -m)
target=$machine-unknown-linux-musl
case $machine in
  x86_64 | aarch64) ;;
  *) echo "dist: no release is made for $machine" >&2; exit 1 ;;
esac
for program in musl-gcc readelf strip; do
  if ! command -v "$program" >/dev/null; then
    echo "dist: $program is missing; Debian has it in musl-tools or binutils" >&2
    exit 1
  fi
done
if command -v rustup >/dev/null; then
  rustup target add --toolchain "$(rustup show active-toolchain | cut -d' ' -f1)" "$target" >&2
fi

if [ -z "${MANIFILL_COMMIT:-}" ] && [ -e .git ]; then
  MANIFILL_COMMIT=$(git rev-parse --short=12 HEAD)
  # Files that git does not track do not count: CI and people leave some.
  git diff --quiet HEAD || MANIFILL_COMMIT+=-modified
fi
if [ -z "${SOURCE_DATE_EPOCH:-}" ] && [ -e .git ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
fi
export MANIFILL_COMMIT=${MANIFILL_COMMIT:-unknown} SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0}

# Paths end up in messages of panics. The last rule that fits wins, so the widest comes first.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
out=$(cargo metadata --locked --no-deps --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
maps=("$HOME=/home" "$cargo_home=/cargo" "$PWD=/manifill" "$out=/target")
# The name of the folder says which registry the crates came from.
for folder in "$cargo_home"/registry/src/*/; do maps+=("${folder%/}=/crates"); done
rust=() c=()
for map in "${maps[@]}"; do
  rust+=("--remap-path-prefix=$map")
  c+=("-ffile-prefix-map=$map")
done
# Not RUSTFLAGS of the caller: they would make other bytes.
unset RUSTFLAGS
CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f'; echo "${rust[*]}")
export CARGO_ENCODED_RUSTFLAGS CARGO_INCREMENTAL=0
export "CFLAGS_${target//-/_}=${c[*]}"

cargo build --locked --profile dist --package manifill-cli --no-default-features --target "$target" >&2
program=$out/$target/dist/manifill
# What is left are symbols of musl's own objects.
strip --strip-all "$program"
echo "$program"
