#!/usr/bin/env bash
# Builds the source package, builds a wheel from it by pip, as on a user's machine, installs that
# into an empty environment and renders with it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
"$here/venv.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Dependencies are compiled once for all builds of the repository.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}

PATH=$root/.venv/bin:$PATH
cd "$here"
maturin sdist --out "$work" >/dev/null
mkdir "$work/source"
tar -xzf "$work"/manifill-*.tar.gz -C "$work/source" --strip-components=1
# Files in the package have an old date, and cargo would take what it has built before for theirs.
find "$work/source" -type f -exec touch {} +
# Optimised it takes twice as long and is the same package; the wheels of a release are.
export MATURIN_PEP517_ARGS="--profile dev"
python -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$work/source"
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import manifill

renderer = manifill.Renderer(manifill.vault.Memory({"db": {"user": "svc"}}))
assert renderer.render("kind: A # a\nuser: <path:db#user>\n") == 'kind: A # a\nuser: "svc"\n'
print("the source package builds and works:", manifill.__version__)
PYTHON
