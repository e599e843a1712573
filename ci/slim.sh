#!/usr/bin/env bash
# Proves that slim builds stay slim.
set -euo pipefail
cd "$(dirname "$0")/.."

tree() { cargo tree --quiet --edges normal --prefix none --no-dedupe --locked "$@" | sort -u; }

# refuse NAME PATTERN TREE_ARGS...: the tree must hold no crate that matches.
refuse() {
  local what=$1 pattern=$2
  shift 2
  if tree "$@" | grep -E "^($pattern) v"; then
    echo "error: $what pulls the crates above" >&2
    exit 1
  fi
  echo "slim: $what pulls none of $pattern"
}

network='tokio|reqwest|hyper|rustls|pyo3'
refuse manifill-placeholder "regex|strsim|$network|manifill-(manifest|vault)|manifill" -p manifill-placeholder
refuse manifill-manifest "$network|manifill-(placeholder|vault)|manifill" -p manifill-manifest
refuse "manifill-vault with memory and file" "$network|manifill-(placeholder|manifest)|manifill" -p manifill-vault --no-default-features --features memory,file
refuse "manifill-vault with every backend" "manifill-(placeholder|manifest)|manifill" -p manifill-vault --features full
# Each backend alone pulls what it needs and nothing of another one's.
web='reqwest|hyper|rustls'
backend() {
  refuse "the backend $1 alone" "$2|pyo3|manifill-(placeholder|manifest)|manifill" -p manifill-vault --no-default-features --features "$1"
  alone+=" $1"
}
yaml='granit-parser|manifill-yaml|yaml_serde'
sealed='age|aes-gcm|regex'
alone=
backend memory "tokio|aws-lc-rs|rustix|$web|$yaml|$sealed"
backend file "tokio|aws-lc-rs|rustix|$web|yaml_serde|$sealed"
backend command "aws-lc-rs|$web|$yaml|$sealed"
backend 1passwordconnect "$yaml|$sealed"
backend kubernetessecret "granit-parser|$sealed"
backend sops "yaml_serde"
backend vault "$yaml|$sealed"

every=$(sed -n 's/^full = \[\(.*\)\]$/\1/p' crates/vault/Cargo.toml | tr -d '",')
for feature in $every; do
  case " $alone " in
    *" $feature "*) ;;
    *)
      echo "error: ci/slim.sh does not say what the backend $feature must not pull" >&2
      exit 1
      ;;
  esac
done

refuse "manifill without a network backend" "$network" -p manifill
refuse "manifill without settings and files" "toml|globset|clap" -p manifill
refuse "the shipped command line" "manifill-connect-fake" -p manifill-cli --no-default-features
