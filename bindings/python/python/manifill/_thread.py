"""Calls that wait, for programs that do not."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from manifill import _native

_T = TypeVar("_T")


async def in_thread(
    call: Callable[[_native.Stop, asyncio.AbstractEventLoop], _T],
) -> _T:
    """Runs a call in a thread and ends it if this task is cancelled."""
    loop = asyncio.get_running_loop()
    stop = _native.Stop()
    # Not the loop's own threads: a backend may wait for one of them, and they are few.
    thread = ThreadPoolExecutor(1, thread_name_prefix="manifill")
    try:
        return await loop.run_in_executor(
            thread, contextvars.copy_context().run, call, stop, loop
        )
    finally:
        stop.stop()
        thread.shutdown(wait=False)
