"""manifill.transform."""

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
