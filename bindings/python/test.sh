#!/usr/bin/env bash
# Tests the Python package: builds it into .venv at the root of the repository and runs stubtest,
# mypy and pytest.
# Arguments go to pytest. PYTHON names the interpreter.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$root/.venv
"$here/venv.sh"
export VIRTUAL_ENV=$venv PATH=$venv/bin:$PATH

cd "$root"
cargo build --quiet -p manifill-cli
cd "$here"
maturin develop --quiet
mypy python/manifill
python -m mypy.stubtest manifill._native
(cd "$root" && mypy --strict --untyped-calls-exclude=distributed examples/python)
pytest --quiet "$@"
