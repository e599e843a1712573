"""What the tests share: servers, and scripts in processes of their own."""

import contextlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import manifill

ROOT = Path(__file__).resolve().parents[3]
MANIFESTS = ROOT / "examples" / "manifests"

#: Stands for a secret. No message, `repr`, traceback or log line may have it.
SENTINEL = "s3nt1nel-Vb7q"

#: A bound for what must not hang; never a measure.
LONG = 60


@pytest.fixture(scope="session")
def connect():
    """Settings for a fake Connect server with the data of the examples."""
    yield from serve("--latency", "0")


@pytest.fixture
def slow_connect():
    """Settings for a fake Connect server that takes longer than any test."""
    yield from serve("--latency", "600000")


def serve(*options):
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    subprocess.run(["cargo", "build", "--quiet", "-p", "manifill-cli"], cwd=ROOT, check=True)
    command = [target / "debug" / "manifill", "connect-server", "--port", "0", *options]
    data = ["--data", MANIFESTS / "connect-data.json"]
    with subprocess.Popen([*command, *data], stdout=subprocess.PIPE, text=True) as process:
        try:
            settings = dict(re.findall(r"(OP_CONNECT_\w+)=(\S+)", process.stdout.readline()))
            assert settings.keys() == {"OP_CONNECT_HOST", "OP_CONNECT_TOKEN"}
            yield settings
        finally:
            process.terminate()


@pytest.fixture
def memory():
    """A renderer with a secret in memory."""
    return manifill.Renderer(manifill.vault.Memory({"db": {"user": "svc", "password": SENTINEL}}))


class Meeting:
    """A backend that answers only if so many reads are under way at once."""

    def __init__(self, reads):
        self.barrier = threading.Barrier(reads)

    def read(self, request):
        self.barrier.wait(LONG)
        return {"k": request.path}


@contextlib.contextmanager
def answering(answer):
    """A server that answers with JSON: what `answer` gives for a method and a path."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps(answer(self.command, self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def script(text, *arguments, **environment):
    """Starts Python code in a process of its own."""
    # Whoever runs the tests in the background of a shell has Ctrl-C ignored, and children inherit it.
    text = f"import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n{text}"
    return subprocess.Popen(
        [sys.executable, "-c", text, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
