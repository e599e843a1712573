"""A look at manifests before they are filled."""

import asyncio
import logging

import pytest
from conftest import SENTINEL

import manifill

SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {user: <path:db#user>}\n"
POD = """---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - env: [{valueFrom: {secretKeyRef: {name: db, key: KEY}}}]
"""


@pytest.fixture
def renderer():
    return manifill.Renderer(manifill.vault.Memory({"db": {"user": SENTINEL}}))


def test_what_is_there_is_told_by_type_and_class(renderer):
    for depth in ("exists", "readable"):
        checked = renderer.check(SECRET, depth=depth)
        [key] = checked.keys
        assert isinstance(checked, manifill.Checked) and isinstance(key, manifill.KeyReport)
        assert (key.backend, key.path, key.key, key.type) == ("python", "db", "user", "text")
        assert key.size == "1 to 16 bytes"
        assert (checked.depth, checked.document_count, checked.placeholder_count) == (depth, 1, 1)
        assert SENTINEL not in repr(checked)
    assert renderer.check(SECRET, depth="offline").keys == ()


def test_everything_that_is_wrong_is_raised_at_once(renderer):
    source = SECRET.replace("#user", "#usr") + POD.replace("KEY", "usr")
    with pytest.raises(manifill.RenderError) as raised:
        renderer.check(source, name="a.yaml")
    assert [(one.kind, one.file, one.line) for one in raised.value.diagnostics] == [
        ("not-found", "a.yaml", 4),
        ("reference", "a.yaml", 11),
    ]
    assert SENTINEL not in str(raised.value)


def test_without_settings_it_is_offline():
    checked = manifill.check(SECRET + POD.replace("KEY", "user"))
    assert (checked.depth, checked.keys, checked.remarks) == ("offline", (), ())
    with pytest.raises(manifill.RenderError, match="has no key `usr`"):
        manifill.check(SECRET + POD.replace("KEY", "usr"))
    assert manifill.check(SECRET + POD.replace("KEY", "usr"), external="db").remarks == ()
    [note] = manifill.check(POD.replace("KEY", "user")).remarks
    assert (note.severity, note.kind) == ("note", "reference")
    with pytest.raises(manifill.RenderError, match="key twice|no `#KEY`"):
        manifill.check("kind: A\na: <path:db>\n")


def test_the_options_say_what_else_is_wrong():
    written = SECRET.replace("<path:db#user>", "x, token: abc")
    assert manifill.check(written).remarks == ()
    with pytest.raises(manifill.RenderError) as raised:
        manifill.check(written, literals=True)
    assert raised.value.diagnostics[0].kind == "literal"
    manifill.check(written, literals=True, allow=["Secret/db:stringData.token"])
    placed = "kind: ConfigMap\nmetadata: {name: a}\ndata: {b: <path:db#user>}\n"
    [warning] = manifill.check(placed).remarks
    assert (warning.severity, warning.kind) == ("warning", "exposed")
    with pytest.raises(manifill.RenderError, match="where none is allowed"):
        manifill.check(placed, only_kinds="Secret")
    manifill.check(placed, only_kinds=["Secret", "ConfigMap"])
    manifill.check(placed, only_kinds=["Secret"], allow="ConfigMap/a:data.b")


def test_wrong_arguments_are_told(renderer):
    with pytest.raises(ValueError, match="'offline', 'exists' or 'readable'"):
        renderer.check(SECRET, depth="deep")
    with pytest.raises(ValueError, match="KIND/NAME:FIELD"):
        renderer.check(SECRET, allow=["token"])
    with pytest.raises(TypeError, match="external must be"):
        renderer.check(SECRET, external=1)


def test_files_are_looked_at_together(renderer, tmp_path):
    (tmp_path / "a.yaml").write_text(SECRET)
    (tmp_path / "b.yaml").write_text(POD.replace("KEY", "user"))
    assert renderer.check_files([tmp_path]).document_count == 2
    (tmp_path / "b.yaml").write_text(POD.replace("KEY", "usr"))
    with pytest.raises(manifill.RenderError) as raised:
        renderer.check_files([tmp_path])
    assert raised.value.diagnostics[0].file.endswith("b.yaml")
    assert renderer.check_files([tmp_path], exclude="b.yaml").document_count == 1


def test_it_waits_on_a_loop_as_well(renderer, tmp_path):
    (tmp_path / "a.yaml").write_text(SECRET)

    async def both():
        one = await renderer.check_async(SECRET)
        return one, await renderer.check_files_async([tmp_path], depth="offline")

    one, other = asyncio.run(both())
    assert (len(one.keys), other.depth) == (1, "offline")


def test_remarks_of_a_run_go_to_the_logger(renderer, caplog):
    caplog.set_level(logging.INFO, logger="manifill")
    renderer.check(SECRET)
    assert not caplog.records
