"""manifill.manifest."""

import pytest
import yaml
from conftest import SENTINEL

from manifill import manifest

SOURCE = """# ünicode
kind: List
items:
- kind: Secret   # one
  metadata:
    name: s
    namespace: n
    annotations:
      avp.kubernetes.io/path: "a/b"
      odd: 1
  stringData: {k: 'it''s', l: "two\\n"}
---
kind: ConfigMap
data:
  text: |-
    ä1
    2
  gone: x # with its comment
  stays: &a y
  alias: *a
"""


def scalars(parsed):
    return {scalar.field: scalar for scalar in parsed.scalars}


def test_what_is_read():
    parsed = manifest.parse(SOURCE)
    assert [SOURCE[document.span] for document in parsed.documents] == [
        SOURCE[: SOURCE.index("---")], SOURCE[SOURCE.index("---") :],
    ]  # fmt: skip
    the_list, secret = parsed.documents[0].resources
    assert (the_list.kind, the_list.list) == ("List", None)
    assert (secret.kind, secret.name, secret.namespace, secret.list) == ("Secret", "s", "n", 0)
    assert SOURCE[secret.kind_span] == "Secret"
    assert SOURCE[secret.span].startswith("kind: Secret")
    path = secret.annotation("avp.kubernetes.io/path")
    assert (path.value, SOURCE[path.span]) == ("a/b", '"a/b"')
    assert secret.annotation("none") is None
    [odd] = secret.odd_annotations
    assert (odd.name, SOURCE[odd.span]) == ("odd", "1")


def test_every_scalar_knows_where_it_stands():
    found = scalars(manifest.parse(SOURCE))
    one = found["items[0].stringData.k"]
    assert (SOURCE[one.span], one.value, one.style) == ("'it''s'", "it's", "single-quoted")
    assert (one.line, one.column, one.resource.kind) == (11, 19, "Secret")
    assert (one.removable, one.aliased) == ("map-value", False)
    assert found["data.text"].style == "literal"
    assert SOURCE[found["data.gone"].comment_after] == "# with its comment"
    assert found["data.stays"].aliased
    assert "it's" not in repr(one)


def test_changes_leave_everything_else_alone():
    parsed = manifest.parse(SOURCE)
    found = scalars(parsed)
    edits = [
        found["items[0].stringData.k"].replace("yes"),
        found["data.text"].fill([manifest.TextEdit(slice(0, 1), "Ö€"), manifest.TextEdit(slice(3, 4), "two")]),
        found["data.gone"].remove(),
        found["items[0].stringData.l"].replace({"a": [1, 2.5, None, True]}),
    ]
    expected = (
        SOURCE.replace("'it''s'", "'yes'")
        .replace("ä1", "Ö€1").replace("\n    2\n", "\n    two\n")
        .replace("  gone: x # with its comment\n", "")
        .replace('"two\\n"', '{"a": [1, 2.5, null, true]}')
    )  # fmt: skip
    assert parsed.apply(edits) == expected
    assert parsed.apply([]) == SOURCE
    assert parsed.source == SOURCE


@pytest.mark.parametrize("value", ["", "yes", "0x1", "a: b # c", "'", '"', "\n", "- a\n- b\n", "ä𝄞\t", "null"])
def test_a_text_is_that_text_for_other_readers(value):
    source = "kind: A\nx: 1 # one\ny: [a, b]\n"
    parsed = manifest.parse(source)
    found = scalars(parsed)
    text = parsed.apply([found["x"].replace(value), found["y[1]"].replace(value)])
    expected = {"kind": "A", "x": value, "y": ["a", value]}
    assert yaml.safe_load(text) == expected
    assert manifest.read(text) == [expected]
    assert "# one" in text


def test_a_change_does_not_show_what_it_puts_in():
    [one] = manifest.parse_any("a: x\n").scalars
    for change in (one.replace(SENTINEL), one.replace([SENTINEL])):
        assert SENTINEL not in repr(change)


def test_what_cannot_be_changed():
    parsed = manifest.parse("kind: A\nx: [a]\n")
    with pytest.raises(manifest.ManifestError) as caught:
        parsed.apply([scalars(parsed)["x[0]"].remove()])
    assert caught.value.kind == "not-removable"
    for edit in (manifest.Edit(0, 9, manifest.Remove()), manifest.Edit(9, 0, manifest.Json("1"))):
        with pytest.raises((manifest.ManifestError, IndexError)):
            parsed.apply([edit])
    with pytest.raises(manifest.ManifestError):
        parsed.apply([manifest.Edit(0, 1, manifest.Json("not json"))])
    with pytest.raises(TypeError, match="bytes"):
        parsed.scalars[0].replace(b"x")


def test_keep_says_what_is_kept():
    asked = []

    def keep(resource, value):
        asked.append((resource.kind, value))
        return value == "y"

    parsed = manifest.parse(SOURCE, keep=keep)
    assert [one.value for one in parsed.scalars] == ["y"]
    assert ("Secret", "it's") in asked
    with pytest.raises(ZeroDivisionError):
        manifest.parse(SOURCE, keep=lambda resource, value: 1 / 0)


def test_locate_finds_the_character_of_a_value():
    parsed = manifest.parse(SOURCE)
    one = scalars(parsed)["data.text"]
    assert SOURCE[parsed.locate(one, one.value.index("2"))] == "2"


def test_any_yaml():
    source = "# values\nimage: {tag: v1} # pinned\n---\n# nothing\n---\n- a\n"
    with pytest.raises(manifest.ManifestError) as caught:
        manifest.parse(source)
    assert caught.value.kind == "missing-kind"
    parsed = manifest.parse_any(source)
    edits = [one.replace("v2") for one in parsed.scalars]
    assert parsed.apply(edits) == source.replace("v1", '"v2"').replace("- a", '- "v2"')


def test_mistakes_have_a_place_and_no_content():
    with pytest.raises(manifest.ManifestError) as caught:
        manifest.parse("kind: A\nä: 1\nb: s3cret\nb: 2\n", strict=True)
    error = caught.value
    assert (error.kind, error.line, error.column, error.name) == ("duplicate-key", 4, 1, "b")
    assert (error.offset, error.other_offset) == (23, 13)
    with pytest.raises(manifest.ManifestError) as caught:
        manifest.parse("kind: A\nb: [s3cret\n")
    assert caught.value.kind == "syntax" and "s3cret" not in str(caught.value)


def test_reading_values():
    assert manifest.read("a: yes\n---\n# nothing\n") == [{"a": True}, None]
    assert manifest.read_one("[1, 1.5, ~, 0o7, 2001-01-01]") == [1, 1.5, None, 7, "2001-01-01"]
    with pytest.raises(manifest.ManifestError):
        manifest.read("a: [")
    assert manifest.to_json({"a": 1e21, "b": ["ä", None]}) == '{"a": 1.0e+21, "b": ["ä", null]}'


def test_sources_and_documents():
    source = "ä: 1\n---\n# b\n---\nc: 2\n"
    assert [source[one] for one in manifest.split(source)] == ["ä: 1\n", "---\n# b\n", "---\nc: 2\n"]
    assert manifest.is_blank("---\n# b\n") and not manifest.is_blank("a: 1")
    assert manifest.may_need_filling("kind: A\na: <path:a#b>\n")
    assert not manifest.may_need_filling("kind: A\na: 1\n")
    assert manifest.join(["kind: A", "kind: B\n"]) == "kind: A\n---\nkind: B\n"
    assert manifest.LineIndex(source).line_column(source.index("c")) == (5, 1)
