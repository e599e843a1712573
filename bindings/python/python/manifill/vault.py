"""Where secrets come from: the backends there are, and how a program brings its own.

>>> from manifill import vault
>>> [(info.name, info.example) for info in vault.backends() if info.name == "file"]
[('file', 'db#password')]

A backend in Python is any object with a method `read(request)`, plain or `async`. It returns the
values as a mapping, or None if there is no such secret, and raises to say that it could not read.

>>> class Store:
...     def read(self, request):
...         return {"user": f"svc_{request.path}"}
>>> import manifill
>>> manifill.Renderer(Store()).render("kind: A\\nuser: <path:orders#user>\\n")
'kind: A\\nuser: "svc_orders"\\n'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from manifill._arguments import checked
from manifill._native import Secret, SecretValue, backends
from manifill._request import SecretRequest, VaultBackend
from manifill.errors import VaultError
from manifill._once import read

__all__ = [
    "BackendInfo",
    "Class",
    "Kind",
    "Memory",
    "Secret",
    "SecretRequest",
    "SecretValue",
    "Setting",
    "VaultBackend",
    "VaultError",
    "backends",
    "read",
]

#: Who may set a setting: the app's author (`free`), the author if the whole login is the author's
#: (`bundle`), only the operator, or only the operator whatever the switches (`locked`).
Class = Literal["free", "bundle", "operator", "locked"]

#: What the value of a setting is.
Kind = Literal[
    "text",
    "url",
    "login-method",
    "switch",
    "file",
    "secret-file",
    "data-file",
    "folder",
    "file-root",
    "program",
]


@dataclass(frozen=True)
class Setting:
    """A setting that a backend declares.

    `required` says that the backend never works without it, `required_with` names the values of
    `AVP_AUTH_TYPE` with which it does not; both only unless one of `alternatives` is set, which
    takes its place. `goes_with_login` says that it belongs to the login without being one of its
    secrets, so that it is left out beside a login of an app's author.
    """

    name: str
    kind: Kind
    settable: Class
    required: bool
    required_with: tuple[str, ...]
    alternatives: tuple[str, ...]
    goes_with_login: bool
    about: str


@dataclass(frozen=True)
class BackendInfo:
    """A backend that settings can name; `available` says whether this build has it."""

    name: str
    feature: str
    about: str
    example: str
    settings: tuple[Setting, ...]
    available: bool


class Memory:
    """Secrets in memory, for tests; `path#version` is what a placeholder with a version reads.

    >>> memory = Memory({"db": {"user": "svc"}, "db#7": {"user": "svc_v7"}})
    >>> memory
    Memory(['db', 'db#7'])
    """

    @checked
    def __init__(self, secrets: Mapping[str, Mapping[str, Any]]) -> None:
        self._secrets = {path: dict(values) for path, values in secrets.items()}

    def read(self, request: SecretRequest) -> Mapping[str, Any] | None:
        """The values at the path of the request."""
        version = "" if request.version is None else f"#{request.version}"
        return self._secrets.get(request.path + version)

    def __repr__(self) -> str:
        return f"Memory({sorted(self._secrets)})"
