#!/usr/bin/env python3
"""Measures what each backend costs a program that embeds manifill: crates, build time, size.

Every row is a cold release build of a small program that loads settings and renders, in a target
folder of its own, with the versions of Cargo.lock. Usage: benches/sizes.py
"""

import datetime
import os
import platform
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

BUILDS = [
    ("no backend", []),
    ("the default (`memory`, `file`)", ["memory", "file"]),
    ("`1passwordconnect`", ["1passwordconnect"]),
    ("`vault`", ["vault"]),
    ("`kubernetessecret`", ["kubernetessecret"]),
    ("`sops`", ["sops"]),
    ("`command`", ["command"]),
    ("all (`full`)", ["full"]),
]

PROGRAM = """
use manifill::config::{Config, Sources};
use manifill::{Input, Renderer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let renderer = Renderer::from_config(Config::load(&Sources::from_env())?);
    let inputs = [Input::new("-", std::io::read_to_string(std::io::stdin())?)];
    print!("{}", renderer.render(&inputs).await?.joined());
    Ok(())
}
"""


def build(folder, features):
    """The number of crates, the seconds and the bytes of a cold build."""
    quoted = ", ".join(f'"{feature}"' for feature in features)
    (folder / "src").mkdir(parents=True)
    (folder / "src/main.rs").write_text(PROGRAM)
    (folder / "Cargo.toml").write_text(f"""
[package]
name = "embeds"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
manifill = {{ path = "{ROOT}/crates/manifill", default-features = false, features = [{quoted}] }}
tokio = {{ version = "1", default-features = false, features = ["rt", "macros", "net", "time"] }}

[profile.release]
strip = "symbols"
""")
    shutil.copy(ROOT / "Cargo.lock", folder)
    env = os.environ | {"CARGO_TARGET_DIR": str(folder / "target")}
    tree = subprocess.run(
        ["cargo", "tree", "--quiet", "--edges", "normal", "--prefix", "none", "--no-dedupe"],
        cwd=folder, env=env, capture_output=True, text=True, check=True,
    ).stdout
    crates = {line.replace(" (*)", "") for line in tree.splitlines() if line}
    subprocess.run(["cargo", "fetch", "--quiet"], cwd=folder, env=env, check=True)
    start = time.perf_counter()
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=folder, env=env, check=True)
    seconds = time.perf_counter() - start
    return len(crates), seconds, (folder / "target/release/embeds").stat().st_size


def main():
    print("| backends | crates | cold build | program |\n|---|---:|---:|---:|", flush=True)
    for name, features in BUILDS:
        with tempfile.TemporaryDirectory() as folder:
            crates, seconds, size = build(Path(folder) / "embeds", features)
        print(f"| {name} | {crates} | {seconds:.0f} s | {size / 1e6:.1f} MB |", flush=True)
    today = datetime.date.today().isoformat()
    print(f"\n{today}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, `benches/sizes.py`. The program has tokio besides.")


if __name__ == "__main__":
    main()
