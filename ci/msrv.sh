#!/usr/bin/env bash
# The library crates and the command line build with the oldest Rust they promise, `rust-version` in Cargo.toml.
# The compiler is the one that MSRV_RUSTC names, or rustup's, or Debian's, unpacked below target.
set -euo pipefail
cd "$(dirname "$0")/.."

want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
debian=$PWD/target/msrv-$want

unpack_debian() {
  [ -e "$debian/done" ] && return
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
  rm -rf "$debian"
  mkdir -p "$debian"
  local version
  version=$(apt-cache madison rustc-web | awk -v want="$want." '$3 ~ "^" want { print $3; exit }')
  [ -n "$version" ] || return 1
  (cd "$debian" && apt-get download -qq "rustc-web=$version" "libstd-rust-web-$want=$version" \
    "libstd-rust-web-dev=$version" libllvm19 libz3-4 libedit2 libbsd0 libmd0) >/dev/null 2>&1 || return 1
  for package in "$debian"/*.deb; do dpkg -x "$package" "$debian"; done
  touch "$debian/done"
}

if [ -z "${MSRV_RUSTC:-}" ] && command -v rustup >/dev/null; then
  MSRV_RUSTC=$(rustup which --toolchain "$want" rustc 2>/dev/null || true)
fi
if [ -z "${MSRV_RUSTC:-}" ] && unpack_debian; then
  MSRV_RUSTC=$debian/usr/bin/rustc
  export LD_LIBRARY_PATH=$debian/usr/lib/x86_64-linux-gnu:$debian/usr/lib/llvm-19/lib
fi
if [ -z "${MSRV_RUSTC:-}" ]; then
  echo "msrv: SKIPPED, no Rust $want here; MSRV_RUSTC can name one"
  # On a laptop that is no reason to fail; a run that judges a change must not pass without it.
  [ -z "${CI:-}" ]
  exit
fi

RUSTC=$MSRV_RUSTC CARGO_TARGET_DIR=target/msrv cargo check --quiet --locked \
  -p manifill-placeholder -p manifill-manifest -p manifill-vault -p manifill -p manifill-check -p manifill-krm -p manifill-cli --features manifill/full
echo "msrv: the crates build with $("$MSRV_RUSTC" --version)"
