"""Mock values: without a vault, the same in every run, and refused before a cluster."""

import pytest
from conftest import MANIFESTS, SENTINEL

import manifill

SOURCE = "kind: Secret # mine\nmetadata: {name: s}\nstringData: {a: <path:db#user>}\n"


class Refusing:
    def read(self, request):
        raise AssertionError(SENTINEL)


def test_a_mock_asks_no_vault_and_is_marked():
    text = manifill.Renderer(Refusing()).mock(SOURCE)
    assert text == manifill.mock(SOURCE) == manifill.Renderer(Refusing()).mock(SOURCE.encode())
    [secret] = manifill.manifest.read(text)
    assert secret["metadata"]["annotations"] == {"manifill.dev/mock": "true"}
    assert len(secret["stringData"]["a"]) == 32
    assert text.startswith("kind: Secret # mine\n")
    with pytest.raises(manifill.RenderError, match="mock values"):
        manifill.guard(text)
    assert manifill.mock("kind: A\n") == "kind: A\n"


def test_files_are_filled_with_mock_values():
    renderer = manifill.Renderer.from_config(MANIFESTS / "homelab" / "manifill.yaml")
    mocked = dict(renderer.mock_files([MANIFESTS / "homelab"], exclude=["forgejo/**"]))
    filled = dict(renderer.render_files([MANIFESTS / "homelab"], exclude=["forgejo/**"]))
    assert mocked.keys() == filled.keys() and mocked != filled
    assert not any("fake-" in text for text in mocked.values())
    with pytest.raises(manifill.RenderError, match="no manifest"):
        renderer.mock("# nothing\n", fail_on_empty=True)


def test_a_wrong_placeholder_is_told_as_by_a_plan():
    source = "kind: A\na: <path:b>\nb: <path:c#d | no>\n"
    told = []
    for call in (manifill.plan, manifill.mock):
        with pytest.raises(manifill.RenderError) as caught:
            call(source, name="a.yaml")
        told.append([(one.line, one.message, one.hint) for one in caught.value.diagnostics])
    assert told[0] == told[1] and len(told[0]) == 2
    assert manifill.mock("kind: A\na: <path:b>\n", allow_unresolved=True) == "kind: A\na: <path:b>\n"


def test_under_argo_cd_it_is_an_error(monkeypatch):
    renderer = manifill.Renderer(Refusing())
    monkeypatch.setenv("ARGOCD_APP_NAME", "web")
    for call in (manifill.mock, renderer.mock, lambda source: renderer.mock_files([])):
        with pytest.raises(manifill.RenderError, match="not for a cluster"):
            call(SOURCE)
