"""Exceptions: one tree, every kind, nothing secret, all of them picklable."""

import copy
import importlib
import inspect
import logging
import pickle
import pkgutil
import re
import traceback

import pytest
from conftest import ROOT, SENTINEL

import manifill
from manifill import errors


def modules():
    names = [one.name for one in pkgutil.iter_modules(manifill.__path__) if one.name != "__main__"]
    return [manifill, *(importlib.import_module(f"manifill.{name}") for name in names)]


def test_every_exception_derives_from_the_base():
    found = set()
    for module in modules():
        for _, one in inspect.getmembers(module, inspect.isclass):
            if issubclass(one, BaseException) and one.__module__.startswith("manifill"):
                found.add(one)
                assert issubclass(one, manifill.ManifillError), one
                assert getattr(manifill, one.__name__) is one
                assert one.__doc__
    assert {one.__name__ for one in found} >= {
        "RenderError", "PlaceholderError", "NotFoundError", "AuthenticationError",
        "PermissionDeniedError", "BackendUnavailableError", "ConfigurationError",
    }  # fmt: skip


def words(path):
    """The words that `as_str` of an enum gives, from its Rust source."""
    return set(re.findall(r'=> "([a-z-]+)",', (ROOT / path).read_text()))


def test_every_kind_maps_to_an_exception():
    diagnostics = words("crates/manifill/src/diagnostic.rs")
    backends = words("crates/vault/src/error.rs")
    assert len(diagnostics) >= 13 and len(backends) >= 9
    # How bad a diagnostic is stands in the same file.
    assert errors.KINDS.keys() == (diagnostics | backends) - {"error", "warning", "note"}
    for kind in errors.KINDS.values():
        assert getattr(manifill, kind.__name__) is kind


def caught(call):
    with pytest.raises(manifill.ManifillError) as found:
        call()
    return found.value


EVERY = {
    "render": lambda: manifill.Renderer(manifill.vault.Memory({})).render("kind: A\na: <path:b#c>\n"),
    "placeholder": lambda: manifill.placeholder.parse("<path:a>"),
    "path rule": lambda: manifill.placeholder.refuse_odd_segments("a/../b"),
    "manifest": lambda: manifill.manifest.parse("kind: A\na: 1\na: 2\n", strict=True),
    "modifier": lambda: manifill.placeholder.parse("<path:a#b | base64>"),
    "transform": lambda: manifill.transform.run("x", "jsonParse"),
    "vault": lambda: manifill.Renderer(manifill.vault.Memory({})).read("db"),
    "settings": lambda: manifill.Renderer("file", {"x": "y"}),
}


@pytest.mark.parametrize("name", EVERY)
def test_an_exception_can_be_sent_to_another_process(name):
    error = caught(EVERY[name])
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert twin.__dict__ == error.__dict__
    assert error.kind


def test_a_render_error_has_the_attributes_of_its_first_error():
    source = "kind: Secret\nmetadata: {name: s, namespace: n}\nstringData:\n  k: <path:db#usr#2>\n"
    error = caught(lambda: manifill.Renderer(manifill.vault.Memory({"db#2": {"user": "x"}})).render(source, name="a.yaml"))
    assert (error.file, error.line, error.column) == ("a.yaml", 4, 6)
    assert (error.resource, error.field) == ("Secret/n/s", "stringData.k")
    assert (error.placeholder, error.backend) == ("<path:db#usr#2>", "python")
    assert (error.path, error.key, error.kind) == ("db", "usr", "not-found")
    assert error.hint == "did you mean `user`?"
    [diagnostic] = error.diagnostics
    assert (diagnostic.version, diagnostic.severity) == ("2", "error")
    told = "\n  Secret/n/s  stringData.k\n  hint: did you mean `user`?"
    assert str(error) == str(diagnostic) + told


def test_the_text_of_an_exception_has_its_hint():
    with_hints = [name for name in EVERY if caught(EVERY[name]).hint]
    assert {"placeholder", "settings", "modifier"} <= set(with_hints)
    for name in with_hints:
        error = caught(EVERY[name])
        assert str(error).endswith(f"\n  hint: {error.hint}"), name
    many = caught(lambda: manifill.Renderer(manifill.vault.Memory({})).render("kind: A\na: <path:b>\nc: <path:d>\n"))
    assert str(many).count("\n    hint: write <path:PATH#KEY>") == 2


def test_every_mistake_of_a_settings_file_is_told_with_its_place_and_its_hint(tmp_path):
    (tmp_path / "m.yaml").write_text("backends: {a: {type: file}}\npolicy: {}\nx: 1\n")
    error = caught(lambda: manifill.Renderer.from_config(tmp_path / "m.yaml"))
    assert len(error.errors) > 1
    assert str(error) == "\n".join(map(str, error.errors))
    for one in error.errors:
        assert f"m.yaml:{one.line}:{one.column}: {one.message}" in str(error)
        assert one.hint is None or f"  hint: {one.hint}" in str(error)


def test_every_error_of_every_document_is_told():
    source = "".join(f"---\nkind: A\na: <path:b{n}#c>\n" for n in range(30))
    error = caught(lambda: manifill.Renderer(manifill.vault.Memory({})).render(source))
    assert [one.line for one in error.diagnostics] == list(range(3, 93, 3))
    lines = str(error).split("\n")
    assert lines[0] == "30 errors:"
    assert lines[-1] == "  and 10 more"


class Raising:
    def __init__(self, error):
        self.error = error

    def read(self, request):
        value = SENTINEL
        assert value
        raise self.error


def test_no_failure_shows_a_value(caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    values = {"text": SENTINEL, "bytes": SENTINEL.encode() + b"\xff", "map": {"a": SENTINEL}, "json": '{"a": ' + SENTINEL}
    memory = manifill.vault.Memory({"db": values})
    renderer = manifill.Renderer(memory, backends={"r": Raising(ValueError())})
    broken = [
        "kind: A\na: <path:db#no>\n",
        "kind: A\na: <path:db#text | jsonParse>\n",
        "kind: A\na: <path:db#json | jsonPath {.a}>\n",
        "kind: A\na: <path:db#text | base64decode>\n",
        "kind: A\na: x <path:db#bytes>\n",
        "kind: Secret\ndata: {a: <path:db#text>}\n",
        "kind: Secret\ndata: {a: <path:db#map>}\n",
        "kind: A\na: <path:db#text | bcrypt a:b>\n",
        "kind: A\na: <path:r!db#text>\n",
        "kind: A\na: <path:db#text>\nb: [\n",
        f'kind: A\na: <path:no#k | default "{SENTINEL}" | jsonParse>\n',
    ]
    for source in broken:
        error = caught(lambda: renderer.render(source))
        shown = "".join(traceback.format_exception(error)) + repr(error) + repr(error.diagnostics)
        assert SENTINEL not in shown, source
    secret = renderer.read("db")
    for one in (renderer, secret, secret["text"], secret["map"], memory, renderer.plan(broken[0])):
        assert SENTINEL not in f"{one!r} {one} {getattr(one, '__dict__', '') and vars(one).keys()}"
    assert SENTINEL not in caplog.text
    for one in (secret, secret["text"]):
        with pytest.raises(TypeError):
            pickle.dumps(one)


def test_one_cause_is_told_once_with_all_its_places():
    renderer = manifill.Renderer(manifill.vault.Memory({"a": {"user": "svc"}}))
    source = "kind: A\nx: <path:gone#user>\ny: <path:gone#other>\n"
    with pytest.raises(manifill.RenderError) as caught:
        renderer.render(source, name="a.yaml")
    (only,) = caught.value.diagnostics
    assert "(also needed in 1 more place)" in only.message
    assert only.further_places == (manifill.Place("a.yaml", 3, 4, "A", "y"),)
    assert pickle.loads(pickle.dumps(only)) == only


def test_an_error_has_the_notes_of_the_run(tmp_path, monkeypatch):
    def vault():
        settings = {"VAULT_ADDR": "http://127.0.0.1:1/v1", "VAULT_TOKEN": SENTINEL}
        return manifill.Renderer("vault", settings, timeout=0.2)

    wanted = ["AVP_AUTH_TYPE is not set", "VAULT_ADDR ends with /v1"]
    for failing in (
        lambda: vault().render("kind: A\na: <path:secret/data/a#b>\n"),
        lambda: vault().read("secret/data/a"),
    ):
        error = caught(failing)
        assert [note[: len(words)] for note, words in zip(error.notes, wanted, strict=True)] == wanted
        assert pickle.loads(pickle.dumps(error)).notes == error.notes
    assert caught(lambda: vault().render("kind: A\na: <path:b>\n")).notes == ()

    flat = tmp_path / "flat.yaml"
    flat.write_text("AVP_TYPE: nope\nOP_CONNECT_HOSTS: x\nMANIFILL_TIMEOUT: x\n")
    error = caught(lambda: manifill.Renderer.from_config(flat))
    assert [note.partition(": ")[2] for note in error.notes] == [
        "this is not a setting; did you mean `OP_CONNECT_HOST`?"
    ]
