"""What is told of a run beside its result."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import replace

from manifill.errors import RenderError
from manifill.report import Checked, Diagnostic

_logger = logging.getLogger("manifill")


def noted(seen: tuple[Checked, list[str]]) -> Checked:
    checked, notes = seen
    for note in notes:
        _logger.info("%s", note)
    return checked


def tell(
    warnings: list[Diagnostic], notes: list[str], documents: int, fail_on_empty: bool
) -> None:
    for warning in warnings:
        _logger.warning("%s", warning)
    for note in notes:
        _logger.info("%s", note)
    if documents == 0:
        message = "there is no manifest in the input"
        if fail_on_empty:
            raise RenderError([Diagnostic("error", "manifest", message)])
        _logger.warning("%s", message)


def about_file_names(error: RenderError, sources: Mapping[str, str | bytes]) -> RenderError:
    """The same error; where a source is the name of a file, with a hint that says so."""
    names = {name for name, source in sources.items() if _is_file_name(source)}
    if not names:
        return error
    hint = "this looks like the name of a file; render_files() and plan_files() read files"
    found = (
        replace(one, hint=hint) if one.file in names and one.kind == "manifest" else one
        for one in error.diagnostics
    )
    return RenderError(found, error.errors_left_off, error.secrets_unread, error.notes)


def _is_file_name(source: str | bytes) -> bool:
    text = source if isinstance(source, str) else source.decode(errors="replace")
    return not any(part in text for part in ("\n", ": ", "{")) and text.endswith((".yaml", ".yml", ".json"))


def refuse_under_argo_cd() -> None:
    if "ARGOCD_APP_NAME" in os.environ:
        message = "mock values are not for a cluster, and Argo CD applies what it is given"
        hint = "render it without mock values"
        raise RenderError([Diagnostic("error", "configuration", message, hint=hint)])
