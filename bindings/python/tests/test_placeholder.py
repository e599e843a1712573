"""manifill.placeholder."""

import pytest

import manifill
from manifill import placeholder
from manifill.placeholder import KeyReference, OpReference, PathReference


def test_every_part_knows_where_it_stands():
    text = 'ä €<path: vaults/P/items/Ü # user #3 | default "g" | indent 2 | jsonPath {.a}>𝄞'
    [found] = placeholder.scan(text)
    assert text[found.span] == text[3:-1]
    [reference] = found.alternatives
    assert isinstance(reference, PathReference)
    for part in (reference.path, reference.key, reference.version):
        assert text[part.span] == part.text
    assert (reference.path.text, reference.version.text) == ("vaults/P/items/Ü", "3")
    assert text[reference.span] == "vaults/P/items/Ü # user #3"
    assert found.label.startswith(found.head + " | ") and found.head.endswith("#3")
    assert [(one.name, one.arguments) for one in found.modifiers] == [
        ("default", ("g",)), ("indent", (2,)), ("jsonPath", ("{.a}",)),
    ]  # fmt: skip
    assert text[found.modifiers[1].span] == "indent 2"
    assert found.default == "g"
    assert '"g"' not in repr(found) + repr(found.modifiers) + found.label


def test_spans_are_right_far_into_a_text():
    text = "é<path:a#b>" * 500
    assert [text[one.span] for one in placeholder.scan(text)] == ["<path:a#b>"] * 500


def test_generic_placeholders_need_the_annotation():
    text = "<user> and <b c>"
    assert placeholder.scan(text) == []
    found = placeholder.scan(text, annotated=True)
    assert [one.alternatives[0].key.text for one in found] == ["user", "b c"]
    assert isinstance(found[0].alternatives[0], KeyReference)
    assert [text[one.alternatives[0].span] for one in found] == ["user", "b c"]
    assert len(placeholder.scan(text, annotated=True, strict=True)) == 1


def test_references_of_1password():
    text = "<op://home!Prod/Db/admin/code?attribute=otp || path:a#b>"
    op, path = placeholder.parse(text).alternatives
    assert isinstance(op, OpReference) and isinstance(path, PathReference)
    assert text[op.span] == "op://home!Prod/Db/admin/code?attribute=otp"
    names = [part.text for part in (op.backend, op.vault, op.item, op.section, op.field)]
    assert names == ["home", "Prod", "Db", "admin", "code"]
    assert (op.query, op.path, op.key) == ("attribute=otp", "op://Prod/Db", "admin/code?attribute=otp")


def test_mistakes_are_raised_or_returned():
    text = "ü <path:a#b | trimm> <path:c#d>"
    with pytest.raises(placeholder.PlaceholderError) as caught:
        placeholder.scan(text)
    error = caught.value
    assert (error.kind, text[error.span]) == ("unknown-modifier", "trimm")
    assert error.hint == "did you mean `trim`?"
    assert (error.summary, error.survives, error.is_escaped) == ("invalid modifier", False, False)
    first, second = placeholder.scan(text, errors="return")
    assert isinstance(first, placeholder.PlaceholderError)
    assert second.label == "path:c#d"
    with pytest.raises(placeholder.PlaceholderError) as caught:
        placeholder.parse("x <path:a#b>")
    assert caught.value.kind == "not-one"


def test_escaped_placeholders():
    text = r'{"ä": "\u003cpath:a#b\u003e"} %3Cpath:c%23d%3E &lt;path:e#f&gt;'
    found = placeholder.scan_escaped(text)
    assert [(text[one.span], how) for one, how in found] == [
        (r"\u003cpath:a#b\u003e", "json"), ("%3Cpath:c%23d%3E", "percent"), ("&lt;path:e#f&gt;", "html"),
    ]  # fmt: skip
    assert [placeholder.escape(how, 'a<"') for _, how in found] == [
        r"a\u003c\"", "a%3C%22", "a&lt;&quot;",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="`xml` is not an escape"):
        placeholder.escape("xml", "a")


def test_may_contain_and_unclosed_opener():
    assert not placeholder.may_contain("a > b")
    assert placeholder.may_contain("<a>")
    assert placeholder.unclosed_opener("ä <path:a") == 2
    assert placeholder.unclosed_opener("ä <a") is None
    assert placeholder.unclosed_opener("ä <a", annotated=True) == 2


def test_base64():
    assert placeholder.decode_text("PGE+\nPGI+") == "<a><b>"
    assert placeholder.decode_text("//8=") is None
    assert placeholder.decode_bytes("//8=") == b"\xff\xff"
    assert placeholder.decode_bytes("?") is None
    assert placeholder.is_base64("pass") and not placeholder.is_base64("p@ss")
    assert placeholder.encode(b"\xff\xff") == "//8="


def test_paths():
    assert placeholder.split_backend("shared!common/db") == ("shared", "common/db")
    assert placeholder.split_backend("Wow!/db") == (None, "Wow!/db")
    placeholder.refuse_odd_segments("op://a/b")
    with pytest.raises(placeholder.PathRuleError) as caught:
        placeholder.refuse_odd_segments("a/../b")
    assert caught.value.kind == "odd-segment" and caught.value.hint
    rules = placeholder.PathRules(["^vaults/Prod/"])
    rules.check("vaults/Prod/items/Db")
    with pytest.raises(placeholder.PathRuleError) as caught:
        rules.check("vaults/Test/items/Db")
    assert caught.value.kind == "disallowed"
    with pytest.raises(placeholder.PathRuleError) as caught:
        placeholder.PathRules(["("])
    assert caught.value.kind == "invalid-expression"


def test_patterns():
    assert placeholder.Glob("team-*").matches("team-a") and not placeholder.Glob("team-*").matches("team-a/b")
    glob = placeholder.PathGlob("home!vaults/**")
    assert glob.backend == "home" and glob.matches("vaults/a/b") and not glob.matches("a/vaults/b")


def test_modifiers_are_listed():
    names = [one.name for one in placeholder.MODIFIERS]
    assert {"base64encode", "jsonPath", "default", "bcrypt"} <= set(names)
    assert all(one.summary for one in placeholder.MODIFIERS)
    assert placeholder.parse(f"<path:a#b | derive x {placeholder.MAX_DERIVED}>")
    with pytest.raises(placeholder.PlaceholderError):
        placeholder.parse(f"<path:a#b | derive x {placeholder.MAX_DERIVED + 1}>")
    assert placeholder.parse(f"<path:a#b | indent {placeholder.MAX_INDENT}>")
    with pytest.raises(placeholder.PlaceholderError):
        placeholder.parse(f"<path:a#b | indent {placeholder.MAX_INDENT + 1}>")


def test_a_placeholder_has_only_so_many_modifiers():
    text = "<path:a#b" + " | trim" * placeholder.MAX_MODIFIERS + ">"
    assert len(placeholder.parse(text).modifiers) == placeholder.MAX_MODIFIERS
    with pytest.raises(placeholder.PlaceholderError, match="more than 16 modifiers"):
        placeholder.parse(text.replace(">", " | trim>"))
