#!/usr/bin/env python3
"""Fills the placeholders in the values of a Helm chart, and sets values without losing a comment.

    values_for_helm.py values.yaml --config manifill.yaml --set image.tag=1.30 \\
        | helm upgrade --install web chart --values -

Values are YAML without a `kind`, so they get one for the time of the render: in the last line,
where it moves no line number.
"""

import argparse
import re
import sys
from pathlib import Path

import manifill

KIND = "kind: Values\n"


def fill(renderer: manifill.Renderer, source: str, name: str) -> str:
    """The values with every placeholder filled."""
    if not source.endswith("\n"):
        source += "\n"
    return renderer.render(source + KIND, name=name).removesuffix(KIND)


def typed(text: str) -> str | int | bool | None:
    """What `helm --set` makes of an argument: a whole number that does not begin with 0, a boolean
    or null; everything else stays the text it is, such as the tag `1.30`."""
    words = {"true": True, "false": False, "null": None, "0": 0}
    if text in words:
        return words[text]
    if re.fullmatch(r"[-+]?[1-9][0-9]*", text) and -(2**63) <= int(text) < 2**63:
        return int(text)
    return text


def change(source: str, settings: dict[str, str]) -> str:
    """The values with some of them set; the rest of the text is the same, byte for byte."""
    parsed = manifill.manifest.parse_any(source)
    fields = {scalar.field: scalar for scalar in parsed.scalars}
    unknown = settings.keys() - fields.keys()
    if unknown:
        raise SystemExit(f"error: the values have no {', '.join(sorted(unknown))}")
    values = {field: typed(text) for field, text in settings.items()}
    return parsed.apply(fields[field].replace(value) for field, value in values.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("values", type=Path)
    parser.add_argument("--config", required=True, type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
    args = parser.parse_args()

    settings = dict(one.split("=", 1) for one in args.set)
    try:
        source = change(args.values.read_text(), settings)
        renderer = manifill.Renderer.from_config(args.config)
        print(fill(renderer, source, str(args.values)), end="")
    except manifill.ManifillError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
