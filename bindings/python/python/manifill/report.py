"""What is reported about a run: names and places, never values."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Literal, overload


#: The situations that a program may want to tell apart; `errors.KINDS` has an exception for each.
DiagnosticKind = Literal[
    "manifest",
    "placeholder",
    "path",
    "disallowed",
    "configuration",
    "not-found",
    "ambiguous",
    "unauthenticated",
    "permission-denied",
    "unavailable",
    "invalid-answer",
    "request-budget",
    "modifier",
    "value",
    "reference",
    "literal",
    "exposed",
]


def _counted(count: int, one: str) -> str:
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


@dataclass(frozen=True)
class Place:
    """A place in an input.

    `rendered_from` is the file that its document was made from, as Helm and kustomize say in it.
    """

    file: str
    line: int
    column: int
    resource: str | None = None
    field: str | None = None
    rendered_from: str | None = None


@dataclass(frozen=True)
class Diagnostic:
    """One finding, with all it is about.

    A mistake in the settings has no place in a manifest: `file` is the settings file then, or
    `setting` says where it was set, as in "OP_CONNECT_HOST (environment)".
    What several places need is told once, at the first of them; `further_places` are the others.
    `rendered_from` is the file that the document was made from, as Helm and kustomize say in it.
    `exception` is what a Python backend raised; it stays behind when the diagnostic is pickled.
    """

    severity: Literal["error", "warning", "note"]
    kind: DiagnosticKind
    message: str
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    resource: str | None = None
    field: str | None = None
    placeholder: str | None = None
    backend: str | None = None
    path: str | None = None
    version: str | None = None
    key: str | None = None
    rendered_from: str | None = None
    further_places: tuple[Place, ...] = ()
    setting: str | None = None
    exception: BaseException | None = _field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "further_places", tuple(self.further_places))

    def __str__(self) -> str:
        place = [str(part) for part in (self.file, self.line, self.column) if part is not None]
        if self.setting is not None and not place:
            place = [self.setting]
        return f"{':'.join(place)}: {self.message}" if place else self.message

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "exception": None}


@dataclass(frozen=True)
class ReadReport:
    """One read: `backend` is None if the plan was made without any."""

    backend: str | None
    path: str
    version: str | None
    keys: tuple[str, ...]


@dataclass(frozen=True)
class KeyReport:
    """A key that is wanted, with the type of what is there ("text", "bytes", …) and about how large
    it is ("1 to 16 bytes", …): both are None where something else stands in for it.

    Of what base64 names the key is `‹…›`.
    """

    backend: str
    path: str
    version: str | None
    key: str
    type: str | None
    size: str | None


@dataclass(frozen=True)
class Checked:
    """What a look at manifests has seen that found nothing wrong; no value.

    `keys` is empty if nothing was read, and `remarks` are warnings and notes.
    """

    depth: Literal["offline", "exists", "readable"]
    keys: tuple[KeyReport, ...]
    remarks: tuple[Diagnostic, ...]
    document_count: int
    placeholder_count: int

    def __post_init__(self) -> None:
        for name in ("keys", "remarks"):
            object.__setattr__(self, name, tuple(getattr(self, name)))


@dataclass(frozen=True)
class FieldReport:
    """One place that will be filled.

    `wants` is what is read for it: an index into `Plan.reads` and a key, for every placeholder and
    each of its alternatives. Of what base64 holds the key is `‹…›`, unless the placeholder begins
    with `path:` or `op://`: it may be a secret. `rendered_from` is the file that its document was
    made from, as Helm and kustomize say in it.
    """

    file: str
    line: int
    column: int
    resource: str
    field: str
    base64: bool
    wants: tuple[tuple[int, str], ...]
    rendered_from: str | None = None


@dataclass(frozen=True, eq=False)
class Plan(Sequence[FieldReport]):
    """What a run would read and where the values would go; a sequence of its fields.

    >>> import manifill
    >>> plan = manifill.plan("kind: Secret\\nstringData:\\n  key: <path:db#user>\\n")
    >>> [(site.line, site.column, site.field) for site in plan]
    [(3, 8, 'stringData.key')]
    >>> plan.reads
    (ReadReport(backend=None, path='db', version=None, keys=('user',)),)
    """

    reads: tuple[ReadReport, ...]
    fields: tuple[FieldReport, ...]
    warnings: tuple[Diagnostic, ...]
    document_count: int
    placeholder_count: int

    def __post_init__(self) -> None:
        for name in ("reads", "fields", "warnings"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def __iter__(self) -> Iterator[FieldReport]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    @overload
    def __getitem__(self, index: int) -> FieldReport: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[FieldReport, ...]: ...

    def __getitem__(self, index: int | slice) -> FieldReport | tuple[FieldReport, ...]:
        return self.fields[index]

    def __bool__(self) -> bool:
        return True

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for site in self.fields:
            for index, key in site.wants:
                read = self.reads[index]
                path = read.path if read.version is None else f"{read.path}#{read.version}"
                place = f"{site.file}:{site.line}:{site.column}"
                yield place, site.resource, site.field, read.backend or "", path, key

    def __str__(self) -> str:
        lines = ["  ".join(row) for row in self._rows()]
        lines.append(
            f"{_counted(len(self.reads), 'secret')} for "
            f"{_counted(self.placeholder_count, 'placeholder')} in "
            f"{_counted(self.document_count, 'document')}"
        )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """The table that a notebook shows."""

        def line(cell: str, cells: Sequence[str]) -> str:
            inner = "".join(f"<{cell}>{html.escape(text)}</{cell}>" for text in cells)
            return f"<tr>{inner}</tr>"

        head = line("th", ("place", "resource", "field", "backend", "path", "key"))
        body = "".join(line("td", row) for row in self._rows())
        return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"
