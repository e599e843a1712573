#!/usr/bin/env python3
"""Measures manifill under Argo CD: what applications of a large repository cost.

Argo CD's own code plays repo-server and, for the classic way, argocd-cmp-server; the first run builds
both, which needs Go. Set AVP_BIN to the binary of argocd-vault-plugin to have it measured beside.
Usage: benches/argocd.py [--apps N] [--disk DIR] [--memory DIR] [ROW]...
"""

import argparse
import contextlib
import datetime
import http.client
import http.server
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
ITEMS = 40


def build():
    subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "manifill-cli"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    script = ROOT / "crates/e2e/servers/argocd-cmp/build.sh"
    argocd = subprocess.run([script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return target / "manifill", Path(argocd)


def write_app(folder, number, items):
    """Ten manifests, two of which have a placeholder."""
    folder.mkdir(parents=True)
    for n in range(10):
        lines = "".join(f"    line {line} of file {n} of application {number}\n" for line in range(20))
        text = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app-{number}-{n}\ndata:\n  text: |\n{lines}"
        if n < 2:
            item = (number * 2 + n) % items
            text += f"  password: <path:vaults/Bench/items/item {item}#password>\n"
        (folder / f"{n}.yaml").write_text(text)


def write_repository(root, apps, items):
    """Applications of ten files, and a thousand files that are none of theirs."""
    for number in range(apps):
        write_app(root / f"apps/app-{number}", number, items)
    lines = "".join(f"  key-{n}: value\n" for n in range(60))
    for n in range(1000):
        file = root / f"others/{n // 50}/{n}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other-{n}\ndata:\n{lines}")


def git(root, *arguments):
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, stdout=subprocess.DEVNULL)


def connect_data():
    items = [
        {"title": f"item {n}", "fields": {"username": f"user-{n}", "password": f"made-up: #{n}"}}
        for n in range(ITEMS)
    ]
    return json.dumps({"vaults": [{"name": "Bench", "items": items}]})


@contextlib.contextmanager
def connect_server(manifill, folder):
    """The fake Connect server: its settings, those behind something that counts, and the counts."""
    data = folder / "connect-data.json"
    data.write_text(connect_data())
    command = [manifill, "connect-server", "--data", data, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    settings = dict(re.findall(r"(\w+)=(\S+)", process.stdout.readline()))
    behind = settings["OP_CONNECT_HOST"].removeprefix("http://")
    counts = []

    class Count(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            counts.append(self.path)
            connection = http.client.HTTPConnection(behind)
            connection.request("GET", self.path, headers=dict(self.headers))
            answer = connection.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.getheader("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Count)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    counted = settings | {"OP_CONNECT_HOST": f"http://127.0.0.1:{server.server_port}"}
    try:
        yield settings, counted, counts
    finally:
        server.shutdown()
        process.terminate()
        process.wait()


def stat(pid):
    """The fields of /proc/PID/stat behind the name."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()


def resident(pid):
    """The resident bytes of a process and of all that it has started."""
    total, parents = 0, {pid}
    processes = sorted(int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    for process in processes:
        with contextlib.suppress(OSError, IndexError):
            fields = stat(process)
            if process in parents or int(fields[1]) in parents:
                parents.add(process)
                total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return total


class Server:
    """A plugin server that runs for as long as a `with` block lasts."""

    def __init__(self, command, env, sockets, name):
        self.command, self.env, self.socket = command, env, sockets / f"{name}.sock"

    def __enter__(self):
        self.socket.unlink(missing_ok=True)
        log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, env=self.env, stdout=log, stderr=log)
        while not self.socket.exists():
            if self.process.poll() is not None:
                log.seek(0)
                sys.exit(f"{self.command}: {log.read().decode()[-2000:]}")
            time.sleep(0.02)
        time.sleep(0.3)
        self.idle = resident(self.process.pid)
        return self

    def __exit__(self, *_):
        # argocd-cmp-server waits for connections that are gone.
        self.process.kill()
        self.process.wait()

    def cpu(self):
        """Seconds of the server and of the programs that it has waited for."""
        return sum(map(int, stat(self.process.pid)[11:15])) / TICK

    @contextlib.contextmanager
    def peak(self):
        """Hands back a list whose only item becomes the most bytes that were resident at once."""
        most, ended = [0], threading.Event()

        def look():
            while not ended.wait(0.01):
                most[0] = max(most[0], resident(self.process.pid))

        looker = threading.Thread(target=look)
        looker.start()
        yield most
        ended.set()
        looker.join()


class Bench:
    def __init__(self, arguments, folder):
        self.manifill, self.argocd = build()
        self.apps, self.arguments, self.folder = arguments.apps, arguments, folder
        self.avp = os.environ.get("AVP_BIN")
        asked = subprocess.run([self.manifill, "argocd-plugin", "--help"], capture_output=True)
        self.has_native = asked.returncode == 0
        self.rows = []
        self.settings = None
        self.programs, self.sockets = folder / "programs", folder / "sockets"
        self.home = folder / "home"
        for path in [self.programs, self.sockets, self.home]:
            path.mkdir()
        os.symlink(self.manifill, self.programs / "manifill")
        if self.avp:
            os.symlink(Path(self.avp).resolve(), self.programs / "argocd-vault-plugin")
        self.root = folder / "repository"
        write_repository(self.root, 200, ITEMS)
        self.checkout = folder / "checkout"
        write_repository(self.checkout, 200, ITEMS)
        git(self.checkout, "init", "--quiet")
        git(self.checkout, "add", "--all")
        git(self.checkout, "commit", "--quiet", "--message", "All of it")
        self.small = folder / "small"
        for number in range(500):
            write_app(self.small / f"app-{number}", number, ITEMS)

    def env(self, **more):
        env = {"PATH": f"{self.programs}:{os.environ['PATH']}", "HOME": self.home, "TMPDIR": self.home}
        return {name: str(value) for name, value in (env | self.settings | more).items()}

    def classic(self, work, command):
        """argocd-cmp-server that runs a command, and unpacks below a folder."""
        config = Path(tempfile.mkdtemp(dir=self.folder))
        plugin = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ConfigManagementPlugin",
            "metadata": {"name": "measured"},
            "spec": {"generate": {"command": command}},
        }
        (config / "plugin.yaml").write_text(json.dumps(plugin))
        work = tempfile.mkdtemp(dir=work)
        env = self.env(ARGOCD_CMP_WORKDIR=work, ARGOCD_PLUGINSOCKFILEPATH=self.sockets)
        command = [self.argocd / "argocd-cmp-server", "--config-dir-path", config]
        return Server(command, env, self.sockets, "measured")

    def native(self, **more):
        command = [self.manifill, "argocd-plugin", "--socket-dir", self.sockets, "--plugin", "measured=plain"]
        return Server(command, self.env(**more), self.sockets, "measured")

    def job(self, root, path, **more):
        source = {"repoURL": "https://git.example/repository.git", "path": path, "targetRevision": "main"}
        application = {
            "metadata": {"name": path.rsplit("/", 1)[-1], "namespace": "argocd"},
            "spec": {
                "project": "default",
                "source": source | {"plugin": {"name": "measured"}},
                "destination": {"namespace": "team"},
            },
        }
        if more.get("manifestGeneratePaths"):
            application["metadata"]["annotations"] = {"argocd.argoproj.io/manifest-generate-paths": "."}
        job = {"application": application, "root": str(root), "exclude": [".git"], "deadline": 600_000}
        return job | more

    def ask(self, jobs, parallel=1):
        """Milliseconds of each job; it ends the program if one is not as it should be."""
        env = {"ARGOCD_PLUGINSOCKFILEPATH": str(self.sockets), "TMPDIR": str(self.home), "PATH": os.environ["PATH"]}
        command = [self.argocd / "client", "-parallel", str(parallel)]
        ran = subprocess.run(command, env=env, input=json.dumps(jobs), capture_output=True, text=True, check=True, timeout=1800)
        answers = json.loads(ran.stdout)
        for answer in answers:
            if answer["code"] != "OK" or len(answer["manifests"]) != 10 or "made-up: #" not in str(answer["manifests"]):
                sys.exit(f"a wrong answer: {str(answer)[:2000]}")
        return [answer["milliseconds"] for answer in answers]

    def per_app(self, what, server, jobs):
        """What an application costs after the first."""
        with server as running:
            self.ask(jobs[:1])
            before = running.cpu()
            milliseconds = self.ask(jobs[1:])
            spent = running.cpu() - before
        count = len(jobs) - 1
        cells = [what, f"{spent / count * 1000:.1f} ms", f"{statistics.median(milliseconds):.0f} ms", str(count)]
        print("| " + " | ".join(cells) + " |", flush=True)

    def large(self, count, **more):
        root = self.checkout if "checkout" in more else self.root
        return [self.job(root, f"apps/app-{n}", **more) for n in range(count)]

    def table(self):
        """The rows of what an application costs: name, what it is, server, jobs."""
        a, few = self.apps, min(self.apps, 21)
        disk, memory = self.arguments.disk, self.arguments.memory
        generate = ["manifill", "generate", "."]
        small = [self.job(self.small, f"app-{n}", manifestGeneratePaths=True) for n in range(a)]
        yield "native", "`manifill argocd-plugin`", self.native, self.large(a)
        yield "checkout", "the same, with a checkout before each application", self.native, self.large(a, checkout=True)
        sent = self.large(a, checkout=True, exclude=[])
        yield "git", "the same, with `.git` sent, too", self.native, sent
        yield "memory", "`argocd-cmp-server` with `manifill generate`, unpacking to memory (tmpfs)", lambda: self.classic(memory, generate), self.large(few)
        yield "disk", "the same, unpacking to a disk", lambda: self.classic(disk, generate), self.large(few)
        if self.avp:
            command = ["argocd-vault-plugin", "generate", "."]
            yield "avp-memory", "`argocd-cmp-server` with argocd-vault-plugin, unpacking to memory", lambda: self.classic(memory, command), self.large(few)
            yield "avp-disk", "the same, unpacking to a disk", lambda: self.classic(disk, command), self.large(few)
        yield "small", "only the application's ten files sent: `manifill argocd-plugin`", self.native, small
        yield "small-classic", "`argocd-cmp-server` with `manifill generate`, memory", lambda: self.classic(memory, generate), small
        if self.avp:
            yield "small-avp", "`argocd-cmp-server` with argocd-vault-plugin, memory", lambda: self.classic(memory, command), small

    def together(self, what, server, jobs):
        """Memory while fifty applications are made at once, beside that of a server that waits."""
        with server as running:
            idle = running.idle
            with running.peak() as most:
                self.ask(jobs, parallel=50)
        cells = [what, f"{idle / 1e6:.0f} MB", f"{most[0] / 1e6:.0f} MB"]
        print("| " + " | ".join(cells) + " |", flush=True)

    def discover(self):
        """Milliseconds of CPU of a search that finds nothing in three thousand files."""
        empty = self.folder / "empty"
        write_repository(empty, 200, ITEMS)
        for number in range(200):
            for n in range(2):
                file = empty / f"apps/app-{number}/{n}.yaml"
                file.write_text(file.read_text().replace("<path:", "path "))
        times = []
        for _ in range(7):
            before = os.times()
            told = subprocess.run([self.manifill, "discover", empty], check=True, capture_output=True).stdout
            after = os.times()
            if told:
                sys.exit("something was found where nothing is")
            times.append(after.elapsed - before.elapsed)
        print(f"\n`manifill discover` in the 3,000 files, none of which has a placeholder: {statistics.median(times) * 1000:.0f} ms.")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--apps", type=int, default=200, help="applications of a row; slow rows have 21 at most")
    arguments.add_argument("--disk", type=Path, default=ROOT / "target", help="a folder on a disk")
    arguments.add_argument("--memory", type=Path, default=Path("/dev/shm"), help="a folder in memory")
    arguments.add_argument("rows", nargs="*", metavar="ROW", help="only these; an unknown name lists them")
    arguments = arguments.parse_args()
    if not 2 <= arguments.apps <= 200:
        sys.exit("--apps takes 2 to 200")

    with tempfile.TemporaryDirectory(dir=arguments.disk) as disk, tempfile.TemporaryDirectory(dir=arguments.memory) as memory, tempfile.TemporaryDirectory() as folder:
        arguments.disk, arguments.memory = disk, memory
        bench = Bench(arguments, Path(folder))
        with connect_server(bench.manifill, Path(folder)) as (settings, counted, requests):
            bench.settings = settings
            table = [row for row in bench.table() if bench.has_native or row[2] != bench.native]
            names = [name for name, *_ in table] + ["together", "requests", "discover"]
            if not bench.has_native:
                names.remove("requests")
            unknown = [name for name in arguments.rows if name not in names]
            if unknown:
                sys.exit(f"there is no row {unknown[0]}; there are {', '.join(names)}")
            wanted = arguments.rows or names

            print("| 200 applications of one repository of 3,000 files | CPU of the server and its programs, per application after the first | time of an application, with repo-server's own work | applications |\n|---|---:|---:|---:|")
            for name, what, server, jobs in table:
                if name in wanted:
                    bench.per_app(what, server(), jobs)
            if "together" in wanted:
                print("\n| 50 applications of that repository at once | memory of the server, idle | memory with its programs, at most |\n|---|---:|---:|")
                if bench.has_native:
                    bench.together("`manifill argocd-plugin`", bench.native(), bench.large(50))
                bench.together("`argocd-cmp-server` with `manifill generate`", bench.classic(memory, ["manifill", "generate", "."]), bench.large(50))
                if bench.avp:
                    bench.together("`argocd-cmp-server` with argocd-vault-plugin", bench.classic(memory, ["argocd-vault-plugin", "generate", "."]), bench.large(50))
            if "requests" in wanted:
                jobs = [bench.job(bench.small, f"app-{n}", manifestGeneratePaths=True) for n in range(500)]
                with bench.native(**counted):
                    start = time.perf_counter()
                    bench.ask(jobs, parallel=4)
                    seconds = time.perf_counter() - start
                print(f"\n500 applications over {ITEMS} items by title, in {seconds:.1f} s: {len(requests)} requests.")
            if "discover" in wanted:
                bench.discover()
    today = datetime.date.today().isoformat()
    print(f"\n{today}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Argo CD 3.2.5. `benches/argocd.py`")


if __name__ == "__main__":
    main()
