#!/usr/bin/env python3
"""Measures the whole process and prints the table of the README.

Set AVP_BIN to the binary of argocd-vault-plugin to have it measured beside.
Usage: benches/compare.py [--runs N]
"""

import argparse
import datetime
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def build():
    subprocess.run(
        ["cargo", "build", "--quiet", "--release", "-p", "manifill-cli", "-p", "manifill-benches"],
        cwd=ROOT, check=True,
    )
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    return target / "manifill", target / "corpus"


# Runs a command and prints its seconds, its peak resident kilobytes and its status. A process of
# its own, as small as Python can be: on Linux a child inherits the peak of what started it.
MEASURE = """
import os, sys, time
command = sys.argv[1:]
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
start = time.perf_counter()
process = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
_, status, usage = os.wait4(process, 0)
print(time.perf_counter() - start, usage.ru_maxrss, status)
"""


def measure(command, env, runs):
    """Median seconds and peak resident MB of a command whose output is thrown away."""
    times, peaks = [], []
    for _ in range(runs):
        measured = subprocess.run(
            [sys.executable, "-ISc", MEASURE, *map(str, command)],
            env=env, capture_output=True, text=True, check=True,
        )
        seconds, peak, status = measured.stdout.split()
        if status != "0":
            sys.exit(f"{command}: {measured.stderr[:400]}")
        times.append(float(seconds))
        peaks.append(int(peak) * 1024 / 1e6)
    return statistics.median(times), max(peaks)


class ConnectServer:
    """The fake Connect server, for as long as a `with` block lasts."""

    def __init__(self, manifill, data, latency):
        self.command = [manifill, "connect-server", "--data", data, "--port", "0", "--latency", str(latency)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        return dict(re.findall(r"(\w+)=(\S+)", line))

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--runs", type=int, default=7)
    runs = arguments.parse_args().runs
    manifill, corpus = build()
    avp = os.environ.get("AVP_BIN")
    rows = []

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        subprocess.run([corpus, folder], check=True)
        clean = {"PATH": os.environ["PATH"], "HOME": str(folder)}

        def data(name):
            return clean | {"AVP_TYPE": "file", "MANIFILL_FILE": str(folder / name)}

        offline = data("file-data.json")

        def row(work, name, env, avp_env=None, avp_runs=1):
            command = [manifill, "version"] if name is None else [manifill, "generate", folder / name]
            seconds, peak = measure(command, env, runs)
            cells = [work, f"{seconds * 1000:.0f} ms", f"{peak:.0f} MB", ""]
            if name is not None:
                size = (folder / name).stat().st_size / 1e6
                cells[0] += f" ({size:.1f} MB)"
                cells[3] = f"{4 * size + 20:.0f} MB"
            if avp:
                if avp_env is None:
                    cells += ["", ""]
                else:
                    command[0] = avp
                    seconds, peak = measure(command, avp_env, avp_runs)
                    cells += [f"{seconds * 1000:.0f} ms", f"{peak:.0f} MB"]
            rows.append(cells)

        row("start-up (`manifill version`)", None, clean, clean, runs)
        with ConnectServer(manifill, folder / "connect-data.json", 0) as connect:
            online = clean | connect
            row("20,000 Deployments without placeholders", "deployments-20000.yaml", offline, online)
            row("CRDs without placeholders", "crds-30mb.yaml", offline, online)
            row("200 Secrets, two placeholders each", "secrets-200.yaml", offline, online)
            row("2,000 Secrets, two placeholders each", "secrets-2000.yaml", offline)
            row("20,000 Secrets, two placeholders each", "secrets-20000.yaml", offline)
            row("a ConfigMap with 50,000 placeholders", "configmap-50000.yaml", offline)
            row("a ConfigMap with 20,000 placeholders, each on an item of its own", "items-20000.yaml", data("file-data-20000.json"))
            row("100,000 documents of one placeholder", "documents-100000.yaml", offline)
            row("a list of 100,000 placeholders", "list-100000.yaml", offline)
        with ConnectServer(manifill, folder / "connect-data.json", 50) as connect:
            online = clean | connect
            row("200 placeholders over 20 items by title, 50 ms a request", "secrets-100-titles.yaml", online, online)

    header = ["what", "manifill", "peak memory", "4 × the input + 20 MB"] + (["argocd-vault-plugin", "peak memory"] if avp else [])
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for cells in rows:
        print("| " + " | ".join(cells) + " |")
    today = datetime.date.today().isoformat()
    print(f"\n{today}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, median of {runs} runs of the whole process; 8 MB is the least that can be measured. `benches/compare.py`")


if __name__ == "__main__":
    main()
