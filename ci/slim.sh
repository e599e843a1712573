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
# Each backend alone pulls what its own feature names and nothing heavy of another one's.
while read -r feature pattern; do
  refuse "the backend $feature alone" "$pattern|pyo3|manifill-(placeholder|manifest)|manifill" \
    -p manifill-vault --no-default-features --features "$feature"
done < <(python3 - <<'PYTHON'
import json, subprocess

command = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"]
packages = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["packages"]
features = next(package["features"] for package in packages if package["name"] == "manifill-vault")
# What is heavy or somebody's own, by the dependency that brings it.
heavy = {
    "tokio": "tokio", "reqwest": "reqwest|hyper|rustls", "manifill-yaml": "granit-parser|manifill-yaml",
    "serde_yaml": "yaml_serde", "age": "age", "aes-gcm": "aes-gcm", "regex": "regex",
}


def named(feature):
    """The dependencies that a feature names, through other features."""
    for part in features[feature]:
        if part.startswith("dep:"):
            yield part[4:]
        elif "/" in part:
            yield part.split("/")[0].rstrip("?")
        else:
            yield from named(part)


for feature in features["full"]:
    own = set(named(feature))
    if "age" in own:
        own.add("aes-gcm")  # age brings it.
    print(feature, "|".join(pattern for crate, pattern in heavy.items() if crate not in own))
PYTHON
)

refuse "manifill without a network backend" "$network" -p manifill
refuse "manifill without settings and files" "toml|globset|clap" -p manifill
refuse "what Argo CD is installed with" "$network|tonic|prost|manifill" -p manifill-argocd
refuse "charts and kustomizations" "tonic|prost" -p manifill-argocd --features rendering
refuse "the shipped command line" "manifill-connect-fake" -p manifill-cli --no-default-features
