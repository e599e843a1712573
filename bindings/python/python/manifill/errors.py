"""What can go wrong. Every exception derives from `ManifillError`; none holds a value.

>>> import manifill
>>> try:
...     manifill.placeholder.parse("<path:db>")
... except manifill.ManifillError as error:
...     print(error)
a placeholder has a path and no `#KEY`
  hint: write <path:PATH#KEY>
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manifill.report import Diagnostic

#: How many diagnostics the text of a `RenderError` shows.
_SHOWN = 20


class ManifillError(Exception):
    """Anything that manifill reports.

    `kind` is a stable word for programs, `hint` says what to do about it; the text has it, too.
    `notes` are remarks that were made before it failed; one of them can be about the cause.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, message: str, *, kind: str = "", hint: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.hint = hint

    def __str__(self) -> str:
        return _with_hint(super().__str__(), self.hint)


class RenderError(ManifillError):
    """Nothing was rendered, and why: every finding of every document.

    `diagnostics` has them in the order of the sources, warnings included; of very many errors it
    has the first thousand, and `errors_left_off` is the number of the others. `secrets_unread` says
    how many secrets were not read, since mistakes in the manifests ended the run before: what is
    wrong with them is not known yet. The other attributes are those of the first error. `__cause__`
    is the first exception of a Python backend.
    """

    def __init__(
        self,
        diagnostics: Iterable[Diagnostic],
        errors_left_off: int = 0,
        secrets_unread: int = 0,
        notes: Iterable[str] = (),
    ) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        self.errors_left_off = errors_left_off
        self.secrets_unread = secrets_unread
        errors = [one for one in self.diagnostics if one.severity == "error"]
        super().__init__(_listed(errors, errors_left_off))
        self.notes = tuple(notes)
        # What `pickle` hands to the class again.
        self.args = (self.diagnostics, errors_left_off, secrets_unread, self.notes)
        first = errors[0] if errors else None
        self.kind = first.kind if first else ""
        self.hint = first.hint if first else None
        self.file = first.file if first else None
        self.line = first.line if first else None
        self.column = first.column if first else None
        self.resource = first.resource if first else None
        self.field = first.field if first else None
        self.placeholder = first.placeholder if first else None
        self.backend = first.backend if first else None
        self.path = first.path if first else None
        self.key = first.key if first else None

    def __str__(self) -> str:
        errors = [one for one in self.diagnostics if one.severity == "error"]
        return _listed(errors, self.errors_left_off)

    def __repr__(self) -> str:
        return f"RenderError({str(self)!r})"


def _listed(errors: Sequence[Diagnostic], left_off: int) -> str:
    """The errors one to a line, as many as a person reads."""
    count = len(errors) + left_off
    if count == 1:
        return _detailed(errors[0])
    lines = [f"{count} errors:"]
    lines += (_detailed(one).replace("\n", "\n  ") for one in errors[:_SHOWN])
    if count > _SHOWN:
        lines.append(f"and {count - _SHOWN} more")
    return "\n  ".join(lines)


def _detailed(one: Diagnostic) -> str:
    """An error with the object, the field and the hint, each of them that is known."""
    where = "  ".join(part for part in (one.resource, one.field) if part)
    return _with_hint(f"{one}\n  {where}" if where else str(one), one.hint)


def _with_hint(text: str, hint: str | None) -> str:
    return text if hint is None else f"{text}\n  hint: {hint}"


class PlaceholderError(ManifillError):
    """A placeholder, or text that was meant to be one, that cannot be filled.

    `span` is what is wrong, in characters of the scanned text; `summary` says it without a word of
    that text. `survives` says whether argocd-vault-plugin leaves such text in its output.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str = "",
        hint: str | None = None,
        span: slice = slice(0, 0),
        summary: str = "",
        survives: bool = False,
        is_escaped: bool = False,
    ) -> None:
        super().__init__(message, kind=kind, hint=hint)
        self.span = span
        self.summary = summary
        self.survives = survives
        self.is_escaped = is_escaped


class PathRuleError(ManifillError):
    """A path that rules for paths do not allow, or a rule that cannot be read."""


class ManifestError(ManifillError):
    """A mistake in a manifest, or a change that cannot be made.

    `offset` is the character of the source, `line` and `column` count from 1. `other_offset` is a
    second place, such as that of the first of two equal keys, and `name` the key or anchor.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str = "",
        hint: str | None = None,
        offset: int = 0,
        line: int = 0,
        column: int = 0,
        other_offset: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(message, kind=kind, hint=hint)
        self.offset = offset
        self.line = line
        self.column = column
        self.other_offset = other_offset
        self.name = name


class TransformError(ManifillError):
    """A modifier that failed; `modifier` is its index."""

    def __init__(
        self, message: str, *, kind: str = "", hint: str | None = None, modifier: int = 0
    ) -> None:
        super().__init__(message, kind=kind, hint=hint)
        self.modifier = modifier


class VaultError(ManifillError):
    """A secret could not be read.

    A backend in Python raises one of its subclasses to say why. Its text is shown only as the
    cause of the `RenderError`, never in a diagnostic.
    """


class NotFoundError(VaultError):
    """There is no such secret. This is what `default` and `||` act on."""


class AmbiguousError(VaultError):
    """Several things have this name."""


class AuthenticationError(VaultError):
    """The vault does not accept the login."""


class PermissionDeniedError(VaultError):
    """The vault, a policy or a path validation does not allow the read."""


class BackendUnavailableError(VaultError):
    """The vault could not be reached, or gave no answer that makes sense in time."""


class PathError(VaultError):
    """The path is not one that the backend can have, or names no backend."""


@dataclass(frozen=True)
class ConfigError:
    """One mistake in the settings."""

    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    setting: str | None = None

    def __str__(self) -> str:
        place = [str(part) for part in (self.file, self.line, self.column) if part is not None]
        if self.setting is not None and not place:
            place = [self.setting]
        message = f"{':'.join(place)}: {self.message}" if place else self.message
        return _with_hint(message, self.hint)


class ConfigurationError(ManifillError):
    """Settings are missing or wrong; `errors` has every mistake with its place."""

    def __init__(
        self,
        message: str,
        *,
        kind: str = "configuration",
        hint: str | None = None,
        errors: Iterable[ConfigError] = (),
        notes: Iterable[str] = (),
    ) -> None:
        self.errors: tuple[ConfigError, ...] = tuple(errors)
        self.notes = tuple(notes)
        if hint is None and self.errors:
            hint = self.errors[0].hint
        super().__init__(message, kind=kind, hint=hint)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors)) if self.errors else super().__str__()


#: The exception of every kind of diagnostic and of every kind of error of a backend, for reads of
#: one path. A render always raises `RenderError`.
KINDS: dict[str, type[ManifillError]] = {
    "ambiguous": AmbiguousError,
    "configuration": ConfigurationError,
    "disallowed": PermissionDeniedError,
    "exposed": ManifestError,
    "invalid-answer": BackendUnavailableError,
    "invalid-request": PathError,
    "literal": ManifestError,
    "manifest": ManifestError,
    "modifier": TransformError,
    "not-found": NotFoundError,
    "path": PathError,
    "permission-denied": PermissionDeniedError,
    "placeholder": PlaceholderError,
    "reference": ManifestError,
    "request-budget": BackendUnavailableError,
    "timeout": BackendUnavailableError,
    "unauthenticated": AuthenticationError,
    "unavailable": BackendUnavailableError,
    "value": ManifestError,
}
