"""Calls the `read` of a Python backend: in threads, or on an event loop."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import os
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from manifill import _plain
from manifill._native import Reply
from manifill._request import SecretRequest


class Reading:
    """A Python backend and the event loop that is kept for it."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        options = getattr(backend, "options", ())
        #: An attribute of another type is something of the backend's own.
        self.options = options if isinstance(options, (tuple, list)) else ()
        self._loop = _PrivateLoop()

    def start(
        self,
        requests: list[SecretRequest],
        concurrency: int,
        loop: asyncio.AbstractEventLoop | None,
        context: contextvars.Context,
        reply: Reply,
    ) -> Callable[[], object]:
        """Starts all reads and returns what stops those that are left."""
        if inspect.iscoroutinefunction(self._backend.read):
            work = self._read_all(requests, concurrency, reply)
            loop = loop or self._loop.running()
            # This thread has no context variables of the caller's.
            return context.copy().run(asyncio.run_coroutine_threadsafe, work, loop).cancel
        left = list(enumerate(requests))[::-1]
        awaited = _Awaited()

        def work_off() -> None:
            while True:
                try:
                    index, request = left.pop()
                except IndexError:
                    return
                self._read(index, request, loop, awaited, reply)

        def stop() -> None:
            left.clear()
            awaited.cancel()

        # Daemons: a read that hangs must not keep the program from ending.
        for _ in range(min(concurrency, len(requests))):
            run = context.copy().run
            threading.Thread(target=run, args=(work_off,), daemon=True, name="manifill").start()
        return stop

    def _read(
        self,
        index: int,
        request: SecretRequest,
        loop: asyncio.AbstractEventLoop | None,
        awaited: _Awaited,
        reply: Reply,
    ) -> None:
        try:
            answer = self._backend.read(request)
            if inspect.isawaitable(answer):
                # A plain function that returns a coroutine, as a decorator or a mock makes it.
                future = asyncio.run_coroutine_threadsafe(
                    _awaited(answer), loop or self._loop.running()
                )
                awaited.add(future)
                answer = future.result()
            _tell(reply, index, answer)
        except BaseException as error:
            _tell_failure(reply, index, error)

    async def _read_all(
        self, requests: list[SecretRequest], concurrency: int, reply: Reply
    ) -> None:
        gate = asyncio.Semaphore(concurrency)

        async def read(index: int, request: SecretRequest) -> None:
            async with gate:
                try:
                    _tell(reply, index, await self._backend.read(request))
                except BaseException as error:
                    _tell_failure(reply, index, error)

        await asyncio.gather(*(read(*one) for one in enumerate(requests)))


def _tell(reply: Reply, index: int, answer: Any) -> None:
    # Nobody waits any more once the call is over, and the interpreter may be ending.
    if not reply.is_over():
        plain = _plain.answer(answer)
        reply.answer(index, plain)


def _tell_failure(reply: Reply, index: int, error: BaseException) -> None:
    if not reply.is_over():
        kind, name, is_lookup = _plain.failure(error)
        reply.failure(index, error, kind, name, is_lookup)


class _Awaited:
    """What the threads of a call wait for, until the call ends."""

    def __init__(self) -> None:
        self._futures: list[Future[Any]] = []
        self._cancelled = False

    def add(self, future: Future[Any]) -> None:
        self._futures.append(future)
        # In this order nothing is missed: what `cancel` does not find in the list finds this.
        if self._cancelled:
            future.cancel()

    def cancel(self) -> None:
        self._cancelled = True
        for one in self._futures:
            one.cancel()


async def _awaited(answer: Any) -> Any:
    return await answer


class _PrivateLoop:
    """An event loop in a thread of its own, made when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._running: asyncio.AbstractEventLoop | None = None

    def running(self) -> asyncio.AbstractEventLoop:
        if self._process != os.getpid():
            # The thread of the loop stayed in the parent process, and the lock may be held there.
            self.__init__()  # type: ignore[misc]
        with self._lock:
            if self._running is None:
                loop = asyncio.new_event_loop()
                threading.Thread(
                    target=_run_loop, args=(loop,), daemon=True, name="manifill-loop"
                ).start()
                weakref.finalize(self, loop.call_soon_threadsafe, loop.stop)
                self._running = loop
            return self._running


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
