#!/usr/bin/env python3
"""Writes a bill of materials of what cargo builds: every crate and version, and no other.

`cargo cyclonedx` also names what the features in force leave out; that is taken off. What it does not
name is an error.

Usage: sbom.py MADE TREE TARGET FILE
"""

import json
import subprocess
import sys

made, tree, target, file = sys.argv[1:]
with open(made, encoding="utf-8") as source:
    bill = json.load(source)
listed = subprocess.run(
    ["cargo", "tree", "--locked", "--package", "manifill-cli", "--no-default-features", "--target", target,
     "--edges", "normal,build", "--prefix", "none", "--format", "{p}"],
    check=True, capture_output=True, text=True,
).stdout
built = {tuple(line.split()[:2]) for line in listed.splitlines() if line}
built = {(name, version.removeprefix("v")) for name, version in built}
program = bill["metadata"]["component"]
is_built = {part["bom-ref"]: (part["name"], part["version"]) in built for part in bill["components"]}
is_built[program["bom-ref"]] = True
bill["components"] = [part for part in bill["components"] if is_built[part["bom-ref"]]]
bill["dependencies"] = [
    {key: [ref for ref in value if is_built[ref]] if key == "dependsOn" else value for key, value in one.items()}
    for one in bill["dependencies"]
    if is_built[one["ref"]]
]
told = {(part["name"], part["version"]) for part in bill["components"]}
told.add(("manifill-cli", program["version"]))
if bill["bomFormat"] != "CycloneDX" or told != built:
    sys.exit(f"sbom: {sorted(built - told)} are not in it")
# The tree it was made in is not the reader's.
text = json.dumps(bill, indent=2, sort_keys=True, ensure_ascii=False).replace(tree, "/manifill")
with open(file, "w", encoding="utf-8") as out:
    out.write(text + "\n")
print(f"sbom: {len(built)} crates, as cargo builds them")
