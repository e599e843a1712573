"""Rendering: what goes in and what comes out."""

import logging
import os
import pickle

import pytest
from conftest import MANIFESTS

import manifill

SOURCE = "kind: Secret # mine\nstringData: {u: <path:db#user>}\n"


def test_only_the_value_changes(memory):
    assert memory.render(SOURCE) == 'kind: Secret # mine\nstringData: {u: "svc"}\n'


def test_bytes_are_text_in_utf_8(memory):
    assert memory.render(SOURCE.replace("mine", "für").encode()).startswith("kind: Secret # für\n")


def test_a_text_without_placeholders_is_the_same_text(memory):
    source = "kind: A # ä\r\nb:  [ 1 ]"
    assert memory.render(source) is source
    assert memory.render(source.encode()) == source


@pytest.mark.parametrize(
    ("source", "message"),
    [(b"kind: \xff", "a.yaml: byte 6 is not UTF-8"), ("\udc80", "a.yaml: the text holds a lone surrogate")],
)
def test_what_is_no_text_is_a_render_error(memory, source, message):
    with pytest.raises(manifill.RenderError) as caught:
        memory.render(source, name="a.yaml")
    assert str(caught.value) == message
    assert caught.value.kind == "manifest"


def test_every_source_that_is_no_text_is_told(memory):
    with pytest.raises(manifill.RenderError) as caught:
        memory.render_many({"a": b"\xff", "b": "kind: A\n", "c": "\udc80"})
    assert [one.file for one in caught.value.diagnostics] == ["a", "c"]


def test_anything_else_is_a_type_error(memory):
    with pytest.raises(TypeError):
        memory.render(1)


def test_render_documents_reads_as_kubernetes_does(memory):
    source = "kind: A\nuser: <path:db#user>\nn: [1, 2.5, yes, null, 0755, 123456789012345678901]\n---\n# nothing\n---\nkind: B\n"
    numbers = [1, 2.5, True, None, 493, 123456789012345678901]
    assert memory.render_documents(source) == [
        {"kind": "A", "user": "svc", "n": numbers},
        {"kind": "B"},
    ]


def test_values_keep_their_type():
    values = {"n": 5, "f": 0.5, "t": True, "l": [1, "a", None], "m": {"a": {"b": 2}}, "s": "5"}
    renderer = manifill.Renderer(manifill.vault.Memory({"db": values}))
    source = "kind: A\n" + "".join(f"{key}: <path:db#{key}>\n" for key in values)
    assert renderer.render_documents(source) == [{"kind": "A", **values}]


def test_the_options_are_those_of_the_command_line(memory):
    vault = manifill.vault.Memory({"db": {"user": "a<b"}})
    source = 'kind: A\nj: \'{"u": "\\u003cpath:db#user\\u003e"}\'\n'
    with pytest.raises(manifill.RenderError, match="escaped"):
        manifill.Renderer(vault).render(source)
    escaped = manifill.Renderer(vault, escaped=True).render_documents(source)
    assert escaped[0]["j"] == '{"u": "a\\u003cb"}'
    assert manifill.Renderer(vault, allow_unresolved=True).render(source) == source
    twice = "kind: A\na: 1\na: 2\n"
    assert memory.render(twice) == twice
    with pytest.raises(manifill.RenderError, match="`a`"):
        manifill.Renderer(vault, strict=True).render(twice)
    with pytest.raises(TypeError):
        manifill.Renderer(vault, None, {})


def test_nothing_at_all(memory, caplog):
    with caplog.at_level(logging.WARNING, "manifill"):
        assert memory.render("# nothing\n") == "# nothing\n"
    assert caplog.messages == ["there is no manifest in the input"]
    with pytest.raises(manifill.RenderError, match="there is no manifest in the input"):
        memory.render("", fail_on_empty=True)


def test_warnings_are_logged(caplog):
    renderer = manifill.Renderer(manifill.vault.Memory({"db": {"key": "/w=="}}))
    with caplog.at_level(logging.WARNING, "manifill"):
        renderer.render("kind: Secret\ndata: {k: <path:db#key>}\n", name="a.yaml")
    assert caplog.messages[0].startswith("a.yaml:2:11: the value of placeholder path:db#key is base64 perhaps")


def test_files_are_rendered_as_the_command_line_does():
    renderer = manifill.Renderer.from_config(MANIFESTS / "homelab" / "manifill.yaml")
    texts = dict(renderer.render_files([MANIFESTS / "homelab"]))
    names = {path.relative_to(MANIFESTS / "homelab").as_posix() for path in texts}
    assert "bagetter/secret.yaml" in names
    assert not names & {"manifill.yaml", "secrets.yaml", "shared.yaml"}
    secret = texts[MANIFESTS / "homelab" / "bagetter" / "secret.yaml"]
    assert 'apiKey: "fake-nuget-api-key-0001"' in secret
    unchanged = MANIFESTS / "homelab" / "bagetter" / "bagetter.yaml"
    assert texts[unchanged] == unchanged.read_text()


def test_files_are_all_or_nothing(tmp_path, memory):
    (tmp_path / "a.yaml").write_text(SOURCE)
    (tmp_path / "b.yml").write_text(SOURCE.replace("user", "usr"))
    (tmp_path / "c.json").write_text('{"kind": "A", "x": "<path:no#such>"}')
    (tmp_path / "d.txt").write_text("<path:")
    with pytest.raises(manifill.RenderError) as caught:
        memory.render_files([tmp_path])
    files = [diagnostic.file for diagnostic in caught.value.diagnostics]
    assert files == [str(tmp_path / "b.yml"), str(tmp_path / "c.json")]
    for exclude in (["b*"], "b*"):
        [(path, text)] = memory.render_files([tmp_path], include=["*.y*ml"], exclude=exclude)
        assert path == tmp_path / "a.yaml"
        assert '"svc"' in text


def test_files_that_cannot_be_read(tmp_path, memory):
    (tmp_path / "bad.yaml").write_bytes(b"kind: \xff")
    (tmp_path / "empty").mkdir()
    for call in (memory.render_files, memory.plan_files):
        with pytest.raises(manifill.RenderError) as caught:
            call([tmp_path / "bad.yaml", tmp_path / "none.yaml"])
        assert [(one.file, one.kind, one.message) for one in caught.value.diagnostics] == [
            (str(tmp_path / "bad.yaml"), "manifest", "could not read file: byte 6 is not UTF-8"),
            (str(tmp_path / "none.yaml"), "manifest", "could not read file: there is no such file"),
        ]
        with pytest.raises(manifill.RenderError) as caught:
            call([tmp_path / "empty"])
        assert str(caught.value) == f"{tmp_path / 'empty'}: no YAML or JSON files were found"


def test_files_that_make_no_sense(memory):
    with pytest.raises(ValueError, match="argument required"):
        memory.render_files([])
    with pytest.raises(TypeError, match="must be a list"):
        memory.render_files("a.yaml")


def test_many_sources_are_one_run():
    asked = []

    class Store:
        def read(self, request):
            asked.append(request.path)
            return {"user": "svc"}

    renderer = manifill.Renderer(Store())
    sources = {"b.yaml": SOURCE, "a.yaml": SOURCE.encode(), "c.yaml": "kind: A\n"}
    texts = renderer.render_many(sources)
    assert list(texts) == ["b.yaml", "a.yaml", "c.yaml"]
    assert texts["a.yaml"] == texts["b.yaml"] == memory_text(SOURCE)
    assert texts["c.yaml"] is sources["c.yaml"]
    assert asked == ["db"]
    with pytest.raises(manifill.RenderError) as caught:
        renderer.render_many({"x": "kind: A\na: <path:db#no>\n", "y": "kind: A\na: <path:db#no>\n"})
    [told] = caught.value.diagnostics
    assert [one.file for one in (told, *told.further_places)] == ["x", "y"]


def memory_text(source):
    return source.replace("<path:db#user>", '"svc"')


def test_a_large_source(memory):
    source = "".join(f"---\nkind: Secret\nstringData:\n  u{n}: <path:db#user>\n" for n in range(30_000))
    assert len(source) > 1 << 20
    assert memory.render(source) == source.replace("<path:db#user>", '"svc"')
    with pytest.raises(manifill.RenderError):
        memory.render(source.replace("u7: <path:db#user>", "u7: <path:db#usr>"))


def test_of_very_many_errors_the_first_are_told_and_all_counted(memory):
    with pytest.raises(manifill.RenderError) as caught:
        memory.render("kind: A\nx: |\n" + "  <path:\n" * 3000)
    error = caught.value
    assert len(error.diagnostics) == 1000
    assert error.errors_left_off == 2000
    assert str(error).startswith("3000 errors:\n")
    assert str(error).endswith("and 2980 more")
    again = pickle.loads(pickle.dumps(error))
    assert (again.errors_left_off, str(again)) == (2000, str(error))


def test_an_error_says_how_many_secrets_were_not_read(memory):
    for source, unread in [
        ("kind: A\nx: <path:db#user>\ny: <path:other#gone>\nz: <path:x>\n", 2),
        ("kind: A\nz: <path:x>\n", 0),
        ("kind: A\nx: <path:db#gone>\n", 0),
    ]:
        with pytest.raises(manifill.RenderError) as caught:
            memory.render(source)
        assert caught.value.secrets_unread == unread
        assert pickle.loads(pickle.dumps(caught.value)).secrets_unread == unread


def test_a_result_that_is_too_large_is_an_exception_with_its_place():
    memory = manifill.vault.Memory({"db": {"long": "x" * 1000}})
    source = "kind: A\na: <path:db#long>\n"
    with pytest.raises(manifill.RenderError, match="a.yaml:2:4: the result is larger than 500 bytes"):
        manifill.Renderer(memory, max_output=500).render(source, name="a.yaml")
    assert len(manifill.Renderer(memory, max_output=2000).render(source)) > 1000
    for wrong in [0, -1, 1 << 64]:
        with pytest.raises(ValueError, match="max_output must be a number of bytes"):
            manifill.Renderer(memory, max_output=wrong)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_that_nobody_writes_to_is_an_exception_at_the_deadline(tmp_path):
    pipe = tmp_path / "p.yaml"
    os.mkfifo(pipe)
    renderer = manifill.Renderer(manifill.vault.Memory({}), timeout=0.2)
    with pytest.raises(manifill.RenderError, match="it was not at its end when the time"):
        renderer.render_files([pipe])
