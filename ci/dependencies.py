#!/usr/bin/env python3
"""Judges the crates in Cargo.lock: their licences, where they come from, and which may not be there."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Licences that go with Apache-2.0. Of `A OR B` one is enough, of `A AND B` each is needed.
LICENCES = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-1-Clause", "BSD-2-Clause",
    "BSD-3-Clause", "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "OpenSSL",
    "Unicode-3.0", "Unlicense", "Zlib",
}  # fmt: skip

#: What must not come in, and why.
BANNED = {
    "openssl": "rustls needs no library of the system",
    "openssl-sys": "rustls needs no library of the system",
    "native-tls": "there is one TLS stack",
    "ring": "there is one crypto library, aws-lc-rs",
    "serde_yaml": "it is archived; yaml_serde is its maintained fork",
    "yaml-rust": "it is unmaintained",
    "chrono": "it reads the time zone from the environment",
}

#: Crates that only tests use, with a licence of their own.
ONLY_IN_TESTS = {"colored": "MPL-2.0"}

#: Crates that are there in two versions, because crates of others are in the middle of a change:
#: `age` still uses the last generation of RustCrypto. Take off what is mended.
TWICE = set(
    """
    base64 block-buffer blowfish chacha20 cipher const-oid cpufeatures crypto-common digest getrandom hkdf hmac
    hybrid-array inout rand rand_chacha rand_core sha2 syn thiserror thiserror-impl toml
    """.split()
)


def allowed(expression):
    """Whether a licence expression of SPDX is satisfied."""
    expression = expression.replace("/", " OR ").replace("(", " ( ").replace(")", " ) ")
    words = expression.split()

    def either(at):
        good, at = both(at)
        while at < len(words) and words[at] == "OR":
            other, at = both(at + 1)
            good = good or other
        return good, at

    def both(at):
        good, at = one(at)
        while at < len(words) and words[at] == "AND":
            other, at = one(at + 1)
            good = good and other
        return good, at

    def one(at):
        if words[at] == "(":
            good, at = either(at + 1)
            return good, at + 1
        if words[at + 1 : at + 2] == ["WITH"]:
            return " ".join(words[at : at + 3]) in LICENCES, at + 3
        return words[at] in LICENCES, at + 1

    return either(0)[0]


def cargo(*arguments):
    """What cargo prints, without touching the lock file."""
    command = ["cargo", *arguments, "--locked"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main():
    features = ["--features", "manifill-vault/full,manifill-vault/suite,manifill/full,manifill-e2e/servers"]
    metadata = json.loads(cargo("metadata", "--format-version", "1", *features))
    # The metadata name more than is ever built: what another crate could switch on.
    tree = cargo("tree", "--workspace", "--prefix", "none", "--edges", "all", *features)
    built = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    own = set(metadata["workspace_members"])
    wrong, versions = [], {}
    for package in metadata["packages"]:
        name, version = package["name"], package["version"]
        if (name, f"v{version}") not in built:
            continue
        versions.setdefault(name, []).append(version)
        if package["id"] in own:
            continue
        if package["source"] != "registry+https://github.com/rust-lang/crates.io-index":
            wrong.append(f"{name} {version} comes from {package['source']}, not from crates.io")
        if name in BANNED:
            wrong.append(f"{name} {version}: {BANNED[name]}")
        licence = package["license"]
        if licence is None and not package["license_file"]:
            wrong.append(f"{name} {version} has no licence")
        elif licence is not None and ONLY_IN_TESTS.get(name) != licence and not allowed(licence):
            wrong.append(f"{name} {version} has the licence {licence}")
    twice = {name for name, all_ in versions.items() if len(all_) > 1}
    for name in sorted(twice - TWICE):
        wrong.append(f"{name} is there twice: {', '.join(versions[name])}")
    for name in sorted(TWICE - twice):
        wrong.append(f"{name} is no longer there twice: take it off the list in ci/dependencies.py")
    for line in wrong:
        print(f"error: {line}", file=sys.stderr)
    if not wrong:
        print(f"dependencies: {len(versions)} crates, licences, sources and bans are in order")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
