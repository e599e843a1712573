"""The last step of a pipe."""

import logging

import pytest
from conftest import SENTINEL

import manifill

LEFT = "kind: Secret\nmetadata: {name: db}\nstringData: {user: <path:db#user>, name: a}\n"


def test_what_holds_no_placeholder_comes_back_as_it_is():
    for source in ("kind: A\r\nx: 1   \r\n...\n", "# <path:a#b>\nkind: A", "A=b\n", "\ufeffkind: A\n"):
        assert manifill.guard(source) is source
        assert manifill.guard(source.encode()) == source


def test_what_is_left_in_is_reported():
    with pytest.raises(manifill.RenderError) as raised:
        manifill.guard(LEFT + "---\nkind: A\nx: '%3Cpath:db%3E'\n", name="web.yaml")
    [first, second] = raised.value.diagnostics
    assert (first.file, first.line, first.column, first.resource, first.field) == (
        "web.yaml", 3, 20, "Secret/db", "stringData.user",
    )  # fmt: skip
    assert first.kind == "placeholder" and second.message == "a placeholder with escaped brackets is not filled"
    assert "--allow 'Secret/db:stringData.user'" in str(raised.value)


def test_a_field_can_be_allowed(caplog):
    caplog.set_level(logging.INFO, logger="manifill")
    assert manifill.guard(LEFT, allow="Secret/db:stringData.user") == LEFT
    assert not caplog.records
    assert manifill.guard(LEFT, allow=iter(["Secret/db:stringData.user", "Secret/db:stringData.name"])) == LEFT
    assert "nothing in Secret/db:stringData.name reads like a placeholder" in caplog.text
    with pytest.raises(ValueError, match="KIND/NAME:FIELD"):
        manifill.guard(LEFT, allow=["stringData.user"])


@pytest.mark.parametrize("source", ["", "\n", "---\n# nothing\n", "null\n"])
def test_a_source_that_holds_nothing_is_an_error(source):
    with pytest.raises(manifill.RenderError, match="the input is empty"):
        manifill.guard(source)


def test_mock_values_are_an_error():
    with pytest.raises(manifill.RenderError, match="mock values"):
        manifill.guard("kind: A\nmetadata: {annotations: {manifill.dev/mock: 'true'}}\n")


def test_no_value_is_shown():
    for value in (f"<path:{SENTINEL}#x>", f"op://a/b/{SENTINEL}", f"<{SENTINEL}>"):
        renderer = manifill.Renderer(manifill.vault.Memory({"db": {"user": value}}))
        with pytest.raises(manifill.RenderError) as raised:
            manifill.guard(renderer.render(LEFT))
        assert SENTINEL not in f"{raised.value!r} {raised.value.diagnostics}"
