#!/usr/bin/env bash
# Makes .venv at the root of the repository, with the pinned packages of the tests, unless it is
# there and current. PYTHON names the interpreter.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$(cd "$here/../.." && pwd)/.venv
pins=$here/requirements-test.txt
python=${PYTHON:-python3}

stamp=$(cat "$pins" <("$python" --version) | cksum)
if [ ! -x "$venv/bin/python" ] || [ "$(cat "$venv/requirements.stamp" 2>/dev/null)" != "$stamp" ]; then
    echo "making $venv"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$pins"
    echo "$stamp" >"$venv/requirements.stamp"
fi
