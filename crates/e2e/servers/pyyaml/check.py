"""Judges filled manifests with PyYAML, a reader of YAML 1.1 built on libyaml's grammar.

Standard input has one JSON object a line: the source, the same filled, the mark in the source and
the value in its place. A filled manifest is right if PyYAML reads the source's data with the value
in place of the mark. Sources that PyYAML itself refuses (YAML 1.2 only) are counted and left out.
"""

import json
import sys

import yaml


def data(text):
    # kubectl reads a last line without a break as if it had one (rule R2), and so is it judged.
    whole = text if text.endswith("\n") else text + "\n"
    return list(yaml.load_all(whole, Loader=yaml.CSafeLoader))


def filled(node, mark, value):
    if isinstance(node, str):
        return node.replace(mark, value)
    if isinstance(node, list):
        return [filled(item, mark, value) for item in node]
    if isinstance(node, dict):
        return {key: filled(item, mark, value) for key, item in node.items()}
    return node


def main():
    right = refused = 0
    for line in sys.stdin:
        case = json.loads(line)
        try:
            before = data(case["source"])
        except yaml.YAMLError:
            refused += 1
            continue
        try:
            after = data(case["filled"])
        except yaml.YAMLError as error:
            sys.exit(f"PyYAML refuses {case['filled']!r}, made of {case['source']!r}: {error}")
        want = filled(before, case["mark"], case["value"])
        if after != want:
            sys.exit(f"{case['filled']!r} reads as {after!r}, not {want!r}")
        right += 1
    print(right, refused)


main()
