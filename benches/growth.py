#!/usr/bin/env python3
"""Shows that what a run costs grows with its input and no faster.

Each shape is made in four sizes. It prints the seconds of user time and fails if eight times the
input costs more than sixteen times the time. With the Python package at hand (`make test` builds
it; run this with .venv/bin/python), its functions are measured as well.
Usage: benches/growth.py [--runs N] [WORD…]: only the shapes whose names hold one of the words
"""

import argparse
import base64
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1, 2, 4, 8)

#: Eight times the input may cost so many times the time.
MOST = 16
#: Less than so many seconds is noise.
FLOOR = 0.05

HEAD = "kind: ConfigMap\nmetadata: {name: a}\n"
REMOVE = "kind: ConfigMap\nmetadata: {annotations: {avp.kubernetes.io/path: db, avp.kubernetes.io/remove-missing: 'true'}}\n"
NAMED = "kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: db}}\n"


def lines(count, line):
    return "".join(line.replace("@", str(number)) for number in range(count))


def encoded(text):
    return base64.b64encode(text.encode()).decode()


#: Manifests by how often something stands in them; `db` has the keys `k` and `lines`.
MANIFESTS = {
    "documents": lambda n: lines(n, "---\nkind: A\nx: <path:db#k>\n"),
    "documents without placeholders": lambda n: lines(4 * n, "---\nkind: A\nx: 1\n"),
    "annotated documents": lambda n: lines(
        n, "---\nkind: A\nmetadata: {annotations: {avp.kubernetes.io/path: db}}\nx: <k>\n"
    ),
    "entries of a map": lambda n: HEAD + "data:\n" + lines(n, "  k@: <path:db#k>\n"),
    "items of a list": lambda n: "kind: A\nx:\n" + lines(n, "- <path:db#k>\n"),
    "items of a List": lambda n: "kind: List\nitems:\n" + lines(n, "- {kind: A, x: <path:db#k>}\n"),
    "a flow list": lambda n: "kind: A\nx: [" + lines(n, "<path:db#k>, ") + "1]\n",
    "JSON": lambda n: '{"kind": "A", "x": [' + lines(n, '"<path:db#k>", ') + "1]}\n",
    "a literal block": lambda n: HEAD + "data:\n  x: |\n" + lines(n, "    a <path:db#k> b\n"),
    "a folded block": lambda n: HEAD + "data:\n  x: >\n" + lines(n, "    a <path:db#k> b\n"),
    "one line in quotes": lambda n: "kind: A\nx: '" + lines(n, "<path:db#k> ") + "'\n",
    "one line in double quotes": lambda n: 'kind: A\nx: "' + lines(n, "\\t<path:db#k> ") + '"\n',
    "base64": lambda n: "kind: Secret\ndata:\n" + lines(n, f"  k@: {encoded('<path:db#k>')}\n"),
    "one base64": lambda n: "kind: Secret\ndata:\n  x: " + encoded("<path:db#k> " * n) + "\n",
    "aliases": lambda n: "kind: A\na: &a <path:db#k>\nx:\n" + lines(n, "- *a\n"),
    "anchors": lambda n: "kind: A\nx:\n" + lines(n, "- &a@ <path:db#k>\n"),
    "comments": lambda n: "kind: A\nx: <path:db#k>\n" + lines(4 * n, "# <path:db#k>\n"),
    "paths": lambda n: "kind: A\nx:\n" + lines(n, "- <path:db@#k | default \"d\">\n"),
    "alternatives": lambda n: "kind: A\nx: <" + lines(n, "path:none@#k || ") + "path:db#k>\n",
    "modifiers": lambda n: "kind: A\nx:\n" + lines(n, "- <path:db#k | trim | base64encode>\n"),
    "typed values": lambda n: "kind: A\nx:\n" + lines(n, "- <path:db#list>\n"),
    "entries that go away": lambda n: REMOVE + "data:\n" + lines(n, "  k@: <none>\n"),
    "missing keys": lambda n: "kind: A\nx:\n" + lines(n, "- <path:db#kk@>\n"),
    "wrong modifiers": lambda n: "kind: A\nx:\n" + lines(n, "- <path:db#k | trin>\n"),
    "too many modifiers": lambda n: "kind: A\nx: <path:db#k" + lines(n, " | trim") + ">\n",
    "open brackets": lambda n: "kind: A\nx: '" + "<path:" * n + "'\n",
    "brackets in an annotated document": lambda n: NAMED + "x: '" + "<" * n + "'\n",
}

#: Those that are wrong: an error costs no more than a result.
WRONG = {"missing keys", "wrong modifiers", "too many modifiers", "open brackets"}

#: Texts for `fill`, by their name.
TEXTS = {
    "text.json": lambda n: json.dumps({f"k{i}": "x <path:db#lines>" for i in range(n)}),
    "bare.json": lambda n: '{"a": [' + ", ".join(["<path:db#list>"] * n) + "]}",
    "text.toml": lambda n: lines(n, 'k@ = "x <path:db#lines>"\n'),
    "tables.toml": lambda n: lines(n, "[t@]\na = <path:db#k>\n"),
    "text.env": lambda n: lines(n, "K@=<path:db#lines>\n"),
    "text.properties": lambda n: lines(n, "k@ = <path:db#lines>\n"),
    "values.yaml": lambda n: lines(n, "k@: <path:db#lines>\n"),
    "text.txt": lambda n: lines(n, "x <path:db#lines> @\n"),
}

#: What a guard looks through and finds nothing in.
GUARDED = {
    "escapes of HTML": lambda n: "kind: A\nx: '" + "&amp;" * n + "'\n",
    "escapes of addresses": lambda n: "kind: A\nx: '" + "%25" * n + "'\n",
    "escapes of all kinds": lambda n: "kind: A\nx: '" + "\\u0025&amp;%26#38;" * n + "'\n",
    "words": lambda n: NAMED + "x: '" + "some-words and/more " * n + "'\n",
    "base64": lambda n: "kind: Secret\ndata:\n  x: " + encoded(encoded("x" * 20 * n)) + "\n",
}

FILLED = "kind: A\nx: <path:db#v@>\n"

#: The modifiers of a value, and the value by its size.
VALUES = {
    "a long text": ("", lambda n: "x" * 100 * n),
    "control characters": ("", lambda n: "\x01" * 20 * n),
    "lines": (" | indent 4", lambda n: "line\n" * 20 * n),
    "a list": ("", lambda n: list(range(10 * n))),
    "toJson": (" | toJson", lambda n: {f"k{i}": "v" for i in range(5 * n)}),
    "toYaml": (" | toYaml", lambda n: {f"k{i}": {"a": ["v"]} for i in range(2 * n)}),
    "jsonParse": (" | jsonParse", lambda n: json.dumps({f"k{i}": i for i in range(5 * n)})),
    "yamlParse": (" | yamlParse", lambda n: lines(2 * n, "k@: v\n")),
    "jsonPath": (" | jsonPath {.*.a}", lambda n: [{"a": i} for i in range(2 * n)]),
    "jsonPath with a filter": (" | jsonPath {[?(@.a\\u003e5)].a}", lambda n: [{"a": i} for i in range(2 * n)]),
    "a chain": (" | base64encode | base64decode | trim | sha256sum", lambda n: "x" * 50 * n),
    "urlencode": (" | urlencode", lambda n: "<" * 50 * n),
}

#: Settings files by their ending and the number of lines.
SETTINGS = {
    "settings.yaml": lambda n: "AVP_TYPE: file\n" + lines(n, "KEY_@: v\n"),
    "settings.json": lambda n: json.dumps({"AVP_TYPE": "file"} | {f"KEY_{i}": "v" for i in range(n)}),
    "settings.toml": lambda n: 'AVP_TYPE = "file"\n' + lines(n, 'KEY_@ = "v"\n'),
    "tables.toml": lambda n: 'AVP_TYPE = "file"\n' + lines(n, "[t@]\na = 1\n"),
    "settings.env": lambda n: "AVP_TYPE=file\n" + lines(n, "KEY_@=v\n"),
    "settings.ini": lambda n: "AVP_TYPE=file\n" + lines(n, "KEY_@=v\n"),
    "settings.properties": lambda n: "AVP_TYPE=file\n" + lines(n, "KEY_@=v\n"),
    "joined.properties": lambda n: "AVP_TYPE=file\nKEY = " + "\\\\\\\n" * n + "\n",
    "policy.yaml": lambda n: (
        "backends: {v: {type: file, settings: {MANIFILL_FILE: vault.json}}}\ndefault: v\npolicy:\n"
        + lines(n, '- {project: "p@", allow: ["v!x@/**"]}\n')
        + '- {project: "*", allow: ["v!**"]}\n'
    ),
    "backends.yaml": lambda n: (
        "default: v0\nbackends:\n"
        + lines(n // 4, "  v@: {type: file, settings: {MANIFILL_FILE: vault.json}}\n")
    ),
}


def sops(values, about):
    """An encrypted file, of which no key here opens anything."""
    about = {"lastmodified": "2026-01-01T00:00:00Z", "mac": "ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]"} | about
    return json.dumps(values | {"sops": about})


def age(header):
    text = "age-encryption.org/v1\n" + header + "--- " + "A" * 43 + "\n"
    armored = encoded(text)
    body = "".join(armored[at : at + 64] + "\n" for at in range(0, len(armored), 64))
    return f"-----BEGIN AGE ENCRYPTED FILE-----\n{body}-----END AGE ENCRYPTED FILE-----\n"


RECIPIENT = {"enc": age("-> X25519 " + "A" * 43 + "\n" + "A" * 43 + "\n")}
LARGEST = {"enc": age("-> foo\n" + ("A" * 64 + "\n") * 40 + "\n")}
SEALED = "ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]"

#: Files of SOPS; sizes are small where a file may not be large.
SOPS = {
    "age stanzas": lambda n: sops({}, {"age": [{"enc": age("-> foo bar\n\n" * (n // 4))}]}),
    "age stanzas of X25519": lambda n: sops(
        {}, {"age": [{"enc": age(("-> X25519 " + "A" * 43 + "\n" + "A" * 43 + "\n") * (n // 4))}]}
    ),
    "age arguments": lambda n: sops({}, {"age": [{"enc": age("-> foo" + " bar" * n + "\n\n")}]}),
    "age body": lambda n: sops({}, {"age": [{"enc": age("-> foo\n" + ("A" * 64 + "\n") * n + "\n")}]}),
    "age recipients": lambda n: sops({}, {"age": [RECIPIENT] * (n // 125)}),
    "largest age recipients": lambda n: sops({}, {"age": [LARGEST] * (n // 32)}),
    "PGP recipients": lambda n: sops({}, {"pgp": [{"enc": "x"}] * n}),
    "key groups": lambda n: sops({}, {"key_groups": [{"age": [RECIPIENT]}] * (n // 125)}),
    "values": lambda n: sops({f"k{i}": SEALED for i in range(n)}, {"age": [RECIPIENT]}),
    "long names": lambda n: sops({"n" * 100 * n: {f"k{i}": SEALED for i in range(n)}}, {"age": [RECIPIENT]}),
}


def functions():
    """The functions of the Python package, by name, each with what makes its argument."""
    import manifill
    from manifill import manifest, placeholder, transform

    text = MANIFESTS["documents"]
    renderer = manifill.Renderer(manifill.vault.Memory({"db": {"k": "v"}}))

    class Backend:
        def read(self, request):
            return {f"k{number}": "v" for number in range(20)} | {"k": "v"}

    own = manifill.Renderer(Backend())
    return {
        "render": (text, renderer.render),
        "render_documents": (text, lambda source: list(renderer.render_documents(source))),
        "plan": (text, renderer.plan),
        "a backend in Python": (lambda n: "kind: A\nx:\n" + lines(n // 2, "- <path:p@#k>\n"), own.render),
        "scan": (lambda n: lines(n, "<path:db#k@> "), lambda source: list(manifill.scan(source))),
        "parse of modifiers": (
            lambda n: "<path:db#k | jsonPath " + "{.a}" * n + ">",
            placeholder.parse,
        ),
        "manifest.parse": (text, manifest.parse),
        "manifest.read": (lambda n: lines(n, "k@: [1, a]\n"), lambda source: list(manifest.read(source))),
        "transform.run": (lambda n: "x" * 500 * n, lambda value: transform.run(value, "base64encode | toJson")),
        "SecretValue": (
            lambda n: [{"a": number} for number in range(n)],
            lambda value: manifill.vault.SecretValue(value).expose(),
        ),
        "decode_text": (lambda n: encoded("x" * 1000 * n), placeholder.decode_text),
    }


def user_seconds(command, folder, env, status):
    """The user time of a run that must end with this status."""
    with open(folder / "told", "w+") as told:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=told)
        _, ended, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(ended) != status:
            told.seek(0)
            sys.exit(f"{command}: {told.read(400)}")
    return usage.ru_utime


class Table:
    """Prints a line for each shape and remembers those that grow too fast."""

    def __init__(self, runs, words):
        self.runs, self.words, self.failed = runs, words, []
        print(f"{'shape':<48}" + "".join(f"{size:>8}×" for size in SIZES) + "   growth")

    def row(self, name, measure):
        if self.words and not any(word in name for word in self.words):
            return
        times = [min(measure(size) for _ in range(self.runs)) for size in SIZES]
        growth = times[-1] / max(times[0], FLOOR)
        print(f"{name:<48}" + "".join(f"{seconds:>9.3f}" for seconds in times) + f"{growth:>9.1f}", flush=True)
        if growth > MOST:
            self.failed.append(name)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("words", nargs="*", metavar="WORD")
    arguments = arguments.parse_args()
    subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "manifill-cli"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    manifill = target / "release" / "manifill"
    table = Table(arguments.runs, arguments.words)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        vault = {"db": {"k": "v", "lines": "a\nb\n", "list": [1, {"a": "b"}]}}
        env = {"AVP_TYPE": "file", "MANIFILL_FILE": str(folder / "vault.json"), "MANIFILL_TIMEOUT": "600"}
        (folder / "vault.json").write_text(json.dumps(vault))
        (folder / "one.yaml").write_text("kind: A\nx: <path:db#k>\n")

        def run(*arguments, status=0, **more):
            return user_seconds([manifill, "generate", *arguments], folder, env | more, status)

        def manifest(make, status):
            def measure(size):
                (folder / "m.yaml").write_text(make(10_000 * size))
                return run("m.yaml", status=status)

            return measure

        def text(name, make):
            def measure(size):
                (folder / name).write_text(make(10_000 * size))
                return user_seconds([manifill, "fill", name], folder, env, 0)

            return measure

        def guarded(make):
            def measure(size):
                (folder / "g.yaml").write_text(make(10_000 * size))
                return user_seconds([manifill, "guard", "g.yaml"], folder, env, 0)

            return measure

        def value(modifiers, make):
            def measure(size):
                (folder / "v.json").write_text(json.dumps({"db": {"v": make(2_000 * size)}}))
                (folder / "v.yaml").write_text(FILLED.replace("@", modifiers))
                return run("v.yaml", MANIFILL_FILE=str(folder / "v.json"))

            return measure

        def keys(size):
            (folder / "v.json").write_text(json.dumps({"db": {f"key{i}": "v" for i in range(1_000 * size)}}))
            (folder / "v.yaml").write_text("kind: A\nx:\n" + lines(1_000 * size, "- <path:db#kye@>\n"))
            return run("v.yaml", status=1, MANIFILL_FILE=str(folder / "v.json"))

        def settings(name, make):
            def measure(size):
                (folder / name).write_text(make(5_000 * size))
                return run("one.yaml", "-c", name, "--project", "p")

            return measure

        def encrypted(make):
            key = (ROOT / "crates/vault/src/backend/sops/testdata/throwaway-age.key").read_text()
            (folder / "s.yaml").write_text("kind: A\nx: <path:s.json#k0>\n")

            def measure(size):
                (folder / "s.json").write_text(make(1_000 * size))
                return run("s.yaml", status=1, AVP_TYPE="sops", SOPS_AGE_KEY=key)

            return measure

        for name, make in MANIFESTS.items():
            table.row(f"manifest: {name}", manifest(make, int(name in WRONG)))
        for name, make in TEXTS.items():
            table.row(f"text: {name}", text(name, make))
        for name, make in GUARDED.items():
            table.row(f"guard: {name}", guarded(make))
        for name, (modifiers, make) in VALUES.items():
            table.row(f"value: {name}", value(modifiers, make))
        table.row("value: as many wrong keys as right ones", keys)
        for name, make in SETTINGS.items():
            table.row(f"settings: {name}", settings(name, make))
        for name, make in SOPS.items():
            table.row(f"SOPS: {name}", encrypted(make))

    def function(make, call):
        def measure(size):
            argument = make(2_000 * size)
            start = time.process_time()
            call(argument)
            return time.process_time() - start

        return measure

    if importlib.util.find_spec("manifill") is None:
        print("the Python package is not installed; its functions are left out")
    else:
        for name, (make, call) in functions().items():
            table.row(f"Python: {name}", function(make, call))
    if table.failed:
        sys.exit("faster than their input grow: " + ", ".join(table.failed))


if __name__ == "__main__":
    main()
