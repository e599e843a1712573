"""What callers may give to a renderer, and how native code takes it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from manifill import _native
from manifill._reading import Reading
from manifill._request import VaultBackend

Paths = Iterable[str | os.PathLike[str]]
#: One text or several.
Texts = str | Iterable[str]
#: How far a look goes.
Depth: TypeAlias = Literal["offline", "exists", "readable"]
#: A backend: one in Python, the name of a type that needs no settings, or a type with settings.
BackendSpec: TypeAlias = VaultBackend | str | tuple[str, Mapping[str, str]]


@dataclass(frozen=True)
class Look:
    """What a look at manifests looks for."""

    depth: str
    external: list[str]
    literals: bool
    only_kinds: list[str]
    allow: list[str]


def look_for(
    depth: str, external: Texts, literals: bool, only_kinds: Texts, allow: Texts
) -> Look:
    return Look(depth, texts_of(external), bool(literals), texts_of(only_kinds), texts_of(allow))


@dataclass(frozen=True)
class Shared:
    """The options that every way to make a renderer takes."""

    strict: bool
    escaped: bool
    allow_unresolved: bool
    timeout: float | None
    concurrency: int | None
    max_output: int | None

    def __post_init__(self) -> None:
        if self.concurrency is not None and self.concurrency < 1:
            raise ValueError("concurrency must be at least 1")
        if self.max_output is not None and not 1 <= self.max_output < 1 << 64:
            raise ValueError("max_output must be a number of bytes")


def with_settings(
    backend: str | VaultBackend, settings: Mapping[str, str] | None
) -> BackendSpec:
    if isinstance(backend, str):
        return (backend, settings or {})
    if settings is not None:
        raise TypeError("settings are for a type of backend, not for one in Python")
    return backend


def spec(backend: BackendSpec) -> _native._BackendGiven:
    if isinstance(backend, str):
        return (backend, {})
    if isinstance(backend, tuple):
        return _typed(backend)
    kind = type(backend).__name__
    if isinstance(backend, Mapping):
        raise TypeError(f"a {kind} is no backend; wrap it: manifill.vault.Memory({{...}})")
    if isinstance(backend, type) or not callable(getattr(backend, "read", None)):
        instead = f"; pass an object: {backend.__name__}(...)" if isinstance(backend, type) else ""
        raise TypeError(f"a backend in Python has a method read(request), {kind} has none{instead}")
    try:
        inspect.signature(backend.read).bind(None)
    except TypeError:
        raise TypeError(f"read() of {kind} must take one argument, the request") from None
    except ValueError:
        # It is written in C and does not say what it takes.
        pass
    return Reading(backend)


def _typed(backend: tuple[Any, ...]) -> tuple[str, dict[str, str]]:
    """A type with its settings."""
    match backend:
        case (str(kind), Mapping() as settings):
            return (kind, dict(settings))
    raise TypeError("a backend with settings must be a tuple of its type and a dict")


def specs(backends: Mapping[str, BackendSpec] | None) -> list[tuple[str, _native._BackendGiven]]:
    return [(name, spec(backend)) for name, backend in (backends or {}).items()]


def texts_of(texts: Texts) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts)


def paths_of(paths: Paths) -> list[str]:
    return [os.fspath(path) for path in paths]
