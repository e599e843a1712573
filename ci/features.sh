#!/usr/bin/env bash
# Each feature alone, and none, builds without a warning.
set -euo pipefail
cd "$(dirname "$0")/.."

check() { cargo clippy --quiet --locked --no-default-features "$@" -- -D warnings; }

# The features of a package but for `default` and `full`.
features() {
  sed -n '/^\[features\]/,/^\[dependencies\]/p' "crates/$1/Cargo.toml" |
    sed -n 's/^"\{0,1\}\([0-9a-z][0-9a-z-]*\)"\{0,1\} = \[.*/\1/p' | grep -vxE 'default|full'
}

for package in vault manifill argocd; do
  name=manifill-$package
  [ "$package" = manifill ] && name=manifill
  check -p "$name"
  for feature in $(features "$package"); do
    check -p "$name" --features "$feature"
  done
  echo "features: $name builds with none and with each of" $(features "$package")
done
check -p manifill-cli
echo "features: manifill-cli builds as it is shipped"
