"""`python -m manifill`."""

import subprocess
import sys

import pytest
from conftest import MANIFESTS

import manifill


def run(*arguments, **options):
    command = [sys.executable, "-m", "manifill", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


def test_it_renders_as_the_renderer_does():
    homelab = MANIFESTS / "homelab"
    done = run("generate", homelab, "-c", homelab / "manifill.yaml")
    assert done.returncode == 0, done.stderr
    texts = manifill.Renderer.from_config(homelab / "manifill.yaml").render_files([homelab])
    assert done.stdout == manifill.manifest.join([text for _, text in texts])


def test_standard_input_and_exit_statuses():
    assert run("version").stdout.startswith(f"manifill {manifill.__version__}\n")
    assert run("generate", "-", input="kind: A\n").stdout == "kind: A\n"
    failed = run("generate", "-", input="kind: A\na: <path:b>\n")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "error: " in failed.stderr
    assert run("generat").returncode == 2
    assert run("--help").returncode == 0


@pytest.mark.parametrize("entry", ["manifill"])
def test_the_package_installs_a_program(entry):
    from importlib.metadata import entry_points

    [program] = entry_points(group="console_scripts", name=entry)
    assert program.load().__module__ == "manifill.__main__"


def test_the_plugin_for_helm_runs_the_interpreter(tmp_path):
    done = run("install", "helm-plugin", "--to", tmp_path)
    assert done.returncode == 0, done.stderr
    [plugin] = manifill.manifest.read((tmp_path / "manifill" / "plugin.yaml").read_text())
    [command] = plugin["runtimeConfig"]["platformCommand"]
    # A link in an environment of its own is what finds the package.
    assert command["command"] == sys.executable
    assert command["args"] == ["-m", "manifill", "post-render"]
    copied = run("install", "helm-plugin", "--to", tmp_path, "--copy")
    hint = "hint: leave --copy out: the plugin runs the interpreter"
    assert copied.returncode == 2 and hint in copied.stderr
