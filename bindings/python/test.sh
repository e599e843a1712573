#!/usr/bin/env bash
# Tests the Python package: builds it into .venv at the root of the repository, which is made anew
# when the pinned requirements change, and runs stubtest, mypy and pytest.
# Arguments go to pytest. PYTHON names the interpreter.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$root/.venv
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
export VIRTUAL_ENV=$venv PATH=$venv/bin:$PATH

cd "$root"
cargo build --quiet -p manifill-cli
cd "$here"
maturin develop --quiet
mypy python/manifill
python -m mypy.stubtest manifill._native
(cd "$root" && mypy --strict --untyped-calls-exclude=distributed examples/python)
pytest --quiet "$@"
