#!/usr/bin/env python3
"""Renders a repository: each folder of applications on its own, several at the same time.

    render_repo.py examples/manifests/homelab out --config examples/manifests/homelab/manifill.yaml

One application with a mistake keeps none of the others back; its mistakes are told at the end.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import manifill


def render_app(renderer: manifill.Renderer, root: Path, app: Path, out: Path) -> None:
    """Writes the finished manifests of one application, or none."""
    for path, text in renderer.render_files([app]):
        target = out / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        # The texts hold secrets now.
        target.touch(mode=0o600)
        target.write_text(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--config", required=True, type=Path)
    args = parser.parse_args()

    renderer = manifill.Renderer.from_config(args.config)
    apps = sorted(path for path in args.root.iterdir() if path.is_dir())
    with ThreadPoolExecutor() as pool:
        # Threads on one renderer do not wait for each other.
        running = {
            app: pool.submit(render_app, renderer, args.root, app, args.out) for app in apps
        }
    failed = 0
    for app, done in running.items():
        error = done.exception()
        if isinstance(error, manifill.RenderError):
            failed += 1
            for diagnostic in error.diagnostics:
                print(f"{diagnostic.severity}: {diagnostic}", file=sys.stderr)
        elif error is not None:
            raise error
        else:
            print(f"rendered {app.name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
