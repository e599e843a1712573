"""Reads placeholders: the parts of a manifest that stand for a secret value.

All spans are slices in characters, so that `text[found.span]` is the placeholder.

>>> from manifill.placeholder import scan
>>> text = "user=<path:vaults/Prod/items/Db#user | trim> and <b>more</b>"
>>> [found] = scan(text)
>>> text[found.span]
'<path:vaults/Prod/items/Db#user | trim>'
>>> found.alternatives[0].path.text, found.modifiers[0].name
('vaults/Prod/items/Db', 'trim')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, overload

from manifill import _native
from manifill._arguments import checked, checked_fields, native
from manifill._native import MAX_DERIVED, MAX_INDENT, MAX_MODIFIERS, PathRules
from manifill.errors import PathRuleError, PlaceholderError

__all__ = [
    "MAX_DERIVED",
    "MAX_INDENT",
    "MAX_MODIFIERS",
    "MODIFIERS",
    "Escape",
    "Glob",
    "KeyReference",
    "Modifier",
    "ModifierSpec",
    "OpReference",
    "Part",
    "PathGlob",
    "PathReference",
    "PathRuleError",
    "PathRules",
    "Placeholder",
    "PlaceholderError",
    "Reference",
    "decode_bytes",
    "decode_text",
    "encode",
    "escape",
    "is_base64",
    "may_contain",
    "parse",
    "refuse_odd_segments",
    "scan",
    "scan_escaped",
    "split_backend",
    "unclosed_opener",
]

decode_bytes = native(_native.decode_bytes, value=str)
decode_text = native(_native.decode_text, value=str)
encode = native(_native.encode, value=bytes)
is_base64 = native(_native.is_base64, value=str)
may_contain = native(_native.may_contain, text=str)
refuse_odd_segments = native(_native.refuse_odd_segments, path=str)
split_backend = native(_native.split_backend, path=str)

#: How the brackets of a placeholder are escaped: `\\u003c`, `%3C` or `&lt;`.
Escape = Literal["json", "percent", "html"]


@dataclass(frozen=True)
class Part:
    """A piece of a placeholder without white space around it, and where it stands."""

    text: str
    span: slice


@dataclass(frozen=True)
class PathReference:
    """`path:PATH#KEY#VERSION`: a key at a path of its own.

    `span` begins with the path and ends with the last part.
    """

    span: slice
    path: Part
    key: Part
    version: Part | None


@dataclass(frozen=True)
class KeyReference:
    """A key at the path of the resource's annotation."""

    span: slice
    key: Part


@dataclass(frozen=True)
class OpReference:
    """A 1Password reference, `op://[backend!]vault/item/[section/]field[?query]`.

    `path` is the item as a backend takes it, `key` what to read of it.
    """

    span: slice
    backend: Part | None
    vault: Part
    item: Part
    section: Part | None
    field: Part
    query: str | None
    path: str
    key: str


Reference = PathReference | KeyReference | OpReference


@dataclass(frozen=True)
class Modifier:
    """One modifier of a placeholder with its arguments; `repr` does not show those of `default`."""

    name: str
    arguments: tuple[str | int, ...]
    span: slice

    def __repr__(self) -> str:
        arguments = "…" if self.name == "default" else repr(self.arguments)
        return f"Modifier(name={self.name!r}, arguments={arguments}, span={self.span!r})"


@dataclass(frozen=True)
class Placeholder:
    """What a placeholder says.

    `alternatives` are what to read, the first that is there; `label` is the spelling for messages,
    without the argument of `default`, and `head` the same without modifiers.
    """

    span: slice
    alternatives: tuple[Reference, ...]
    modifiers: tuple[Modifier, ...]
    label: str
    head: str
    default: str | None

    def __repr__(self) -> str:
        return f"Placeholder(<{self.label}>, span={self.span!r})"


@dataclass(frozen=True)
class ModifierSpec:
    """A modifier as documentation lists it."""

    name: str
    arguments: str
    summary: str


#: All modifiers.
MODIFIERS: tuple[ModifierSpec, ...] = tuple(ModifierSpec(*one) for one in _native.modifiers())


@overload
def scan(
    text: str,
    *,
    annotated: bool = False,
    strict: bool = False,
    errors: Literal["raise"] = "raise",
) -> list[Placeholder]: ...


@overload
def scan(
    text: str, *, annotated: bool = False, strict: bool = False, errors: Literal["return"]
) -> list[Placeholder | PlaceholderError]: ...


@checked
def scan(
    text: str,
    *,
    annotated: bool = False,
    strict: bool = False,
    errors: Literal["raise", "return"] = "raise",
) -> list[Placeholder] | list[Placeholder | PlaceholderError]:
    """Finds the placeholders of a text, from left to right.

    In a resource with the annotation `avp.kubernetes.io/path` (`annotated`) every `<…>` on one
    line is one; with `strict` only keys of letters, digits, `-`, `_` and `.` are. Text that looks
    like a placeholder but is not one raises `PlaceholderError`, or with `errors="return"` stands in
    the list.

    >>> scan("<path:db>", errors="return")[0].kind
    'no-key'
    """
    return _native.scan(text, annotated, strict, errors == "return")


@checked
def scan_escaped(
    text: str, *, annotated: bool = False, strict: bool = False
) -> list[tuple[Placeholder, Escape]]:
    """Finds the placeholders whose brackets are escaped, each with how they are.

    >>> [(found, how)] = scan_escaped("url=%3Cpath:db%23user%3E")
    >>> found.label, how, escape(how, "a b")
    ('path:db#user', 'percent', 'a%20b')
    """
    return _native.scan_escaped(text, annotated, strict)


@checked
def escape(how: Escape, value: str) -> str:
    """Escapes a value so that it reads back as itself where an escaped placeholder stands."""
    return _native.escape(how, value)


@checked
def parse(text: str, *, annotated: bool = False, strict: bool = False) -> Placeholder:
    """Reads a text that is one placeholder and nothing else.

    >>> parse('<path:db#user | default "guest" | trim>')
    Placeholder(<path:db#user | default … | trim>, span=slice(0, 39, None))
    """
    return _native.parse(text, annotated, strict)


@checked
def unclosed_opener(text: str, *, annotated: bool = False) -> int | None:
    """Where a placeholder begins that does not end in the text.

    >>> unclosed_opener("see <path:vaults/Prod/items/C")
    4
    """
    return _native.unclosed_opener(text, annotated)


@checked_fields
@dataclass(frozen=True)
class Glob:
    """A pattern for names: `*` stays inside a segment, `**` crosses.

    >>> Glob("team-a-*").matches("team-a-web"), Glob("team-a-*").matches("team-a-web/x")
    (True, False)
    """

    pattern: str

    @checked
    def matches(self, name: str) -> bool:
        """Whether a name matches as a whole."""
        return _native.glob_matches(self.pattern, name)


@checked_fields
@dataclass(frozen=True)
class PathGlob:
    """A pattern for paths, with the name of the backend it speaks about.

    >>> glob = PathGlob("homelab!vaults/Team A/**")
    >>> glob.backend, glob.matches("vaults/Team A/items/Db")
    ('homelab', True)
    """

    pattern: str

    @property
    def backend(self) -> str | None:
        """The name before `!`."""
        return split_backend(self.pattern)[0]

    @checked
    def matches(self, path: str) -> bool:
        """Whether a path without the name of its backend matches as a whole."""
        return _native.path_glob_matches(self.pattern, path)
