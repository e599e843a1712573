#!/usr/bin/env python3
"""Fills manifests by a backend of one's own: here a table in SQLite with versions.

    custom_backend.py secrets.db apps/orders/secret.yaml

It stands beside a named backend as well: `Renderer.from_config(…, backends={"team": backend})`, and
placeholders choose it with `<path:team!orders#password>`.
"""

import argparse
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import manifill


class SqliteBackend:
    """Secrets in the table `secrets (path, version, key, value)`; without a version the newest."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self, request: manifill.SecretRequest) -> Mapping[str, str] | None:
        """One call for each path; several threads may call at the same time."""
        try:
            with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as database:
                rows = database.execute(
                    "SELECT key, value FROM secrets WHERE path = :path AND version = coalesce("
                    ":version, (SELECT max(version) FROM secrets WHERE path = :path))",
                    {"path": request.path, "version": request.version},
                ).fetchall()
        except sqlite3.OperationalError as error:
            # Anything but "not found": no default stands in for a table that cannot be read.
            message = f"the table in {self.file} cannot be read: {error}"
            raise manifill.BackendUnavailableError(message) from error
        return dict(rows) or None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database", type=Path)
    parser.add_argument("manifest", type=Path)
    args = parser.parse_args()

    renderer = manifill.Renderer(SqliteBackend(args.database))
    try:
        text = renderer.render(args.manifest.read_bytes(), name=str(args.manifest))
    except manifill.RenderError as error:
        print(f"error: {error}", file=sys.stderr)
        # Messages name only the type of what a backend raises, since its text may hold anything.
        # This one's is known to hold no value.
        if isinstance(error.__cause__, manifill.BackendUnavailableError):
            print(f"cause: {error.__cause__}", file=sys.stderr)
        return 1
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
