"""manifill.transform."""

import json
import subprocess
from xml.etree import ElementTree

import pytest

import manifill
from manifill import transform


def test_modifiers_run_from_left_to_right():
    value = transform.run(' {"a": "b"} ', "trim | jsonPath {.a} | base64encode")
    assert value.expose() == "Yg=="
    assert "Yg==" not in repr(value)
    assert transform.run(value, "base64decode").expose() == "b"
    assert transform.run("[1, {\"a\": null}]", "jsonParse").expose() == [1, {"a": None}]


def test_bcrypt_is_the_same_for_the_same_place():
    place = {"backend": "b", "path": "p", "key": "k"}
    one = transform.run("x", "bcrypt admin", **place).expose()
    assert one == transform.run("x", "bcrypt admin", **place).expose()
    assert one.startswith("admin:$2")
    assert one != transform.run("x", "bcrypt admin", **{**place, "key": "l"}).expose()


def test_what_goes_wrong_is_told_without_the_value():
    with pytest.raises(manifill.TransformError) as caught:
        transform.run("s3cret", "trim | jsonParse")
    assert (caught.value.kind, caught.value.modifier) == ("not-json", 1)
    assert "s3cret" not in str(caught.value)


def test_mistakes_are_found_without_a_value():
    transform.check("trim | jsonPath {.a}")
    with pytest.raises(manifill.TransformError):
        transform.check("jsonPath {.a[}")
    modifiers = "trim | base65encode"
    with pytest.raises(manifill.PlaceholderError) as caught:
        transform.check(modifiers)
    assert modifiers[caught.value.span] == "base65encode"


def test_how_values_are_written():
    assert transform.text_of({"b": 1, "a": True}) == '{"a":true,"b":1}'
    assert transform.text_of(b"\xff") is None
    assert transform.typed_json([1, None]) == "[1, null]"
    assert transform.typed_json("text") is None


def test_what_grows_without_end_is_an_exception():
    chain = " | ".join(["toJson"] * 16)
    with pytest.raises(manifill.TransformError, match="the result is larger than 16 MiB"):
        transform.run('"' * 1000, chain)
    assert transform.run('"', chain).expose().endswith('"')
    with pytest.raises(manifill.PlaceholderError, match="more than 16 modifiers"):
        transform.run('"', f"{chain} | trim")


#: What makes trouble in one of the formats, and what does not.
DIFFICULT = (
    "p@ss\"w'0rd\\x$1", "it's", "''", "", " a  b ", "$(id) `id` $HOME !", "a\nb\r\nc\td", "<a href=\"x\">&amp;</a>",
    "]]>", "C:\\new\\table", "\u2028\u0085\x7fé😀\ufeff", "-n", "*",
)


@pytest.mark.parametrize("value", DIFFICULT)
def test_escaped_values_read_back(value):
    def written(modifier):
        return transform.run(value, modifier).expose()

    assert json.loads(f'"{written("jsonEscape")}"') == value
    assert json.loads(transform.run(value, "toJson").expose()) == value
    said = subprocess.run(["sh", "-c", f"printf %s {written('shellQuote')}"], stdout=subprocess.PIPE, check=True)
    assert said.stdout.decode() == value
    escaped = written("xmlEscape")
    for xml in (f"<a b=\"{escaped}\"/>", f"<a b='{escaped}'/>"):
        assert ElementTree.fromstring(xml).get("b") == value
    assert (ElementTree.fromstring(f"<a>{escaped}</a>").text or "") == value
    kept = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t").replace('"', '\\"')
    assert transform.run(kept, "unescape").expose() == value


def test_what_no_escape_can_hold_is_refused():
    for modifier, kind in (("shellQuote", "shell-nul"), ("xmlEscape", "xml-character")):
        with pytest.raises(manifill.TransformError) as caught:
            transform.run("a\0b", modifier)
        assert caught.value.kind == kind
