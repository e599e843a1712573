"""Reads YAML and JSON with places, and changes values without touching any other byte.

>>> from manifill import manifest
>>> source = '''# pinned
... kind: Deployment
... spec: {replicas: 2, image: "nginx:1.27"}  # two are enough
... '''
>>> parsed = manifest.parse(source)
>>> scalars = {one.field: one for one in parsed.scalars}
>>> edits = [scalars["spec.replicas"].replace(3), scalars["spec.image"].replace("nginx:1.29")]
>>> print(parsed.apply(edits), end="")
# pinned
kind: Deployment
spec: {replicas: 3, image: "nginx:1.29"}  # two are enough

Places are counted in characters. A text that is put in is text for every reader of YAML, whatever
it looks like; numbers, booleans, None, lists and dicts keep their type. Values have the types that
Kubernetes sees (YAML 1.1 as Go reads it): `read` turns `yes` into True.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any, Literal

from manifill import _native
from manifill._arguments import checked, checked_fields, native
from manifill._native import LineIndex, to_json
from manifill.errors import ManifestError

__all__ = [
    "Annotation",
    "Replacement",
    "Document",
    "Edit",
    "TextEdit",
    "LineIndex",
    "Manifest",
    "ManifestError",
    "OddAnnotation",
    "Removable",
    "Remove",
    "Resource",
    "Scalar",
    "Style",
    "Json",
    "is_blank",
    "join",
    "may_need_filling",
    "parse",
    "parse_any",
    "read",
    "read_one",
    "split",
    "to_json",
]

is_blank = native(_native.is_blank, document=str)
join = native(_native.join, parts=Sequence[str])
may_need_filling = native(_native.may_need_filling, document=str)
read = native(_native.read, source=str)
read_one = native(_native.read_one, source=str)
split = native(_native.split, source=str)

#: How a scalar is written.
Style = Literal["plain", "single-quoted", "double-quoted", "literal", "folded"]
#: What holds a scalar; only the value of a map can be removed.
Removable = Literal["map-value", "list-item", "root"]


@dataclass(frozen=True)
class Annotation:
    """An annotation `avp.kubernetes.io/*` or `manifill.dev/*`, which steers filling."""

    name: str
    value: str
    span: slice


@dataclass(frozen=True)
class OddAnnotation:
    """An annotation whose value is not text: Kubernetes refuses it."""

    name: str
    span: slice


@dataclass(frozen=True)
class Resource:
    """A Kubernetes object: the document itself, or an item of a `kind: List`.

    `list` is the index of the List that it is an item of.
    """

    kind: str
    name: str | None
    namespace: str | None
    annotations: tuple[Annotation, ...]
    odd_annotations: tuple[OddAnnotation, ...]
    span: slice
    kind_span: slice | None
    list: int | None

    @checked
    def annotation(self, name: str) -> Annotation | None:
        """The annotation with this name."""
        return next((one for one in self.annotations if one.name == name), None)


@checked_fields
@dataclass(frozen=True)
class TextEdit:
    """Text for a part of a value; `range` is in characters of the value."""

    range: slice
    text: str = _field(repr=False)


@checked_fields
@dataclass(frozen=True)
class Json:
    """JSON on one line for the whole value; `to_json` makes it."""

    json: str = _field(repr=False)


@dataclass(frozen=True)
class Remove:
    """The entry of the map goes away, with its comment on the same line."""


#: What becomes of a scalar.
Replacement = tuple[TextEdit, ...] | Json | Remove


@dataclass(frozen=True)
class Edit:
    """A change of one scalar, by the indexes of its document and of itself."""

    document: int
    scalar: int
    change: Replacement


@dataclass(frozen=True)
class Scalar:
    """A value of a map or list, and where it stands.

    `span` goes from quote to quote, or from the header of a block scalar to its last line. `field`
    is its path, such as `spec.containers[0].image`. `comment_after` is what follows plain text as
    a comment on the same line, `aliased` whether an alias stands for it elsewhere.
    """

    document: int
    index: int
    span: slice
    style: Style
    value: str = _field(repr=False)
    field: str
    line: int
    column: int
    resource: Resource = _field(repr=False)
    removable: Removable
    comment_after: slice | None
    aliased: bool

    @checked
    def fill(self, fills: Iterable[TextEdit]) -> Edit:
        """Puts texts in place of parts of the value; the rest of it stays."""
        return Edit(self.document, self.index, tuple(fills))

    @checked
    def replace(self, value: Any) -> Edit:
        """Puts a value in place of this one: str, int, float, bool, None, list or dict."""
        if isinstance(value, str):
            return self.fill([TextEdit(slice(0, len(self.value)), value)])
        return Edit(self.document, self.index, Json(to_json(value)))

    def remove(self) -> Edit:
        """Takes away the map entry that holds the scalar, and leaves its neighbours alone."""
        return Edit(self.document, self.index, Remove())


@dataclass(frozen=True)
class Document:
    """One document: its objects, and its scalars in source order."""

    span: slice
    resources: tuple[Resource, ...]
    scalars: tuple[Scalar, ...]


class Manifest:
    """A source with its documents; made by `parse` and `parse_any`."""

    def __init__(self, native: _native.Manifest, source: str) -> None:
        self._native = native
        self.source = source
        self.documents: tuple[Document, ...] = tuple(native.documents())

    def __repr__(self) -> str:
        return f"Manifest({len(self.documents)} documents)"

    @property
    def scalars(self) -> Sequence[Scalar]:
        """The scalars of all documents."""
        return [scalar for document in self.documents for scalar in document.scalars]

    @checked
    def apply(self, edits: Iterable[Edit]) -> str:
        """Makes all edits and returns the new source.

        Raises `ManifestError` for what cannot be edited safely. The result is parsed again and
        compared with what was intended before it is returned.
        """
        return self._native.apply([_raw(edit) for edit in edits])

    @checked
    def locate(self, scalar: Scalar, offset: int) -> int:
        """The character of the source at which a character of the scalar's value is written."""
        return self._native.locate(scalar.document, scalar.index, offset)


def _raw(edit: Edit) -> _native._RawEdit:
    match edit.change:
        case Json(json):
            return (edit.document, edit.scalar, None, json)
        case Remove():
            return (edit.document, edit.scalar, None, None)
        case fills:
            texts = [(fill.range.start or 0, fill.range.stop, fill.text) for fill in fills]
            return (edit.document, edit.scalar, texts, None)


@checked
def parse(
    source: str,
    *,
    strict: bool = False,
    keep: Callable[[Resource, str], bool] | None = None,
) -> Manifest:
    """Parses manifests; every document needs a `kind`.

    `keep` is asked which values to keep; all are kept without it. With `strict` a key that a map
    has twice is an error.
    """
    return Manifest(_native.Manifest(source, strict, False, keep), source)


@checked
def parse_any(
    source: str,
    *,
    strict: bool = False,
    keep: Callable[[Resource, str], bool] | None = None,
) -> Manifest:
    """Parses YAML or JSON that need not be a manifest, such as the values of a Helm chart.

    >>> parsed = parse_any("image: nginx # pinned\\n")
    >>> parsed.apply([parsed.scalars[0].replace("nginx:1.29")])
    'image: "nginx:1.29" # pinned\\n'
    """
    return Manifest(_native.Manifest(source, strict, True, keep), source)
