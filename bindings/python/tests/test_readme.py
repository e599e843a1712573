"""What README.md prints is pasted into fresh folders and does what it says."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import LONG, MANIFESTS, ROOT

import manifill

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM = TARGET / "debug" / "manifill"


@dataclass(frozen=True)
class Block:
    """A fenced block, and the heading above it."""

    heading: str
    language: str
    text: str


def blocks(path):
    heading, language, lines = "", None, []
    for line in path.read_text().splitlines(keepends=True):
        if line.startswith("```"):
            if language is None:
                language, lines = line[3:].strip(), []
            else:
                yield Block(heading, language, "".join(lines))
                language = None
        elif language is not None:
            lines.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("#").strip()


README = list(blocks(ROOT / "README.md"))

#: Every block of the README, by what is above it. A new one needs a test here.
KNOWN = [
    ("manifill", "yaml"),
    ("manifill", "yaml"),
    ("Two commands", "console"),
    ("Two commands", "console"),
    ("Install", "console"),
    ("Install", "console"),
    ("Install", "console"),
    # Of a release that is not there yet, so it is not run.
    ("Install", "sh"),
    ("On the command line", "console"),
    ("Checks in pull requests", "console"),
    ("Checks in pull requests", "yaml"),
    ("Mock values", "console"),
    ("The last step of a pipe", "console"),
    ("With Helm", "console"),
    ("With kustomize and kpt", "yaml"),
    ("With kustomize and kpt", "console"),
    ("Any other text", "sh"),
    ("Any other text", "console"),
    ("Any other text", "sh"),
    ("Any other text", "python"),
    ("In a Rust program", "console"),
    ("In a Rust program", "rust"),
    ("In a Rust program", "console"),
    ("In Argo CD", "console"),
    ("In Python", "python"),
    ("Pods that follow their secrets", "yaml"),
    ("Derived secrets", "yaml"),
    ("Settings", "yaml"),
    ("Errors", "text"),
]


def text(heading, language, index=0):
    found = [one.text for one in README if (one.heading, one.language) == (heading, language)]
    return found[index]


def test_every_block_is_known():
    assert [(one.heading, one.language) for one in README] == KNOWN


@pytest.fixture
def folder(tmp_path, connect):
    """A folder with the manifest of the README and a settings file for a Connect server."""
    for app in ("bagetter", "web"):
        (tmp_path / "apps" / app).mkdir(parents=True)
        (tmp_path / "apps" / app / "secret.yaml").write_text(text("manifill", "yaml"))
    (tmp_path / "manifill.yaml").write_text(
        "default: homelab\nbackends:\n  homelab:\n    type: 1passwordconnect\n    settings:\n"
        + "".join(f"      {name}: {value}\n" for name, value in connect.items())
    )
    return tmp_path


#: Programs that are too slow for a test, or that need something else: they check what they are
#: asked for, and leave the rest out.
STAND_INS = {
    # What it would build is there already.
    "cargo": """
        case "$1" in
          run) while [ "$1" != -- ]; do shift; done; shift; exec "$PROGRAM" "$@" ;;
          build) [[ " $* " == *" --package manifill-cli "* ]]
            profile=$(sed -n 's/.*--profile \\([a-z]*\\).*/\\1/p' <<<"$*")
            grep -q "^\\[profile.$profile\\]" Cargo.toml
            mkdir -p "target/$profile"; cp "$PROGRAM" "target/$profile/manifill" ;;
          install) [ "$2" = --path ]; grep -q '^name = "manifill"' "$3/Cargo.toml"; grep -qF '[[bin]]' "$3/Cargo.toml" ;;
          *) exit 9 ;;
        esac""",
    # The real ones are for `make e2e`.
    "helm": """
        case "$1" in
          version) echo v4.3.1 ;;
          env) echo "$HOME/plugins" ;;
          template) for one in "$3"/templates/*; do echo ---; sed "s/{{ .Release.Name }}/$2/" "$one"; done ;;
          install)
            case "$*" in
              *" --post-renderer manifill --post-renderer-args post-render") run=manifill ;;
              *" --post-renderer manifill") run=$(sed -n 's/.*command: "\\(.*\\)"/\\1/p' "$HOME/plugins/manifill/plugin.yaml") ;;
            esac
            "$0" template "$2" "$3" | "$run" post-render | manifill guard ;;
          *) exit 9 ;;
        esac""",
    "kustomize": """
        [ "$1 $2 $3" = "build --enable-alpha-plugins --enable-exec" ]
        list() {
          printf '%s\\n' 'apiVersion: config.kubernetes.io/v1' 'kind: ResourceList' items:
          sed '1s/^/- /; 1!s/^/  /' "$1"; echo functionConfig:; sed 's/^/  /' "$2"
        }
        cd "$4"; list web.yaml generate.yaml | manifill krm; list secrets/tokens.yaml fill.yaml | manifill krm""",
    "make": '/usr/bin/make --dry-run "$@"',
    "pip": '[ "$1" = install ]; grep -q "^name = .manifill.$" "$2/pyproject.toml"',
    "sudo": 'exec "${@/#\\/usr\\/local/$PREFIX}"',
    "docker": '[ "$1 $2 $4 $6" = "build -f -t ." ]; grep -q "^FROM" "$3"',
    # What is applied is there, and what a cluster is asked for is an installation of
    # argocd-vault-plugin.
    "kubectl": """
        case "$*" in
          "apply -f -") grep "^kind: " ;;
          "apply --dry-run=server -f -") grep -E "^kind: |mock" ;;
          "apply -f "*) grep -q "^kind: " "$3" ;;
          "apply --server-side -k "*) for one in $(sed -n 's/^  - \\([a-z]*\\)$/\\1/p' "$4/kustomization.yaml"); do
              grep -q "^kind: Component" "$4/$one/kustomization.yaml"; done ;;
          "-n argocd get "*" -o yaml") [ "$4" = deployment ] && file=repo-server || file=$5
            cat "$ROOT/crates/argocd/tests/avp/sidecar/$file.yaml" ;;
          "create namespace argocd" | "-n argocd rollout undo deployment argocd-repo-server") ;;
          *) exit 9 ;;
        esac""",
    "argocd": """
        case "$*" in
          "app get bagetter --hard-refresh" | "app diff bagetter") ;;
          "app diff bagetter --local apps/bagetter --server-side-generate --local-include *") ls "$5" ;;
          *) exit 9 ;;
        esac""",
}


def shell(script, folder, **environment):
    """Runs a script as somebody would who pastes it, and gives what it prints."""
    programs = folder / "stand-ins"
    programs.mkdir(exist_ok=True)
    for name, body in STAND_INS.items():
        (programs / name).write_text(f"#!/usr/bin/env bash\nset -euo pipefail\n{body}\n")
        (programs / name).chmod(0o755)
    if not (programs / "manifill").exists():
        (programs / "manifill").symlink_to(PROGRAM)
    prefix = folder / "prefix"
    (prefix / "bin").mkdir(parents=True, exist_ok=True)
    known = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(folder)}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**known, "PROGRAM": str(PROGRAM), "PREFIX": str(prefix), "ROOT": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=LONG * 3,
        check=False,
    )


def commands(block):
    """The commands of a block, each with what it is said to print."""
    found = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append([line[2:], ""])
        else:
            found[-1][1] += line
    return found


def checkout(folder):
    """A copy of the checkout as far as commands need it, in which they may write."""
    for one in ROOT.iterdir():
        if one.name == "examples":
            # A link that leads out of a folder is no manifest.
            shutil.copytree(one, folder / one.name)
        elif one.name not in ("target", ".git", ".venv"):
            (folder / one.name).symlink_to(one)


def installation(folder):
    """Puts an installation of argocd-vault-plugin into a folder, in two files."""
    for one in (ROOT / "crates/argocd/tests/avp/sidecar").glob("*-*.yaml"):
        shutil.copy(one, folder)


#: The pages whose commands are run.
PAGES = ("README.md", "examples/manifests/README.md", "examples/argocd/README.md")


def every_console():
    for page in PAGES:
        for number, block in enumerate(blocks(ROOT / page)):
            if block.language == "console" and block.heading not in ("In a Rust program", "Any other text"):
                yield pytest.param(block, id=f"{page}-{number}")


@pytest.mark.parametrize("block", list(every_console()))
def test_every_command_works_as_it_is_printed(block, folder, connect):
    address = r"http://onepassword-connect\.1password:8080|http://127\.0\.0\.1:8080"
    script = re.sub(address, connect["OP_CONNECT_HOST"], block.text)
    script = re.sub("OP_CONNECT_TOKEN=(…|home-lab-demo-token)", f"OP_CONNECT_TOKEN={connect['OP_CONNECT_TOKEN']}", script)
    if "connect-server" in script:
        # It runs until it is ended.
        script = re.sub(r"^\$ (.*)--port 8080", r"$ timeout -s INT 2 \1--port 0 || [ $? = 124 ]", script)
    environment = {}
    if any(word in script for word in ("onepassword", "plan apps", "check ")) and "export" not in script:
        environment = {"AVP_TYPE": "1passwordconnect", **connect}
    if "examples/helm" in script:
        environment = {"AVP_TYPE": "file", "MANIFILL_FILE": "examples/helm/vault.yaml"}
    if "--from-avp" in script:
        installation(folder)
    elif "apps/bagetter" not in script:
        checkout(folder)
    if "-f manifill/" in script:
        # What the page has written before, and the reader's own folder.
        shutil.copytree(ROOT / "examples/argocd/manifill", folder / "manifill")
        shutil.copytree(ROOT / "examples/argocd", folder / "argocd")
    # What is printed is compared command by command.
    mark = "-- end of a command --"
    lines = "".join(f"{command}printf '%s\\n' '{mark}'\n" for command, _ in commands(script))
    done = shell(lines, folder, **environment)
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split(f"{mark}\n")
    for (command, expected), found in zip(commands(script), printed):
        assert not expected or found == expected, command
        if "generate" in command or "plan" in command:
            assert found, command
    if "sudo install" in script:
        assert os.access(folder / "prefix" / "bin" / "manifill", os.X_OK)


def test_the_first_example(folder):
    renderer = manifill.Renderer.from_config(folder / "manifill.yaml")
    assert renderer.render(text("manifill", "yaml")) == text("manifill", "yaml", 1)


def test_the_rust_program(folder, tmp_path_factory):
    around = tmp_path_factory.mktemp("around")
    (around / "manifill").symlink_to(ROOT)
    environment = {
        **os.environ,
        # The same versions and the same settings as here, so that little is built again.
        "CARGO_TARGET_DIR": str(TARGET),
        "CARGO_PROFILE_DEV_DEBUG": "line-tables-only",
        "CARGO_INCREMENTAL": "0",
        "CARGO_NET_OFFLINE": "true",
        "CARGO_TERM_QUIET": "true",
    }

    def run(script, where):
        command = ["bash", "-euo", "pipefail", "-c", script]
        return subprocess.run(
            command, cwd=where, env=environment, capture_output=True, text=True, timeout=LONG * 15, check=False
        )

    steps = "".join(command for command, _ in commands(text("In a Rust program", "console")))
    made = run(steps.replace("cd web\n", f"cd web\ncp '{ROOT}/Cargo.lock' .\n"), around)
    assert made.returncode == 0, made.stderr
    web = around / "web"
    (web / "src" / "main.rs").write_text(text("In a Rust program", "rust"))
    for name in ("manifill.yaml", "apps"):
        (web / name).symlink_to(folder / name)
    [[command, _]] = commands(text("In a Rust program", "console", 1))
    done = run(command, web)
    assert done.returncode == 0, done.stderr
    assert done.stdout == text("manifill", "yaml", 1)
    secret = folder / "apps" / "web" / "secret.yaml"
    secret.write_text(secret.read_text().replace("<password>", "<pasword>"))
    done = run(command, web)
    assert done.returncode == 1
    assert "hint: did you mean `password`?" in done.stderr


def test_the_python_program(folder):
    (folder / "main.py").write_text(text("In Python", "python"))
    done = subprocess.run(
        [sys.executable, "main.py"], cwd=folder, capture_output=True, text=True, timeout=LONG, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == text("manifill", "yaml", 1)


def test_the_function_of_kustomize(folder):
    """The page's function fills Secrets, and nothing else."""
    function = "".join(f"  {line}" for line in text("With kustomize and kpt", "yaml").splitlines(keepends=True))
    items = "- {kind: KIND, metadata: {name: a}, stringData: {a: <path:vaults/Home/items/db#username>}}\n"
    source = f"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}functionConfig:\n{function}"
    environment = {"AVP_TYPE": "file", "MANIFILL_FILE": str(ROOT / "examples/kustomize/vault.yaml")}

    def run(kind):
        return subprocess.run(
            [PROGRAM, "krm"],
            input=source.replace("KIND", kind),
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )

    filled = run("Secret")
    assert (filled.returncode, filled.stderr) == (0, "")
    assert 'stringData: {a: "shop"}' in filled.stdout
    refused = run("ConfigMap")
    assert refused.returncode == 1
    assert "where none is allowed" in refused.stderr and '"severity": "error"' in refused.stdout


def test_an_installation_of_avp_keeps_the_names_of_its_plugins(folder):
    installation(folder)
    for command, _ in commands(text("In Argo CD", "console")):
        done = shell(command, folder)
        assert done.returncode == 0, done.stderr
    old = manifill.manifest.read((folder / "cmp-plugin.yaml").read_text())
    names = {manifill.manifest.read(one)[0]["metadata"]["name"] for one in old[0]["data"].values()}
    new = "".join(one.read_text() for one in (folder / "switched").iterdir())
    assert names and all(f"name: {name}" in new for name in names), names


def test_any_other_text(folder):
    (folder / ".env.template").write_text(text("Any other text", "sh"))
    item = {"username": "shop", "password": "p@$$ #1"}
    (folder / "data.json").write_text(json.dumps({"vaults/Home/items/db": item}))
    (folder / "manifill.yaml").unlink()
    command = text("Any other text", "console").removeprefix("$ ").strip()
    done = shell(command, folder, AVP_TYPE="file", MANIFILL_FILE="data.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == text("Any other text", "sh", 1)
    (folder / "main.py").write_text(text("Any other text", "python"))
    done = subprocess.run(
        [sys.executable, "main.py"], cwd=folder, capture_output=True, text=True, timeout=LONG, check=True
    )
    assert done.stdout == 'password = "it\'s #1"\n'


def test_the_derived_secrets(folder):
    seed = "0123456789abcdef0123456789abcdef"
    source = text("Derived secrets", "yaml")
    rendered = manifill.Renderer(manifill.vault.Memory({"vaults/Home/items/root": {"seed": seed}})).render(source)
    filled = manifill.manifest.read(rendered)[0]["stringData"]
    written = dict(re.findall(r"(\w+): <path:vaults/Home/items/root#seed \| (.*)>", source))
    assert len(written) == 4
    assert filled == {
        key: manifill.transform.run(seed, modifiers).expose() for key, modifiers in written.items()
    }
    # The rule of the page, in the settings file above it.
    [rule] = re.findall(r"`(\{project: .*\| derive\"\]\})`", (ROOT / "README.md").read_text())
    assert "\"blog/session\"" in source
    (folder / "data.yaml").write_text(f"vaults/Home/items/root: {{seed: {seed}}}\n")
    (folder / "settings.yaml").write_text(
        "default: local\nbackends: {local: {type: file, settings: {MANIFILL_FILE: data.yaml}}}\n"
        f"policy:\n  - {rule}\n"
    )
    (folder / "a.yaml").write_text(source)
    for project, status in (("blog", 0), ("shop", 1)):
        done = shell(f"manifill generate a.yaml -c settings.yaml --project {project}", folder)
        assert done.returncode == status, done.stderr
    (folder / "a.yaml").write_text("kind: A\na: <path:vaults/Home/items/root#seed>\n")
    done = shell("manifill generate a.yaml -c settings.yaml --project blog", folder)
    assert done.returncode == 1 and "only what is derived" in done.stderr


def test_the_settings_file(folder):
    (folder / "op-token").write_text("token")
    (folder / "shared.yaml").write_text("common/smtp: {password: x}\n")
    settings = text("Settings", "yaml").replace("/run/secrets/op-token", "op-token")
    (folder / "settings.yaml").write_text(settings)
    manifest = "kind: A\na: <path:vaults/Team A/items/x#k>\nb: <path:shared!common/smtp#password>\n"
    (folder / "a.yaml").write_text(manifest)
    for project, status in (("team-a-web", 0), ("team-b", 1)):
        done = shell(f"manifill plan a.yaml -c settings.yaml --project {project}", folder)
        assert done.returncode == status, done.stderr


def test_the_hook_is_there_and_does_what_it_says(folder):
    [repository] = manifill.manifest.read(text("Checks in pull requests", "yaml"))[0]["repos"]
    [used] = repository["hooks"]
    hooks = manifill.manifest.read((ROOT / ".pre-commit-hooks.yaml").read_text())[0]
    [hook] = [one for one in hooks if one["id"] == used["id"]]
    command = " ".join([hook["entry"], *used["args"]])
    assert hook["pass_filenames"] is False and "--offline" in command
    assert shell(command, folder).returncode == 0
    secret = folder / "apps" / "web" / "secret.yaml"
    secret.write_text(secret.read_text().replace("<password>", "hunter2"))
    done = shell(command, folder)
    assert done.returncode == 1 and "written out" in done.stderr, done.stderr


def test_the_error(folder):
    secret = folder / "apps" / "bagetter" / "secret.yaml"
    secret.write_text(secret.read_text().replace("<password>", "<pasword>"))
    settings = folder / "manifill.yaml"
    environment = dict(re.findall(r"(OP_CONNECT_\w+): (\S+)", settings.read_text()))
    # A note would say that it is not read.
    settings.unlink()
    done = shell("manifill generate apps/bagetter", folder, AVP_TYPE="1passwordconnect", **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == text("Errors", "text")


def test_the_stand_ins_are_used():
    """A stand-in that no page needs any more is dropped."""
    pages = "".join((ROOT / page).read_text() for page in PAGES)
    for name in STAND_INS:
        assert re.search(rf"(^\$ |\| ){name} ", pages, re.M), name
    assert PROGRAM.stat().st_mode & stat.S_IXUSR
    assert shutil.which("bash")


def test_pods_follow_their_secrets(folder):
    source = text("Pods that follow their secrets", "yaml")
    sums = []
    for value in ("one", "two"):
        environment = {"AVP_TYPE": "file", "MANIFILL_FILE": "vault.json", "MANIFILL_DIGEST_KEY": "a key of 16 or more"}
        (folder / "vault.json").write_text(json.dumps({"vaults/Home/items/db": {"password": value}}))
        (folder / "web.yaml").write_text(source)
        done = shell("manifill generate web.yaml", folder, **environment)
        assert done.returncode == 0, done.stderr
        sums += re.findall('manifill.dev/checksum: "([0-9a-f]{64})"', done.stdout)
        assert "warning" not in done.stderr
    assert len(sums) == 2 and sums[0] != sums[1]
