#!/usr/bin/env bash
# Tries the program that is shipped as the people who get it do: alone, without anything around it.
# Usage: test.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "dist: $1" >&2; exit 1; }

# Under 25 MB, with every backend.
size=$(stat -c %s "$program")
[ "$size" -lt 25000000 ] || fail "$size bytes are too many"
known=$(env -i "$program" version | sed -n 's/^backends //p' | tr -d ' ')
# Two names are no names of modules: one begins with a digit, one is taken.
folders=$(cd crates/vault/src/backend && ls -d -- */ | tr -d / | grep -vx memory | sed "s/^onepassword/1password/; s/^httpservice$/http/" | sort | paste -sd,)
[ "$(tr , '\n' <<<"$known" | sort | paste -sd,)" = "$folders" ] || fail "it has $known, the source $folders"

# Static: no loader, no library.
! readelf --wide --program-headers "$program" | grep -q INTERP || fail "it needs a loader"
! readelf --wide --dynamic "$program" | grep -q NEEDED || fail "it needs libraries"

# No path of the machine that built it.
for path in "$PWD" "$HOME" "${CARGO_HOME:-$HOME/.cargo}"; do
  # `/` and `/root` are in the data of any program.
  [ "${#path}" -gt 5 ] || continue
  ! grep -qaF "$path/" "$program" || fail "it names $path"
done

# It says its version and its commit.
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
env -i "$program" version | grep -qx "manifill $version" || fail "it does not say $version"
if [ -e .git ] && [ -z "${MANIFILL_COMMIT:-}" ]; then
  env -i "$program" version | grep -q "^commit $(git rev-parse --short=12 HEAD)" || fail "it does not say its commit"
fi

# It leaves out the fake server, and says so.
told=$(env -i "$program" connect-server 2>&1) && fail "it has the fake server"
grep -qF 'this build leaves it out; `cargo install --path crates/cli` has it' <<<"$told" || fail "it does not say what it leaves out"

# As an init container does: the copy is the program, and runs.
mkdir "$work/volume"
env -i "$program" install --copy-to "$work/volume" 2>/dev/null
cmp "$program" "$work/volume/manifill"
cp "$work/volume/manifill" "$work/argocd-vault-plugin"

# It fills, under both names, what the source fills.
want=examples/manifests/homelab
for name in "$work/volume/manifill" "$work/argocd-vault-plugin"; do
  env -i "$name" generate "$want" -c "$want/manifill.yaml" >"$work/filled.yaml"
  grep -q 'fake-nuget-api-key-0001' "$work/filled.yaml" || fail "$name does not fill"
done

# In an empty root, as user 999, where the kernel lets us: nothing else is needed.
if [ "$(id -u)" = 0 ] && command -v chroot >/dev/null; then
  mkdir "$work/root" && cp "$program" "$work/root/manifill"
  printf 'kind: Secret\napiVersion: v1\nmetadata: {name: a}\nstringData: {a: "<path:db#password>"}\n' >"$work/root/in.yaml"
  printf '{"db": {"password": "filled-here"}}\n' >"$work/root/data.json"
  chmod -R a+rX "$work" && chmod 0755 "$work"
  env -i AVP_TYPE=file MANIFILL_FILE=/data.json "$(command -v chroot)" --userspec=999:999 "$work/root" \
    /manifill generate /in.yaml | grep -q filled-here || fail "it does not run in an empty root"
fi
echo "dist: $((size / 1000)) kB, static, runs alone"
