#!/usr/bin/env python3
"""Checks the placeholders of a repository before a change is merged: no network, no secrets.

    check_in_ci.py apps --allow 'vaults/Team A/**' --format github

Every placeholder must be well-formed, every modifier must exist, and every path must be one that
the team may read. What is wrong is told with its place; with `--format github` as annotations.
`--config` gives the settings file, if its backends have names that placeholders use.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import manifill
from manifill.placeholder import PathGlob


def check(plan: Callable[[], manifill.Plan], allowed: list[PathGlob]) -> Iterator[tuple[str, int, int, str]]:
    """What is wrong with a plan: files, lines, columns and messages."""
    try:
        sites = plan()
    except manifill.RenderError as error:
        for one in error.diagnostics:
            message = one.message if one.hint is None else f"{one.message} ({one.hint})"
            yield one.file or "-", one.line or 1, one.column or 1, message
        return
    for site in sites:
        for index, _ in site.wants:
            path = sites.reads[index].path
            if allowed and not any(glob.matches(path) for glob in allowed):
                yield site.file, site.line, site.column, f"{site.resource} may not read `{path}`"


def plans(folder: Path, config: Path | None) -> Iterator[Callable[[], manifill.Plan]]:
    """With the settings, one plan of the folder; without them, one of each file."""
    if config is not None:
        renderer = manifill.Renderer.from_config(config, strict=True)
        yield partial(renderer.plan_files, [folder])
        return
    for kind in ("yaml", "yml", "json"):
        for file in sorted(folder.rglob(f"*.{kind}")):
            yield partial(manifill.plan, file.read_bytes(), name=str(file), strict=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--allow", action="append", default=[], type=PathGlob)
    parser.add_argument("--format", choices=["text", "github"], default="text")
    args = parser.parse_args()

    wrong = 0
    for plan in plans(args.folder, args.config):
        for file, line, column, message in check(plan, args.allow):
            wrong += 1
            if args.format == "github":
                print(f"::error file={file},line={line},col={column}::{message}")
            else:
                print(f"{file}:{line}:{column}: {message}")
    print(f"mistakes: {wrong}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
