"""The programs in examples/python do what they say."""

import os
import signal
import sqlite3
import subprocess
import sys

import pytest
from conftest import LONG, MANIFESTS, ROOT

import manifill

EXAMPLES = ROOT / "examples" / "python"
HOMELAB = MANIFESTS / "homelab"


def run(name, *arguments):
    command = [sys.executable, EXAMPLES / f"{name}.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONG * 3, check=False)


def test_every_example_has_a_test():
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {path.stem for path in EXAMPLES.glob("*.py")} <= tested


def test_render_repo(tmp_path):
    done = run("render_repo", HOMELAB, tmp_path / "out", "--config", HOMELAB / "manifill.yaml")
    assert done.returncode == 0, done.stderr
    renderer = manifill.Renderer.from_config(HOMELAB / "manifill.yaml")
    for path, text in renderer.render_files([HOMELAB]):
        written = tmp_path / "out" / path.relative_to(HOMELAB)
        assert written.read_text() == text
        assert written.stat().st_mode & 0o077 == 0
    assert "rendered bagetter" in done.stdout


def test_render_repo_with_a_mistake(tmp_path):
    for app, key in (("good", "k"), ("bad", "l")):
        (tmp_path / "apps" / app).mkdir(parents=True)
        (tmp_path / "apps" / app / "a.yaml").write_text(f"kind: A\na: <path:db#{key}>\n")
    (tmp_path / "s.yaml").write_text("db: {k: v}\n")
    (tmp_path / "c.yaml").write_text("AVP_TYPE: file\nMANIFILL_FILE: s.yaml\n")
    done = run("render_repo", tmp_path / "apps", tmp_path / "out", "--config", tmp_path / "c.yaml")
    assert done.returncode == 1
    assert "bad/a.yaml:2:4: missing Vault value" in done.stderr
    assert (tmp_path / "out" / "good" / "a.yaml").exists()
    assert not (tmp_path / "out" / "bad").exists()


def test_custom_backend(tmp_path):
    with sqlite3.connect(tmp_path / "s.db") as database:
        database.execute("CREATE TABLE secrets (path TEXT, version INTEGER, key TEXT, value TEXT)")
        rows = [("db", 1, "user", "old"), ("db", 2, "user", "new")]
        database.executemany("INSERT INTO secrets VALUES (?, ?, ?, ?)", rows)
    database.close()
    manifest = tmp_path / "a.yaml"
    manifest.write_text('kind: A\na: <path:db#user>\nb: <path:db#user#1>\nc: <path:no#k | default "d">\n')
    done = run("custom_backend", tmp_path / "s.db", manifest)
    assert done.stdout == 'kind: A\na: "new"\nb: "old"\nc: "d"\n', done.stderr
    done = run("custom_backend", tmp_path / "none.db", manifest)
    assert (done.returncode, done.stdout) == (1, "")
    assert "raised `BackendUnavailableError`" in done.stderr
    assert f"cause: the table in {tmp_path / 'none.db'} cannot be read: " in done.stderr


def test_check_in_ci(tmp_path):
    (tmp_path / "a.yaml").write_text("kind: A\na: <path:vaults/A/items/x#k>\nb: <path:vaults/B/items/x#k>\n")
    (tmp_path / "b.yaml").write_text("kind: A\na: <path:vaults/A/items/x#k | trimm>\n")
    done = run("check_in_ci", tmp_path, "--allow", "vaults/A/**", "--format", "github")
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert first == f"::error file={tmp_path}/a.yaml,line=3,col=4::A may not read `vaults/B/items/x`"
    assert second.startswith(f"::error file={tmp_path}/b.yaml,line=2,col=") and "trimm" in second
    (tmp_path / "b.yaml").unlink()
    done = run("check_in_ci", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "mistakes: 0\n")
    named = ("--config", HOMELAB / "manifill.yaml", "--allow", "vaults/Home/**", "--allow", "c*/**")
    done = run("check_in_ci", HOMELAB, *named)
    assert done.returncode == 1
    assert "Deployment/forgejo may not read `cluster`" in done.stdout
    assert "vaults/Home" not in done.stdout


def test_values_for_helm(tmp_path):
    (tmp_path / "s.yaml").write_text("db: {password: 'it''s'}\n")
    (tmp_path / "c.yaml").write_text("AVP_TYPE: file\nMANIFILL_FILE: s.yaml\n")
    values = tmp_path / "values.yaml"
    values.write_text("# the shop\nreplicas: 1 # enough\nimage: {tag: v1}\ndb: {password: <path:db#password>}")
    arguments = [values, "--config", tmp_path / "c.yaml", "--set", "replicas=3", "--set", "image.tag=v2"]
    done = run("values_for_helm", *arguments)
    assert done.stdout == (
        "# the shop\nreplicas: 3 # enough\nimage: {tag: \"v2\"}\ndb: {password: \"it's\"}\n"
    ), done.stderr
    assert run("values_for_helm", *arguments, "--set", "none=1").returncode == 1
    # As Helm reads them: strvals of Helm 3 and 4.
    values.write_text("a: b\n")
    for text, written in [
        ("1.30", '"1.30"'), ("1.0", '"1.0"'), ("1e3", '"1e3"'), ("007", '"007"'), ("0", "0"),
        ("-5", "-5"), ("9223372036854775808", '"9223372036854775808"'), ("yes", '"yes"'),
        ("true", "true"), ("null", "null"), ("2026-01-01", '"2026-01-01"'), ("[1]", '"[1]"'),
        ("", '""'), ("0x10", '"0x10"'), ("a=b", '"a=b"'),
    ]:  # fmt: skip
        done = run("values_for_helm", values, "--config", tmp_path / "c.yaml", "--set", f"a={text}")
        assert done.stdout == f"a: {written}\n", done.stderr
    values.write_text("a: 1\nb: <path:db#no>\n")
    done = run("values_for_helm", values, "--config", tmp_path / "c.yaml")
    assert done.returncode == 1 and "values.yaml:2:4: missing Vault value" in done.stderr


@pytest.mark.filterwarnings("ignore")
def test_dask_fleet(tmp_path, monkeypatch):
    from distributed import Client, LocalCluster

    # The workers get the path of this process.
    monkeypatch.syspath_prepend(EXAMPLES)
    from dask_fleet import fleet as render_fleet

    (tmp_path / "s.yaml").write_text("db: {user: svc}\n")
    (tmp_path / "c.yaml").write_text("AVP_TYPE: file\nMANIFILL_FILE: s.yaml\n")
    good = {f"{n}.yaml": f"kind: A\na: {n} <path:db#user>\n" for n in range(2000)}
    bad = {f"bad-{n}.yaml": "kind: A\na: <path:db#usr>\n" for n in range(5)}
    manifests = list((good | bad).items())
    work = (manifests[start : start + 25] for start in range(0, len(manifests), 25))
    texts, diagnostics = {}, []
    with (
        LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        fleet = render_fleet(client, tmp_path / "c.yaml", work)
        workers = client.run(os.getpid)
        for number, done in enumerate(fleet):
            texts.update(done.texts)
            diagnostics += done.diagnostics
            if number == 3:
                # A worker is lost on the way, with what it was doing and what it had done.
                os.kill(next(iter(workers.values())), signal.SIGKILL)
        assert client.run(os.getpid).values() != workers.values()
    assert texts == {f"{n}.yaml": f'kind: A\na: "{n} svc"\n' for n in range(2000)}
    places = {place.file for one in diagnostics for place in (one, *one.further_places)}
    assert sorted(places) == sorted(bad)
    assert {one.kind for one in diagnostics} == {"not-found"}


def test_dask_fleet_says_what_it_needs(tmp_path):
    (tmp_path / "distributed.py").write_text("raise ModuleNotFoundError\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    for arguments, told in [(["--help"], "It needs Dask"), (["a", "b", "--config", "c"], "error: this example needs Dask")]:
        command = [sys.executable, EXAMPLES / "dask_fleet.py", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert told in done.stdout + done.stderr and "Traceback" not in done.stderr


@pytest.mark.filterwarnings("ignore")
def test_dask_fleet_as_a_program(tmp_path):
    done = run("dask_fleet", HOMELAB, tmp_path / "out", "--config", HOMELAB / "manifill.yaml", "--batch", "3")
    # The settings' own files are in the folder as well and are no manifests.
    assert "rendered" in done.stdout, done.stderr
    written = tmp_path / "out" / "bagetter" / "secret.yaml"
    assert 'apiKey: "fake-nuget-api-key-0001"' in written.read_text()
