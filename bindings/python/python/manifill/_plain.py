"""Turns what a Python backend says into objects that native code reads without calling back.

The interpreter ends a daemon thread where it next runs Python code. If native code is what runs it,
as when it asks a list that is computed lazily for its items, the whole process goes down with it.
So everything that may run code of somebody else's runs here, in Python, and what native code gets
is exactly of builtin types.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from manifill import errors
from manifill._native import Secret, SecretValue

#: How deep lists and maps may be nested, as native code has it.
_DEPTH = 128

#: What native code reads as it is.
_PLAIN = (type(None), bool, str, bytes, int, float, Decimal, SecretValue)

#: The kind of failure that an exception tells of; the first that fits counts.
_FAILURES: tuple[tuple[str, tuple[type[BaseException], ...]], ...] = (
    ("not-found", (errors.NotFoundError,)),
    ("unauthenticated", (errors.AuthenticationError,)),
    ("permission-denied", (errors.PermissionDeniedError, PermissionError)),
    ("ambiguous", (errors.AmbiguousError,)),
    ("configuration", (errors.ConfigurationError,)),
    ("invalid-request", (errors.PathError,)),
    ("unavailable", (errors.BackendUnavailableError, OSError)),
    ("invalid-answer", (Exception, asyncio.CancelledError)),
)


class _Shown(str):
    """What is said of a mistake of the backend itself: it names types and no value, so that a
    diagnostic may have it."""


def answer(returned: Any) -> dict[str, Any] | Secret | None:
    """What `read` returned."""
    if returned is None or type(returned) is Secret:
        return returned
    if isinstance(returned, Mapping):
        return _entries(returned, 0)
    raise TypeError(_Shown(f"read() returned {_name(returned)}, not a mapping or None"))


def failure(error: BaseException) -> tuple[str | None, str, bool]:
    """What `read` raised: the kind of failure, or `None` if it is no failure but ends the call; the name
    of its type, with a text that may be shown; whether it is one that also says that there is no such
    thing."""
    kind = next((kind for kind, classes in _FAILURES if isinstance(error, classes)), None)
    name = _name(error)
    if type(error) is TypeError and error.args and type(error.args[0]) is _Shown:
        name = f"{name}: {str.__str__(error.args[0])}"
    return kind, name, isinstance(error, (LookupError, FileNotFoundError))


def _value(value: Any, depth: int) -> Any:
    if depth > _DEPTH:
        raise ValueError("a value is nested too deeply")
    if type(value) in _PLAIN:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(memoryview(value))
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, Decimal):
        return Decimal(value)
    if isinstance(value, Mapping):
        return _entries(value, depth + 1)
    if isinstance(value, (list, tuple)):
        return [_value(item, depth + 1) for item in value]
    raise TypeError(_Shown(f"a secret value cannot be of type {_name(value)}"))


def _entries(entries: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    return {_key(key): _value(value, depth) for key, value in list(entries.items())}


def _key(key: Any) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    raise TypeError(_Shown(f"a key must be str, not {_name(key)}"))


def _name(value: object) -> str:
    return str.__str__(type(value).__name__)
