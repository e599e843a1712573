"""What a backend is, and what it is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from manifill._arguments import checked_fields
from manifill._native import Secret


@checked_fields
@dataclass(frozen=True)
class SecretRequest:
    """One read that is asked of a backend: a path, perhaps a version, and the keys that are wanted.

    `keys` is None if all are. Each path is asked for once in a run, whatever its keys.
    """

    path: str
    version: str | None = None
    keys: frozenset[str] | None = None
    options: Mapping[str, str] = field(default_factory=dict, hash=False)


@runtime_checkable
class VaultBackend(Protocol):
    """A place that holds secrets.

    A plain `read` is called in threads, as many at a time as the renderer's `concurrency`. An
    `async` one runs on the loop that called `render_async`, else on one that the renderer keeps.

    An attribute `options` may list annotations that decide how something is read, such as
    `("manifill.dev/region",)`: `SecretRequest.options` has those that the resource sets.
    """

    def read(
        self, request: SecretRequest, /
    ) -> Mapping[str, Any] | Secret | None | Awaitable[Mapping[str, Any] | Secret | None]:
        """Reads one secret."""
        ...
