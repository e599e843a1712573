"""asyncio: `render_async`, loops, cancelling, notebooks."""

import asyncio
import threading

import pytest
from conftest import LONG

import manifill

SOURCE = "kind: A\na: <path:one#k>\nb: <path:two#k>\n"
FILLED = 'kind: A\na: "one"\nb: "two"\n'


class OnLoop:
    """Has a session that is only good on one loop, as those of HTTP clients are."""

    def __init__(self):
        self.loops = []

    async def read(self, request):
        self.loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0)
        return {"k": request.path}


class Plain:
    def read(self, request):
        return {"k": request.path}


@pytest.mark.parametrize("backend", [OnLoop(), Plain()])
def test_every_call_has_an_async_twin(backend, tmp_path):
    renderer = manifill.Renderer(backend)
    (tmp_path / "a.yaml").write_text(SOURCE)

    async def main():
        assert await renderer.render_async(SOURCE) == FILLED
        assert await renderer.render_files_async([tmp_path]) == [(tmp_path / "a.yaml", FILLED)]
        assert await renderer.render_many_async({"a": SOURCE}) == {"a": FILLED}
        assert await renderer.render_documents_async(SOURCE) == [
            {"kind": "A", "a": "one", "b": "two"}
        ]
        assert (await renderer.read_async("x", keys=["k"])).expose("k") == "x"
        assert await renderer.keys_async("x") == ["k"]

    asyncio.run(main())


def test_an_async_backend_runs_on_the_loop_that_called():
    backend = OnLoop()
    renderer = manifill.Renderer(backend)

    async def main():
        await asyncio.gather(*(renderer.render_async(SOURCE) for _ in range(5)))
        assert {id(loop) for loop in backend.loops} == {id(asyncio.get_running_loop())}

    for _ in range(2):
        backend.loops.clear()
        asyncio.run(main())


def test_a_plain_call_inside_a_running_loop():
    """As in a notebook, whose cells run on a loop."""
    backend = OnLoop()
    renderer = manifill.Renderer(backend)

    async def cell():
        assert renderer.render(SOURCE) == FILLED
        assert asyncio.get_running_loop() not in backend.loops

    asyncio.run(cell())


def test_the_loop_goes_on_while_a_render_waits():
    arrived, let_go = threading.Event(), threading.Event()

    class Waiting:
        def read(self, request):
            arrived.set()
            assert let_go.wait(LONG)
            return {"k": request.path}

    async def main():
        rendering = asyncio.create_task(manifill.Renderer(Waiting()).render_async(SOURCE))
        while not arrived.is_set():
            await asyncio.sleep(0.001)
        # Only a loop that runs gets here.
        let_go.set()
        assert await rendering == FILLED

    asyncio.run(main())


def test_a_cancelled_task_ends_its_render():
    arrived, cancelled = threading.Event(), threading.Event()

    class Hanging:
        async def read(self, request):
            arrived.set()
            try:
                await asyncio.sleep(LONG * 10)
            except asyncio.CancelledError:
                cancelled.set()
                raise

    async def main():
        renderer = manifill.Renderer(Hanging(), timeout=LONG * 10)
        task = asyncio.create_task(renderer.render_async(SOURCE))
        while not arrived.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while not cancelled.is_set():
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(main(), LONG))


def test_a_backend_may_use_the_threads_of_the_loop():
    class Wrapping:
        async def read(self, request):
            return await asyncio.to_thread(lambda: {"k": request.path})

    async def main():
        renderer = manifill.Renderer(Wrapping())
        texts = await asyncio.gather(*(renderer.render_async(SOURCE) for _ in range(50)))
        assert texts == [FILLED] * 50

    asyncio.run(asyncio.wait_for(main(), LONG))


def test_errors_come_through():
    async def main():
        with pytest.raises(manifill.RenderError, match="could not find secrets"):
            await manifill.Renderer(manifill.vault.Memory({})).render_async(SOURCE)

    asyncio.run(main())
