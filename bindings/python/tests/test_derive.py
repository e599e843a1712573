"""`derive`, against an implementation of its own: Python's `hmac` and nothing of manifill's."""

import base64
import hashlib
import hmac
import json
import string
import uuid

import pytest

import manifill
from conftest import ROOT
from manifill import transform

VECTORS = json.loads((ROOT / "crates/manifill/tests/derive/vectors.json").read_text())
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase


def stream(root, form, label, length):
    """HKDF with SHA-256 and an empty salt (RFC 5869)."""
    info = b"manifill/derive/1\0" + form.encode() + b"\0" + label.encode()
    key = hmac.digest(bytes(32), root, hashlib.sha256)
    block, output = b"", b""
    for number in range(1, 256):
        block = hmac.digest(key, block + info + bytes([number]), hashlib.sha256)
        output += block
    return output[:length]


def derived(root, label, number, form):
    if form == "alnum":
        kept = [byte for byte in stream(root, form, label, 8160) if byte < 248]
        return "".join(ALPHABET[byte % 62] for byte in kept[:number])
    if form == "hex":
        return stream(root, form, label, 512).hex()[:number]
    if form == "base64":
        return base64.b64encode(stream(root, form, label, number)).decode()
    return str(uuid.UUID(bytes=stream(root, form, label, 16), version=4))


def root_of(vector):
    byte, _, times = vector["root"].partition("*")
    return bytes.fromhex(byte) * int(times or 1)


def modifiers(vector):
    label = vector["label"].replace('"', '\\"').replace("<", r"\u003c").replace(">", r"\u003e")
    return f'derive "{label}" {vector["number"] or ""} {vector["form"]}'


@pytest.mark.parametrize("vector", VECTORS)
def test_the_frozen_vectors_are_those_of_hkdf(vector):
    root = root_of(vector)
    expected = derived(root, vector["label"], vector["number"], vector["form"])
    assert expected == vector["derived"]
    assert transform.run(root, modifiers(vector)).expose() == expected


def test_a_modifier_has_its_arguments_in_their_order():
    text = "<path:a#b | derive 'x' 8 hex | derive y uuid | derive z 3>"
    found = manifill.placeholder.parse(text)
    assert [(one.name, one.arguments) for one in found.modifiers] == [
        ("derive", ("x", 8, "hex")),
        ("derive", ("y", "uuid")),
        ("derive", ("z", 3)),
    ]
    spec = next(one for one in manifill.placeholder.MODIFIERS if one.name == "derive")
    assert spec.arguments == '"LABEL" [N] [FORM]'


def test_a_short_root_is_an_error_without_it():
    with pytest.raises(manifill.TransformError, match="shorter than 16 bytes") as caught:
        transform.run("short sentinel", "derive x 8")
    assert caught.value.kind == "derive-root"
    assert "sentinel" not in str(caught.value)
