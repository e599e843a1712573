"""Plans: names and places."""

import base64
import pickle

import pytest
from conftest import MANIFESTS, SENTINEL

import manifill

SOURCE = """kind: Secret
metadata: {name: s}
stringData:
  a: <path:db#user> <path:db#password#3>
  b: <op://Home/Db/code>
data:
  c: PHBhdGg6ZGIjdXNlcj4=
"""


def test_a_plan_needs_no_settings():
    plan = manifill.plan(SOURCE, name="a.yaml")
    assert [(read.backend, read.path, read.version, read.keys) for read in plan.reads] == [
        (None, "db", None, ("user",)), (None, "db", "3", ("password",)), (None, "op://Home/Db", None, ("code",)),
    ]  # fmt: skip
    places = [(site.file, site.line, site.column, site.field, site.base64) for site in plan]
    assert places == [
        ("a.yaml", 4, 6, "stringData.a", False), ("a.yaml", 5, 6, "stringData.b", False), ("a.yaml", 7, 6, "data.c", True),
    ]  # fmt: skip
    assert plan[0].resource == "Secret/s" and plan[0].wants == ((0, "user"), (1, "password"))
    assert (plan.document_count, plan.placeholder_count, len(plan), plan.warnings) == (1, 4, 3, ())
    assert pickle.loads(pickle.dumps(plan)).fields == plan.fields


def test_a_plan_shows_itself_as_a_table():
    plan = manifill.plan("kind: A\nb: <path:a&b#k>\n", name="<x>")
    table = plan._repr_html_()
    assert table.startswith("<table>") and "<td>a&amp;b</td>" in table
    assert "<td>&lt;x&gt;:2:4</td>" in table and "<x>" not in table
    assert str(plan).splitlines()[-1] == "1 secret for 1 placeholder in 1 document"
    assert str(manifill.plan("kind: A\n---\nkind: B\n")) == "0 secrets for 0 placeholders in 2 documents"
    assert manifill.plan("kind: A\n") and not list(manifill.plan("kind: A\n"))


def test_a_renderer_plans_with_its_backends(memory):
    assert memory.plan(SOURCE.replace("op://Home/Db/code", "path:x#y")).reads[0].backend == "python"
    with pytest.raises(manifill.RenderError, match="no backend of type `1passwordconnect`"):
        memory.plan(SOURCE)
    renderer = manifill.Renderer.from_config(MANIFESTS / "homelab" / "manifill.yaml")
    plan = renderer.plan_files([MANIFESTS / "homelab"], exclude=["forgejo/**"])
    assert {read.backend for read in plan.reads} == {"homelab", "shared"}
    assert not any("forgejo/" in site.file for site in plan)


def test_a_place_in_a_chart_names_its_file():
    source = "---\n# Source: app/templates/a.yaml\nkind: A\na: <path:a#k>\n---\nkind: B\nb: <path:a#k>\n"
    assert [site.rendered_from for site in manifill.plan(source)] == ["app/templates/a.yaml", None]


def test_a_plan_reads_nothing():
    class Refusing:
        def read(self, request):
            raise AssertionError(SENTINEL)

    assert manifill.Renderer(Refusing()).plan("kind: A\nb: <path:a#k>\n").placeholder_count == 1


def test_every_mistake_is_found():
    with pytest.raises(manifill.RenderError) as caught:
        manifill.plan("kind: A\na: <path:b>\nb: <path:c#d | no>\n")
    assert [one.line for one in caught.value.diagnostics] == [2, 3]
    assert manifill.plan("kind: A\na: <path:b>\n", allow_unresolved=True).placeholder_count == 0
    assert manifill.plan("kind: A\na: '%3Cpath:b%23c%3E'\n", escaped=True).placeholder_count == 1
    with pytest.raises(manifill.RenderError):
        manifill.plan("kind: A\na: 1\na: 2\n", strict=True)


def test_what_only_base64_names_is_hidden():
    data = base64.b64encode(b"A<correct horse battery staple>B <path:v#user>").decode()
    source = f"kind: Secret\nmetadata: {{annotations: {{avp.kubernetes.io/path: v}}}}\ndata: {{a: {data}}}\n"
    plan = manifill.plan(source)
    assert [key for _, key in plan.fields[0].wants] == ["‹…›", "user"]
    assert plan.reads[0].keys == ("user", "‹…›")
    assert "horse" not in f"{plan!r} {plan} {plan._repr_html_()}"
