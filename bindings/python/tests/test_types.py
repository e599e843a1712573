"""What calls return: objects of the public classes, and words that the public types name."""

import re
from typing import get_args

from conftest import ROOT

import manifill
from manifill import manifest, placeholder, report, vault


def test_placeholders():
    text = "<key | trim> <path:a#b> <op://v/i/f>"
    found = placeholder.scan(text, annotated=True)
    assert all(isinstance(one, placeholder.Placeholder) for one in found)
    assert {type(one.alternatives[0]) for one in found} == set(get_args(placeholder.Reference))
    assert isinstance(found[0].modifiers[0], placeholder.Modifier)
    assert isinstance(found[0].alternatives[0].key, placeholder.Part)
    assert all(isinstance(one, placeholder.ModifierSpec) for one in placeholder.MODIFIERS)
    [(_, how)] = placeholder.scan_escaped("%3Cpath:a%23b%3E")
    assert how in get_args(placeholder.Escape)


def test_manifests():
    source = (
        "kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: x, o: 1}}\n"
        "b: \"1\"\nc: '2'\nd:\n- |-\n  3\n- >-\n  4\n"
    )
    parsed = manifest.parse(source)
    assert isinstance(parsed, manifest.Manifest)
    [document] = parsed.documents
    assert isinstance(document, manifest.Document)
    assert all(isinstance(one, manifest.Scalar) for one in document.scalars)
    assert {one.style for one in document.scalars} == set(get_args(manifest.Style))
    root = manifest.parse_any("text").scalars
    found = {one.removable for one in [*root, *document.scalars]}
    assert found == set(get_args(manifest.Removable))
    [resource] = document.resources
    assert isinstance(resource, manifest.Resource)
    assert isinstance(resource.annotations[0], manifest.Annotation)
    assert isinstance(resource.odd_annotations[0], manifest.OddAnnotation)
    scalar = document.scalars[0]
    edits = [scalar.replace("x"), scalar.replace(1), scalar.remove()]
    assert all(isinstance(one, manifest.Edit) for one in edits)
    assert isinstance(edits[0].change[0], manifest.TextEdit)
    assert set(map(type, (edits[1].change, edits[2].change))) == {manifest.Json, manifest.Remove}
    assert {tuple[manifest.TextEdit, ...], manifest.Json, manifest.Remove} == set(
        get_args(manifest.Replacement)
    )


def test_plans_and_diagnostics():
    plan = manifill.plan("kind: A\na: <path:b#c>\n")
    assert isinstance(plan, manifill.Plan)
    assert isinstance(plan.reads[0], manifill.ReadReport)
    assert isinstance(plan[0], manifill.FieldReport)
    try:
        manifill.plan("kind: A\na: <path:b>\n")
    except manifill.RenderError as error:
        assert isinstance(error.diagnostics[0], manifill.Diagnostic)
    # Their words are those of the engine; `KINDS` has those of backends, too.
    words = re.findall(r'DiagnosticKind::\w+ => "([a-z-]+)"', (ROOT / "crates/manifill/src/diagnostic.rs").read_text())
    assert list(get_args(report.DiagnosticKind)) == words


def test_vaults():
    secret = vault.read("a", vault.Memory({"a": {"b": 1}}))
    assert isinstance(secret, vault.Secret) and isinstance(secret["b"], vault.SecretValue)
    for info in vault.backends():
        assert isinstance(info, vault.BackendInfo)
        assert all(isinstance(one, vault.Setting) for one in info.settings)
        assert all(one.settable in get_args(vault.Class) for one in info.settings)
    for one in (manifill.NotFoundError, manifill.AmbiguousError, manifill.AuthenticationError,
                manifill.PermissionDeniedError, manifill.BackendUnavailableError, manifill.PathError):  # fmt: skip
        assert issubclass(one, vault.VaultError)
