"""Threads, signals, forks, memory."""

import os
import signal
import sys
import threading
import time

import pytest
from conftest import LONG, Meeting, script

import manifill

SOURCE = "kind: A\na: <path:vaults/Home/items/BaGetter#password>\n"
FILLED = 'kind: A\na: "fake-nuget-api-key-0001"\n'


def test_threads_on_one_renderer_run_in_parallel():
    renderer = manifill.Renderer(Meeting(4))
    done = []

    def work(number):
        done.append(renderer.render(f"kind: A\na: <path:p{number}#k>\n"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert sorted(done) == [f'kind: A\na: "p{number}"\n' for number in range(4)]


DOCUMENTS = "---\nkind: A\na: <path:db#k>\n" * 20_000

#: What may take long, by the texts it works on.
WORK_IN_RUST = {
    "render": lambda renderer: renderer.render(DOCUMENTS),
    "plan": lambda renderer: renderer.plan(DOCUMENTS),
    "parse": lambda renderer: manifill.manifest.parse(DOCUMENTS),
    "read": lambda renderer: manifill.manifest.read(DOCUMENTS),
    "read one": lambda renderer: manifill.manifest.read_one("[" + "1, " * 200_000 + "1]"),
    "scan": lambda renderer: manifill.scan(DOCUMENTS),
}


@pytest.mark.parametrize("name", WORK_IN_RUST)
def test_other_threads_run_while_rust_works(name, tmp_path):
    # From now on a thread gives way only where it releases the GIL itself.
    (tmp_path / "s.yaml").write_text("db: {k: v}\n")
    renderer = manifill.Renderer("file", {"MANIFILL_FILE": str(tmp_path / "s.yaml")})
    before = sys.getswitchinterval()
    sys.setswitchinterval(3600)
    running, done, turns = threading.Event(), threading.Event(), []

    def work():
        running.set()
        while not done.wait(0.001):
            turns.append(1)

    thread = threading.Thread(target=work)
    try:
        thread.start()
        running.wait(LONG)
        turns.clear()
        WORK_IN_RUST[name](renderer)
        seen = len(turns)
    finally:
        done.set()
        sys.setswitchinterval(before)
    thread.join(LONG)
    assert seen > 0


def test_threads_on_one_connect_server(connect):
    renderer = manifill.Renderer("1passwordconnect", connect)
    wrong = []

    def work():
        for _ in range(20):
            if renderer.render(SOURCE) != FILLED:
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert not wrong


INTERRUPTED = """
import sys, threading
import manifill
class Hanging:
    def read(self, request):
        print("ready", flush=True)
        threading.Event().wait()
class AsyncHanging:
    async def read(self, request):
        print("ready", flush=True)
        import asyncio
        await asyncio.sleep(1000000)
kind = sys.argv[1]
backend = {"plain": Hanging, "async": AsyncHanging}[kind]()
try:
    manifill.Renderer(backend, timeout=1000000).render("kind: A\\na: <path:one#k>\\n")
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def interrupt(process):
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    # So that the signal finds it waiting; sooner or later it passes all the same.
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=LONG)
    assert (out, process.returncode) == ("interrupted\n", 0), error


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_ctrl_c_ends_a_read_of_a_python_backend(kind):
    interrupt(script(INTERRUPTED, kind))


def test_ctrl_c_ends_a_request(slow_connect):
    text = """
import os, threading, manifill
renderer = manifill.Renderer("1passwordconnect", {name: os.environ[name] for name in ("OP_CONNECT_HOST", "OP_CONNECT_TOKEN")}, timeout=1000000)
try:
    print("ready", flush=True)
    renderer.render("kind: A\\na: <path:vaults/Home/items/BaGetter#password>\\n")
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    interrupt(script(text, **slow_connect))


def test_ctrl_c_in_an_async_program(slow_connect):
    text = """
import asyncio, os, manifill
renderer = manifill.Renderer("1passwordconnect", {name: os.environ[name] for name in ("OP_CONNECT_HOST", "OP_CONNECT_TOKEN")}, timeout=1000000)
async def main():
    asyncio.get_running_loop().call_soon(lambda: print("ready", flush=True))
    await renderer.render_async("kind: A\\na: <path:vaults/Home/items/BaGetter#password>\\n")
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    interrupt(script(text, **slow_connect))


#: Work in Rust that takes far longer than a test may.
LONG_WORK = {
    "render": 'renderer.render(document * 10_000_000)',
    "documents": 'renderer.render_documents("kind: A\\n" + "a: [1, 2, 3]\\n---\\nkind: A\\n" * 10_000_000)',
    "bcrypt": 'renderer.render("kind: A\\n" + "".join(f"u{n}: <path:db#k | bcrypt u{n}>\\n" for n in range(10_000)))',
    "plan": 'manifill.plan(document * 10_000_000)',
    "parse": 'manifill.manifest.parse(document * 10_000_000)',
}


@pytest.mark.parametrize("work", LONG_WORK.values(), ids=LONG_WORK)
def test_ctrl_c_ends_work_in_rust(work):
    text = f"""
import manifill
renderer = manifill.Renderer(manifill.vault.Memory({{"db": {{"k": "v"}}}}))
document = "---\\nkind: A\\na: <path:db#k>\\n"
try:
    print("ready", flush=True)
    {work}
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    interrupt(script(text))


FORK = """
import os, threading, asyncio, manifill
settings = {name: os.environ[name] for name in ("OP_CONNECT_HOST", "OP_CONNECT_TOKEN")}
source = "kind: A\\na: <path:vaults/Home/items/BaGetter#password>\\nb: <path:py!x#k>\\n"
class Async:
    async def read(self, request):
        await asyncio.sleep(0)
        return {"k": os.getpid()}
renderer = manifill.Renderer("1passwordconnect", settings, backends={"py": Async()})
def check():
    [document] = renderer.render_documents(source)
    assert document == {"kind": "A", "a": "fake-nuget-api-key-0001", "b": os.getpid()}, document
check()
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        check()
        check()
        del renderer
        os._exit(0)
    children.append(child)
    check()
for child in children:
    _, status = os.waitpid(child, 0)
    assert status == 0, status
check()
print("good")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_fork_has_its_own_runtimes(connect):
    process = script(FORK, **connect)
    out, error = process.communicate(timeout=LONG)
    assert (out, process.returncode) == ("good\n", 0), error


LEAK = """
import asyncio, gc, manifill
class Async:
    async def read(self, request):
        return {"k": "x" * 2000}
renderer = manifill.Renderer(manifill.vault.Memory({"db": {"k": "y" * 2000}}), backends={"a": Async()})
good = "kind: A\\n# comment\\na: <path:db#k>\\n"
bad = good + "c: <path:db#l>\\n"
def resident():
    gc.collect()
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096
def work(times):
    for number in range(times):
        renderer.render(good)
        if number % 10 == 0:
            try:
                renderer.render(bad)
            except manifill.RenderError:
                pass
            renderer.render(good + "b: <path:a!db#k>\\n")
            renderer.plan(good)
            manifill.scan(good)
            manifill.manifest.parse(good)
            renderer.read("db")
work(1000)
before = resident()
work(10000)
print(resident() - before)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads /proc")
def test_ten_thousand_renders_leave_no_memory_behind():
    process = script(LEAK)
    out, error = process.communicate(timeout=LONG * 5)
    assert process.returncode == 0, error
    # A kilobyte for each render would be ten times as much.
    assert int(out) < 1_000_000

#: What a backend may return, each computed for as long as somebody asks: the run is over before.
LAZY = {
    "list": "class Lazy(list):\n    def __iter__(self):\n        return wait()\nanswer = {'k': Lazy([1])}",
    "tuple": "class Lazy(tuple):\n    def __iter__(self):\n        return wait()\nanswer = {'k': Lazy([1])}",
    "dict": "class Lazy(dict):\n    def items(self):\n        return wait()\nanswer = Lazy(k=1)",
    "nested dict": "class Lazy(dict):\n    def items(self):\n        return wait()\nanswer = {'k': Lazy(a=1)}",
    "mapping": (
        "class Lazy(Mapping):\n    def __len__(self):\n        return 1\n"
        "    def __iter__(self):\n        return wait()\n    def __getitem__(self, key):\n"
        "        return 1\nanswer = Lazy()"
    ),
    "float": "class Lazy(float):\n    def __str__(self):\n        return next(wait())\nanswer = {'k': Lazy(1)}",
    "decimal": (
        "class Lazy(Decimal):\n    def __str__(self):\n        return next(wait())\n"
        "answer = {'k': Lazy(1)}"
    ),
    "text": (
        "class Lazy(str):\n    def __str__(self):\n        return next(wait())\n"
        "answer = {'k': Lazy('1')}"
    ),
    "generator": "answer = {'k': wait()}",
}

ENDING = """
import sys, time
from collections.abc import Mapping
from decimal import Decimal
import manifill

def wait():
    while True:
        time.sleep(0.0005)
    yield

{answer}

class Backend:
    {read} read(self, request):
        return answer

try:
    manifill.Renderer(Backend(), timeout=0.2).render("kind: A\\na: <path:p#k>\\n")
except manifill.RenderError:
    pass
sys.exit(0)
"""


@pytest.mark.parametrize("read", ["def", "async def"])
@pytest.mark.parametrize("kind", LAZY)
def test_a_program_ends_while_an_answer_is_still_computed(kind, read):
    process = script(ENDING.replace("{answer}", LAZY[kind]).replace("{read}", read))
    _, told = process.communicate(timeout=LONG)
    assert (process.returncode, told) == (0, "")
