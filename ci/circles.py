#!/usr/bin/env python3
"""Modules use each other in one direction: a circle between the files of a crate is an error.

A file uses another one if it names something of it, after `use` or where it needs it; what a parent
re-exports belongs to the file that has it. Tests do not count, nor does what a file only declares or
re-exports. Of the Python package the imports count.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

BACKENDS = [file.parent.name for file in ROOT.glob("crates/vault/src/backend/*/info.rs")]

#: Circles that are meant to be, and why. The files of each are all that may hang together.
ALLOWED = {
    frozenset({"vault/backend"} | {f"vault/backend/{name}/info" for name in BACKENDS}): (
        "the list of backends holds what each declares, in the words of the list"
    ),
    frozenset({"vault/transport/http", "vault/transport/http/settings"}): "a client is made of its settings",
    frozenset({"vault/value", "vault/value/json"}): "a value reads and writes itself as JSON",
    frozenset({"manifest/edit/editor", "manifest/edit/scalar_index"}): "the index makes its editor",
    frozenset({"manifill/settings", "manifill/settings/loader"}): "the settings make their loader",
    frozenset({"manifill/fetch", "manifill/plan", "manifill/renderer"}): (
        "a plan belongs to its renderer and answers to their plan, by type, and each makes the next"
    ),
    frozenset({"vault/backend/vault/client", "vault/backend/vault/session"}): "the client makes its sessions",
}

TEST = re.compile(r"^(tests?|test_\w+|samples|sealing)$")


def split_list(text):
    """The parts of a list that are separated by commas outside of braces."""
    part, depth = "", 0
    for char in text:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if char == "," and depth == 0:
            yield part
            part = ""
        else:
            part += char
    yield part


def expand(tree):
    """The paths of a `use` tree, as tuples of names; `as` gives the name in the file."""
    tree = tree.strip()
    head, brace, rest = tree.partition("{")
    prefix = tuple(name for name in head.strip().split("::") if name)
    if brace:
        for part in split_list(rest.rsplit("}", 1)[0]):
            if part.strip():
                for path, local in expand(part):
                    yield (prefix if path == ("self",) else prefix + path), local
        return
    *path, last = prefix
    name, _, local = last.partition(" as ")
    yield (*path, name.strip()), (local or name).strip()


class Crate:
    """The modules of a crate: each is a tuple of names, the crate itself is empty."""

    def __init__(self, source):
        self.source = source
        self.files = {}
        for file in sorted(source.rglob("*.rs")):
            module = file.relative_to(source).with_suffix("").parts
            if module[-1] in ("mod", "lib", "main"):
                module = module[:-1]
            if not any(TEST.match(name) for name in module):
                self.files[module] = self.code(file.read_text())
        #: What a module re-exports: local name to paths.
        self.shown = {module: self.let_in(module, r"pub(?:\([^)]*\))? use") for module in self.files}

    @staticmethod
    def code(text):
        """The text without comments and tests."""
        text = re.sub(r"//[^\n]*", "", text)
        return re.split(r"#\[cfg\((?:all\()?test\b[^\n]*\]\s*(?:#\[[^\n]*\]\s*)*mod \w+ \{", text)[0]

    def let_in(self, module, keyword):
        """What the `use` lines of a module let in: local name to paths."""
        found = {}
        for tree in re.findall(rf"^\s*{keyword} ([^;]+);", self.files[module], re.M):
            for path, local in expand(" ".join(tree.split())):
                found.setdefault(local, []).append(self.absolute(module, path))
        return found

    def spelled(self, module):
        """The paths that a module spells out where it needs them."""
        text = re.sub(r"^\s*(?:pub(?:\([^)]*\))? )?use [^;]+;", "", self.files[module], flags=re.M)
        children = re.findall(r"^\s*(?:pub(?:\([^)]*\))? )?mod (\w+);", text, re.M)
        heads = "|".join(["crate", "super", *children])
        for path in re.findall(rf"(?<![:\w])((?:{heads})(?:::\w+)+)", text):
            yield self.absolute(module, path.split("::"))

    def absolute(self, module, path):
        """A path from the crate; None if it leads out of it."""
        base, rest = module, list(path)
        if rest[0] == "crate":
            base, rest = (), rest[1:]
        elif rest[0] == "self":
            rest = rest[1:]
        elif rest[0] == "super":
            while rest and rest[0] == "super":
                base, rest = base[:-1], rest[1:]
        elif (*module, rest[0]) not in self.files:
            return None
        return (*base, *rest)

    def owner(self, path, seen=()):
        """The module that has what a path names, through re-exports."""
        module = path
        while module not in self.files:
            module = module[:-1]
        rest = path[len(module) :]
        if rest and (module, rest[0]) not in seen:
            for target in self.shown[module].get(rest[0], []):
                if target is not None and target != path:
                    return self.owner((*target, *rest[1:]), (*seen, (module, rest[0])))
        return module

    def arrows(self):
        for module in self.files:
            paths = [path for paths in self.let_in(module, "use").values() for path in paths]
            paths += self.spelled(module)
            yield module, {self.owner(path) for path in paths if path is not None} - {module}


def python_arrows(package):
    """The same of a Python package."""
    names = {file.stem for file in package.glob("*.py")} - {"__init__", "__main__"}
    for name in sorted(names):
        targets = set()
        for node in ast.walk(ast.parse((package / f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                if node.module == package.name:
                    targets |= {one.name for one in node.names}
                elif node.module.startswith(f"{package.name}."):
                    targets.add(node.module.split(".")[1])
        yield (name,), {(target,) for target in targets & names - {name}}


def circles(graph):
    """The sets of more than one node that can all be reached from each other."""
    number, low, stack, found = {}, {}, [], []

    def visit(node):
        number[node] = low[node] = len(number)
        stack.append(node)
        for target in sorted(graph[node]):
            if target not in number:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], number[target])
        if low[node] == number[node]:
            circle = set()
            while not circle or node not in circle:
                circle.add(stack.pop())
            if len(circle) > 1:
                found.append(circle)

    for node in sorted(graph):
        if node not in number:
            visit(node)
    return found


def main():
    sys.setrecursionlimit(10_000)
    graphs = {
        source.relative_to(ROOT).parts[-2]: dict(Crate(source).arrows())
        for source in sorted(ROOT.glob("crates/*/src")) + [ROOT / "bindings/python/src"]
    }
    graphs["manifill.py"] = dict(python_arrows(ROOT / "bindings/python/python/manifill"))
    allowed, wrong = dict(ALLOWED), False
    for name, graph in graphs.items():
        for circle in circles(graph):
            files = frozenset("/".join((name, *module)) for module in circle)
            if allowed.pop(files, None):
                continue
            wrong = True
            print(f"error: these files of {name} use each other in a circle:", file=sys.stderr)
            for module in sorted(circle):
                for target in sorted(graph[module] & circle):
                    print(f"  {'/'.join(module) or '(root)'} -> {'/'.join(target) or '(root)'}", file=sys.stderr)
    for files in allowed:
        wrong = True
        print(f"error: no longer a circle, take it off the list: {', '.join(sorted(files))}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"circles: none in {len(graphs)} packages but for the {len(ALLOWED)} that are meant to be")


main()
