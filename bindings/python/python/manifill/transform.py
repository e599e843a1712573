"""Runs modifiers on values.

>>> from manifill import transform
>>> transform.run('{"port": 5432}', "jsonPath {.port} | base64encode").expose()
'NTQzMg=='
"""

from __future__ import annotations

from typing import Any

from manifill import _native
from manifill._arguments import checked, native
from manifill._native import SecretValue, text_of, typed_json
from manifill.errors import TransformError

__all__ = ["TransformError", "check", "run", "text_of", "typed_json"]

check = native(_native.check, modifiers=str)


@checked
def run(
    value: Any, modifiers: str, *, backend: str = "", path: str = "", key: str = ""
) -> SecretValue:
    """Runs modifiers, spelled as in a placeholder, from left to right.

    `backend`, `path` and `key` say where the value was read: `bcrypt` derives its salt from them.
    `default` does nothing here.
    """
    return _native.run(value, modifiers, backend, path, key)
