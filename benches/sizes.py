#!/usr/bin/env python3
"""Measures what each backend costs a program that embeds manifill: crates and size.

Every row is a release build of a small program that loads settings and renders, with the versions
of Cargo.lock. What takes time in a cold build are the crates. Usage: benches/sizes.py
"""

import datetime
import os
import platform
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

NAMES = {"none": "no backend", "default": "the default (`memory`, `file`)", "full": "all (`full`)"}


def builds():
    """The rows: a name and its features, as the library has them."""
    features = tomllib.loads((ROOT / "crates/manifill/Cargo.toml").read_text())["features"]
    yield "none", []
    yield "default", features["default"]
    for feature in features["full"]:
        if feature not in features["default"] and features.get(feature) == [f"manifill-vault/{feature}"]:
            yield feature, [feature]
    yield "full", ["full"]


PROGRAM = """
use manifill::settings::{Config, Sources};
use manifill::{Input, Renderer, RunContext};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let renderer = Renderer::from_config(Config::load(&Sources::from_env())?);
    let inputs = [Input::new("-", std::io::read_to_string(std::io::stdin())?)];
    print!("{}", renderer.render(&inputs, &RunContext::new()).await?.joined());
    Ok(())
}
"""


def build(folder, target, features):
    """The number of crates and the bytes of a build."""
    quoted = ", ".join(f'"{feature}"' for feature in ["settings", *features])
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
    env = os.environ | {"CARGO_TARGET_DIR": str(target)}
    tree = subprocess.run(
        ["cargo", "tree", "--quiet", "--edges", "normal", "--prefix", "none", "--no-dedupe"],
        cwd=folder, env=env, capture_output=True, text=True, check=True,
    ).stdout
    crates = {line.replace(" (*)", "") for line in tree.splitlines() if line}
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=folder, env=env, check=True)
    return len(crates), (target / "release/embeds").stat().st_size


def main():
    print("| backends | crates | program |\n|---|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory() as target:
        for name, features in builds():
            with tempfile.TemporaryDirectory() as folder:
                crates, size = build(Path(folder) / "embeds", Path(target), features)
            print(f"| {NAMES.get(name, f'`{name}`')} | {crates} | {size / 1e6:.1f} MB |", flush=True)
    today = datetime.date.today().isoformat()
    print(f"\n{today}, {platform.system()} {platform.machine()}, `benches/sizes.py`. The program has tokio besides.")


if __name__ == "__main__":
    main()
