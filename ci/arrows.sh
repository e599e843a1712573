#!/usr/bin/env bash
# What the design says of arrows and of things that stand once (DESIGN.md, "Layout").
set -euo pipefail
cd "$(dirname "$0")/.."

# The lines of code below some folders: file:number:text, without comments and tests.
code() {
  find "$@" -name '*.rs' ! -path '*/tests/*' ! -name tests.rs ! -name 'test_*.rs' ! -name samples.rs ! -name sealing.rs |
    sort | xargs awk '
      FNR == 1 { test = 0 }
      /^#\[cfg\(.*test.*\)\]/ { held = 1; next }
      held && /^mod .*\{/ { test = 1 }
      !/^#\[/ { held = 0 }
      !test && !/^[[:space:]]*\/\// { print FILENAME ":" FNR ":" $0 }'
}

# nowhere WHAT FOUND: nothing may be found.
nowhere() {
  if [ -n "$2" ]; then
    echo "error: $1:" >&2
    echo "$2" >&2
    exit 1
  fi
  echo "arrows: $1: nowhere"
}

# once WHAT FILE FOUND: it stands in this one file.
once() {
  local files
  files=$(echo "$3" | cut -d: -f1 | sort -u)
  if [ "$files" != "$2" ]; then
    echo "error: $1 should stand in $2 and nowhere else, but it stands in:" >&2
    echo "$3" >&2
    exit 1
  fi
  echo "arrows: $1: in $2"
}

all=$(code crates/{yaml,placeholder,manifest,vault,manifill,check,krm,argocd,cli}/src bindings/python/src)
engine=$(echo "$all" | grep -v '^crates/vault/src/backend/[a-z]*/')

# A setting, a type and a link of a backend are known in its folder only.
names=$(grep -hoE '"[A-Z][A-Z0-9_]+"' crates/vault/src/backend/*/info.rs | sort -u)
nowhere "a setting of a backend outside its folder" "$(echo "$engine" | grep -F "$names" || true)"
kinds='"1passwordconnect"|"conjur"|"doppler"|"infisical"|"kubernetessecret"|"sops"'
nowhere "a type of backend outside its folder" "$(echo "$engine" | grep -E "$kinds" | grep -vE 'feature = "' || true)"
nowhere "the code of a backend in the engine or a front end" \
  "$(echo "$engine" | grep -E 'backend::(command|conjur|doppler|file|infisical|onepasswordconnect|pass|sops|vault)\b' || true)"

# One way in: plan, fetch and apply are called one after the other in one place.
once "fetching a plan" crates/manifill/src/renderer.rs "$(echo "$all" | grep -E '\.fetch\(' || true)"
once "applying answers" crates/manifill/src/renderer.rs "$(echo "$all" | grep -E '\.apply\(\)' || true)"
once "reading the Secret of -s" crates/manifill/src/settings/secret.rs \
  "$(echo "$all" | grep -E 'read_settings\(' | grep -v '^crates/vault/' || true)"
once "choosing input files" crates/manifill/src/disk.rs \
  "$(echo "$all" | grep -E 'fs::read_dir' | grep -vE '^crates/(vault|argocd/src/rendering)/' || true)"
once "the command line under Python" bindings/python/src/cli.rs \
  "$(echo "$all" | grep -E 'manifill_cli' | grep -v '^crates/cli/' || true)"
once "the YAML parser" "crates/yaml/src/events.rs
crates/yaml/src/syntax.rs" "$(echo "$all" | grep -E 'granit_parser' || true)"
once "what becomes a part of an address" crates/vault/src/transport/http/address.rs \
  "$(echo "$all" | grep -E 'path_segments_mut' || true)"
# The second is for what somebody starts by hand: the helm of his PATH and this program itself.
once "starting programs" "crates/cli/src/command/own_program.rs
crates/vault/src/transport/process.rs" \
  "$(echo "$all" | grep -E 'process::(\{[^}]*)?Command' || true)"
nowhere "an annotation or an opener outside the engine and the grammar" \
  "$(echo "$all" | grep -E '^crates/(yaml|manifest|vault)/' | grep -vE '^crates/vault/src/backend/' | grep -E '"[^"]*(avp\.kubernetes\.io/|manifill\.dev/|path:")' || true)"
nowhere "a crate that the facade re-exports whole" \
  "$(grep -nE 'pub use manifill_[a-z]+;|manifill_[a-z]+ as [a-z]+' crates/manifill/src/lib.rs || true)"

# What each package names itself, not counting what it uses for tests.
direct() {
  cargo tree --quiet --edges normal --depth 1 --prefix none --locked "$@" | tail -n +2 |
    { grep -oE '^manifill[a-z-]*' || true; } | sort -u | tr '\n' ' '
}
arrows() {
  local have
  have=$(direct -p "$1" "${@:3}")
  if [ "$have" != "$2" ]; then
    echo "error: $1 should use '$2', but it uses '$have'" >&2
    exit 1
  fi
  echo "arrows: $1 uses ${2:-none of the others}"
}
arrows manifill-yaml ""
arrows manifill-placeholder ""
arrows manifill-manifest "manifill-yaml "
arrows manifill-vault "manifill-yaml " --features full
arrows manifill "manifill-manifest manifill-placeholder manifill-vault manifill-yaml " --features full
arrows manifill-check "manifill manifill-manifest manifill-placeholder "
arrows manifill-krm "manifill manifill-check manifill-manifest "
arrows manifill-argocd ""
arrows manifill-argocd "manifill manifill-manifest manifill-vault " --features rendering
arrows manifill-argocd "manifill manifill-manifest manifill-vault " --features server
arrows manifill-argocd "manifill manifill-manifest manifill-vault " --features serve
arrows manifill-cli "manifill manifill-argocd manifill-check manifill-krm " --no-default-features
arrows manifill-python "manifill manifill-check manifill-cli manifill-manifest manifill-placeholder "
