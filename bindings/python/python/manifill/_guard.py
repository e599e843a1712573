"""The last step of a pipe."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from manifill import _native
from manifill._arguments import checked

_logger = logging.getLogger("manifill")


@checked
def guard(source: str | bytes, *, allow: str | Iterable[str] = (), name: str = "-") -> str:
    """Passes rendered manifests on as they are, or raises `RenderError` with all that is left of
    placeholders in them: in clear, escaped, in base64 at any depth. A source that holds nothing is
    an error, too.

    `allow` names fields whose value may read like a placeholder, as `KIND/NAME:FIELD`; what did not
    need it goes to the logger. Nothing of a text is shown, since it may be a secret by now.

    >>> guard("kind: A # filled\\n")
    'kind: A # filled\\n'
    >>> left = "kind: Secret\\nmetadata: {name: db}\\nstringData: {user: <path:db#user>}\\n"
    >>> guard(left)
    Traceback (most recent call last):
        ...
    manifill.errors.RenderError: -:3:20: a placeholder is not filled
      Secret/db  stringData.user
      hint: fill it in a step before; if it belongs there: --allow 'Secret/db:stringData.user'
    >>> guard(left, allow=["Secret/db:stringData.user"]) == left
    True
    """
    fields = [allow] if isinstance(allow, str) else list(allow)
    text, notes = _native.guard((name, source), fields)
    for note in notes:
        _logger.info("%s", note)
    return text
