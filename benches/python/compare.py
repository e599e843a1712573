#!/usr/bin/env python3
"""Measures manifill beside what a Python program would do today, and prints the README's table.

Today means: parse with PyYAML's C loader or with ruamel.yaml, fetch each item once with the
official 1Password SDK, replace the placeholders, write the YAML again. All of them read the same
manifests and the same fake Connect server, on this machine.

Run it with the interpreter that bindings/python/test.sh has made: .venv/bin/python
benches/python/compare.py [--runs N]
"""

import argparse
import datetime
import io
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
SIZES = (1, 1_000, 10_000)
ITEMS = 20
PLACEHOLDER = re.compile(r"<path:vaults/([^/]+)/items/([^#>]+)#([^>]+)>")


def optimized() -> None:
    """Starts again with the package as a wheel has it, built for release."""
    site = TARGET / "bench-python"
    if os.environ.get("PYTHONPATH") == str(site):
        return
    wheels = site / "wheels"
    build = [sys.executable, "-m", "maturin", "build", "--quiet", "--release", "--out", wheels]
    subprocess.run(build, cwd=ROOT / "bindings" / "python", check=True)
    wheel = max(wheels.glob("*.whl"), key=lambda path: path.stat().st_mtime)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target"]
    subprocess.run([*pip, site, wheel], check=True)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)


def document(number: int) -> str:
    item = f"vaults/Bench/items/item {number % ITEMS}"
    return f"""---
# credentials of application {number}
apiVersion: v1
kind: Secret
metadata:
  name: app-{number}
  namespace: team-{number % 7}
  labels: {{app: app-{number}, part-of: "bench"}}
  annotations:
    reloader.stakater.com/match: "true"  # restart on change
type: Opaque
stringData:
  username: <path:{item}#username>
  url: "postgres://app:<path:{item}#password>@db:5432/app"
  # not a secret
  pool: '10'
  settings.ini: |
    [cache]
    size = 64
    mode = lru
"""


class ConnectServer:
    """The fake Connect server with the items of the bench."""

    def __init__(self, folder: Path) -> None:
        items = [
            {"title": f"item {n}", "fields": {"username": f"user-{n}", "password": f"it's #{n}"}}
            for n in range(ITEMS)
        ]
        data = folder / "data.json"
        data.write_text(json.dumps({"vaults": [{"name": "Bench", "items": items}]}))
        build = ["cargo", "build", "--quiet", "--release", "-p", "manifill-cli"]
        subprocess.run(build, cwd=ROOT, check=True)
        command = [TARGET / "release" / "manifill", "connect-server", "--port", "0", "--data", data]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        found = dict(re.findall(r"(OP_CONNECT_\w+)=(\S+)", self.process.stdout.readline()))
        self.settings = found


class Sdk:
    """Values by the official SDK, each item fetched once in a run."""

    def __init__(self, settings: dict[str, str]) -> None:
        from onepasswordconnectsdk.client import new_client

        self.client = new_client(settings["OP_CONNECT_HOST"], settings["OP_CONNECT_TOKEN"])
        self.begin()

    def begin(self) -> None:
        self.vaults, self.items = {}, {}

    def fill(self, text: str) -> str:
        return PLACEHOLDER.sub(lambda found: self.value(*found.groups()), text)

    def value(self, vault: str, item: str, key: str) -> str:
        if vault not in self.vaults:
            self.vaults[vault] = self.client.get_vault_by_title(vault).id
        if (vault, item) not in self.items:
            fields = self.client.get_item_by_title(item, self.vaults[vault]).fields
            self.items[vault, item] = {field.label: field.value for field in fields}
        return self.items[vault, item][key]


def walk(value, fill):
    if isinstance(value, str):
        return fill(value) if "<path:" in value else value
    if isinstance(value, dict):
        for key in value:
            value[key] = walk(value[key], fill)
    elif isinstance(value, list):
        value[:] = [walk(item, fill) for item in value]
    return value


def with_pyyaml(sdk: Sdk):
    import yaml

    def render(source: str) -> str:
        sdk.begin()
        documents = [walk(one, sdk.fill) for one in yaml.load_all(source, yaml.CSafeLoader)]
        return yaml.dump_all(documents, Dumper=yaml.CSafeDumper, sort_keys=False)

    return render


def with_ruamel(sdk: Sdk):
    from ruamel.yaml import YAML

    def render(source: str) -> str:
        sdk.begin()
        parser, out = YAML(typ="rt"), io.StringIO()
        parser.preserve_quotes = True
        parser.dump_all([walk(one, sdk.fill) for one in parser.load_all(source)], out)
        return out.getvalue()

    return render


def seconds(render, source: str, runs: int) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        render(source)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def shown(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"


def machine() -> str:
    model = platform.processor() or platform.machine()
    try:
        cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        model = cpu.group(1) if cpu else model
    except OSError:
        pass
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    optimized()

    import manifill
    import yaml

    with tempfile.TemporaryDirectory() as folder:
        server = ConnectServer(Path(folder))
        try:
            # All keep their client, and with it their connections, from run to run.
            sdk = Sdk(server.settings)
            renderer = manifill.Renderer("1passwordconnect", server.settings)
            renders = (with_pyyaml(sdk), with_ruamel(sdk), renderer.render)
            rows = []
            for size in SIZES:
                source = "".join(map(document, range(size)))
                # The first run is not measured but looked at: all must say the same.
                texts = [render(source) for render in renders]
                first, *others = [list(yaml.load_all(text, yaml.CSafeLoader)) for text in texts]
                if any(other != first for other in others):
                    sys.exit(f"the results for {size} documents differ")
                # ruamel.yaml takes half a minute for the largest.
                runs = (args.runs, 1 if size == SIZES[-1] else args.runs, args.runs)
                rows.append((size, *(seconds(render, source, count) for render, count in zip(renders, runs, strict=True))))
        finally:
            server.process.terminate()
    print("| documents | PyYAML (C) + SDK | ruamel.yaml + SDK | manifill | against PyYAML | against ruamel |")
    print("|---:|---:|---:|---:|---:|---:|")
    for size, pyyaml, ruamel, ours in rows:
        times = f"{shown(pyyaml)} | {shown(ruamel)} | {shown(ours)}"
        print(f"| {size:,} | {times} | {pyyaml / ours:.0f} × | {ruamel / ours:.0f} × |")
    print(f"\n{machine()}, {datetime.date.today()}. Only ruamel.yaml and manifill keep comments.")


if __name__ == "__main__":
    main()
