#!/usr/bin/env bash
# The workflows and the files of the images are well formed, and every action and image is pinned.
# The checkers are pinned, too, and installed below target; nothing is asked of GitHub.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$PWD/target/workflow-tools
stamp=$(cksum ci/requirements.txt)-actionlint-1.7.12
if [ "$(cat "$tools/stamp" 2>/dev/null)" != "$stamp" ]; then
  rm -rf "$tools"
  "${PYTHON:-python3}" -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement ci/requirements.txt
  GOBIN=$tools/bin go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
  echo "$stamp" >"$tools/stamp"
fi

"$tools/bin/actionlint" -shellcheck= -pyflakes= .github/workflows/*.yml
"$tools/bin/zizmor" --offline --quiet --persona pedantic .github
"$tools/bin/hadolint" images/Containerfile*

fail() { echo "workflows: $1" >&2; exit 1; }
# Actions of others by commit, with the version that it is; images by digest, downloads by checksum.
if grep -nE '^\s*(- )?uses:' .github/workflows/*.yml | grep -vE 'uses: [^@ ]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$'; then
  fail "an action is not pinned"
fi
for action in $(grep -hoE 'uses: [^@ ]+' .github/workflows/*.yml | sort -u | cut -d' ' -f2); do
  [ "$(grep -hoE "uses: $action@.*" .github/workflows/*.yml | sort -u | wc -l)" = 1 ] || fail "$action has two versions"
done
if grep -nE '^FROM' images/Containerfile* | grep -vE 'FROM (scratch|(helm|kustomize)-\$\{TARGETARCH\}|.*@sha256:[0-9a-f]{64})( AS [a-z0-9-]+)?$'; then
  fail "an image is not pinned"
fi
if grep -nE '^ADD' images/Containerfile* | grep -vE 'ADD --checksum=sha256:[0-9a-f]{64} https://'; then
  fail "a download is not pinned"
fi
# The image has what the end-to-end tests run.
tested() { sed -n "s|^[[:space:]]*$2 v\([0-9.]*\) .*|\1|p" "crates/e2e/servers/$1/go.mod"; }
helm=$(tested helm-of-image helm.sh/helm/v3)
kustomize=$(tested kustomize sigs.k8s.io/kustomize/kustomize/v5)
for program in "helm-v$helm-linux" "kustomize_v${kustomize}_linux"; do
  [ "$(grep -c "/$program[-_][a-z0-9]*\.tar\.gz" images/Containerfile.tools)" = 2 ] || fail "the image has another version than $program"
done
# All that runs for this project runs with the same compiler.
[ "$(grep -hE '^  RUST:' .github/workflows/*.yml | sort -u | wc -l)" = 1 ] || fail "the workflows have different versions of Rust"
echo "workflows: well formed, and everything is pinned"
