#!/usr/bin/env bash
# Writes the checksums of all files of a folder into it, under both names.
# Usage: checksums.sh FOLDER
set -euo pipefail
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$(dirname "$0")/../../Cargo.toml" | head -1)
cd "$1"
rm -f ./*_checksums.txt
sums=$(sha256sum -- *)
for name in manifill argocd-vault-plugin; do
  echo "$sums" >"${name}_${version}_checksums.txt"
done
sha256sum --check --quiet "manifill_${version}_checksums.txt"
