#!/usr/bin/env python3
"""Says whether a bill of materials is what CycloneDX 1.5 describes.

Usage: valid.py FILE
"""

import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

with open(sys.argv[1], encoding="utf-8") as source:
    wrong = JsonStrictValidator(SchemaVersion.V1_5).validate_str(source.read())
if wrong:
    sys.exit(f"sbom: not valid: {wrong}")
print("sbom: valid CycloneDX 1.5")
