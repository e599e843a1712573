#!/usr/bin/env python3
"""Checks the placeholders of a repository before a change is merged: no network, no secrets.

    check_in_ci.py apps --allow 'vaults/Team A/**' --format github

Every placeholder must be well-formed, every modifier must exist, and every path must be one that
the team may read. What is wrong is told with its place; with `--format github` as annotations.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import manifill
from manifill.placeholder import PathGlob


def check(file: Path, allowed: list[PathGlob]) -> Iterator[tuple[int, int, str]]:
    """What is wrong with a file: lines, columns and messages."""
    try:
        plan = manifill.plan(file.read_bytes(), name=str(file), strict=True)
    except manifill.RenderError as error:
        for one in error.diagnostics:
            message = one.message if one.hint is None else f"{one.message} ({one.hint})"
            yield one.line or 1, one.column or 1, message
        return
    for site in plan:
        for index, _ in site.wants:
            path = plan.reads[index].path
            if allowed and not any(glob.matches(path) for glob in allowed):
                yield site.line, site.column, f"{site.resource} may not read `{path}`"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--allow", action="append", default=[], type=PathGlob)
    parser.add_argument("--format", choices=["text", "github"], default="text")
    args = parser.parse_args()

    files = sorted(path for kind in ("yaml", "yml", "json") for path in args.folder.rglob(f"*.{kind}"))
    wrong = 0
    for file in files:
        for line, column, message in check(file, args.allow):
            wrong += 1
            if args.format == "github":
                print(f"::error file={file},line={line},col={column}::{message}")
            else:
                print(f"{file}:{line}:{column}: {message}")
    print(f"{len(files)} files, {wrong} mistakes", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
