"""Arguments of a wrong type: what is wanted is said in the words of the signature."""

import asyncio
import inspect
import io
import re
from pathlib import Path

import pytest

import manifill
from manifill import manifest, placeholder, transform, vault

MODULES = (manifill, placeholder, manifest, transform, vault)
MEMORY = vault.Memory({"db": {"user": "svc"}})
RENDERER = manifill.Renderer(MEMORY)
PARSED = manifest.parse("kind: A\na: b\n")
[SCALAR] = (one for one in PARSED.scalars if one.field == "a")

#: An object for each class whose methods take arguments.
OBJECTS = (
    RENDERER, PARSED, SCALAR, SCALAR.resource, vault.Secret({"a": 1}), placeholder.Glob("a"),
    placeholder.PathGlob("a"), placeholder.PathRules(["a"]), manifest.LineIndex("a"),
)  # fmt: skip

#: What is made by calls and not by programs; and what any object is good for.
MADE = {
    "Annotation", "OddAnnotation", "Resource", "Edit", "Remove", "Scalar", "Document", "Manifest",
    "Part", "PathReference", "KeyReference", "OpReference", "Modifier", "ModifierSpec",
    "Placeholder", "Diagnostic", "Plan", "ReadReport", "FieldReport", "KeyReport", "Checked", "Place",
    "BackendInfo", "Setting",
}  # fmt: skip
ANYTHING = {
    ("Secret", "default"), ("SecretValue", "value"), ("to_json", "value"), ("run", "value"),
    ("text_of", "value"), ("typed_json", "value"), ("replace", "value"), ("get", "default"),
}  # fmt: skip


def calls():
    """Every public function, class and method that takes arguments."""
    for module in MODULES:
        for name in module.__all__:
            one = getattr(module, name)
            if name in MADE or not callable(one) or getattr(one, "_is_protocol", False):
                continue
            if isinstance(one, type) and issubclass(one, Exception):
                continue
            if hasattr(one, "__origin__") or not one.__module__.startswith(("manifill", "builtins")):
                continue
            yield name, one
    for one in OBJECTS:
        for name, method in inspect.getmembers(one, callable):
            if not name.startswith("_") and not isinstance(method, type):
                yield name, method


def parameters():
    for name, one in calls():
        for parameter in inspect.signature(one).parameters:
            if (name, parameter) not in ANYTHING:
                yield pytest.param(one, parameter, id=f"{name}-{parameter}")


#: Right values, for what has to be right beside the wrong one.
RIGHT = {
    "source": "kind: A", "sources": {"a": "kind: A"}, "paths": [], "path": "db", "text": "<a>",
    "how": "json", "value": "a", "modifiers": "trim", "backend": MEMORY, "edits": [], "fills": [],
    "scalar": SCALAR, "offset": 0, "name": "a", "pattern": "a", "range": slice(0, 1), "json": "1",
    "values": {"a": 1}, "secrets": {}, "expressions": [], "document": "a", "parts": [], "key": "a",
}  # fmt: skip


def call(function, wrong):
    signature = inspect.signature(function)
    positional, named = [], {}
    for name, parameter in signature.parameters.items():
        if name not in wrong and parameter.default is not parameter.empty:
            continue
        value = wrong.get(name, RIGHT.get(name))
        if parameter.kind is parameter.KEYWORD_ONLY or len(positional) < len(named):
            named[name] = value
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(value)
        else:
            named[name] = value
    result = function(*positional, **named)
    if inspect.iscoroutine(result):
        asyncio.run(result)


@pytest.mark.parametrize(("function", "parameter"), list(parameters()))
def test_an_argument_of_another_type_is_told_with_what_is_wanted(function, parameter):
    class Odd:
        pass

    with pytest.raises((TypeError, manifill.ManifillError)) as caught:
        call(function, {parameter: Odd()})
    told = str(caught.value)
    if parameter in ("backend", "default") and "method read" in told:
        return
    assert caught.type is TypeError
    assert re.fullmatch(rf"{parameter} must be [\w .,'\-\\]+, not Odd", told), told


SOURCE = "source must be str or bytes, not "
FILES = "; render_files() takes paths"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: RENDERER.render(Path("x")), f"{SOURCE}PosixPath{FILES}"),
        (lambda: asyncio.run(RENDERER.render_async(Path("x"))), f"{SOURCE}PosixPath; render_files_async() takes paths"),
        (lambda: RENDERER.render_documents(Path("x")), f"{SOURCE}PosixPath{FILES}"),
        (lambda: RENDERER.plan(Path("x")), f"{SOURCE}PosixPath; plan_files() takes paths"),
        (lambda: manifill.plan(Path("x")), f"{SOURCE}PosixPath; plan_files() takes paths"),
        (lambda: RENDERER.render(io.StringIO("x")), f"{SOURCE}StringIO; pass what its read() returns"),
        (lambda: RENDERER.render({"kind": "A"}), f"{SOURCE}dict"),
        (lambda: RENDERER.render(None), f"{SOURCE}NoneType"),
        (lambda: RENDERER.render("kind: A", name=Path("x")), "name must be str, not PosixPath"),
        (lambda: RENDERER.render_many({"a": Path("x")}), "sources['a'] must be str or bytes, not PosixPath; pass what its read_text() returns"),
        (lambda: RENDERER.render_many({1: "x"}), "a key of sources must be str, not int"),
        (lambda: RENDERER.render_many(["x"]), "sources must be a dict, not list"),
        (lambda: RENDERER.render_files("x"), "paths must be a list of str or a path, not str"),
        (lambda: RENDERER.render_files([1]), "paths[0] must be str or a path, not int"),
        (lambda: RENDERER.render_files([], exclude=1), "exclude must be str or a list of str, not int"),
        (lambda: RENDERER.read(1), "path must be str, not int"),
        (lambda: manifest.parse(Path("x")), "source must be str, not PosixPath; pass what its read_text() returns"),
        (lambda: manifill.Renderer(MEMORY, timeout="5"), "timeout must be a number or None, not str"),
        (lambda: manifill.Renderer(MEMORY, timeout=True), "timeout must be a number or None, not bool"),
        (lambda: manifill.Renderer(MEMORY, concurrency=1.5), "concurrency must be int or None, not float"),
        (lambda: manifill.Renderer(MEMORY, strict=1), "strict must be bool, not int"),
        (lambda: manifill.Renderer({"db": {}}), "a dict is no backend; wrap it: manifill.vault.Memory({...})"),
        (lambda: manifill.Renderer(MEMORY, backends={"b": {"db": {}}}), "a dict is no backend; wrap it: manifill.vault.Memory({...})"),
        (lambda: manifill.Renderer(vault.Memory), "a backend in Python has a method read(request), type has none; pass an object: Memory(...)"),
        (lambda: manifill.Renderer(MEMORY, backends={"b": ("file",)}), "a backend with settings must be a tuple of its type and a dict"),
        (lambda: manifill.Renderer.from_config(1), "path must be str or a path, not int"),
        (lambda: placeholder.encode("a"), "value must be bytes, not str"),
        (lambda: placeholder.Glob(1), "pattern must be str, not int"),
        (lambda: manifest.join("ab"), "parts must be a list of str, not str"),
        (lambda: vault.Memory({"db": 1}), "secrets['db'] must be a dict, not int"),
    ],
)  # fmt: skip
def test_what_people_try_first(make, told):
    with pytest.raises(TypeError) as caught:
        make()
    assert str(caught.value) == told


def test_the_read_of_a_backend_takes_the_request():
    class Short:
        def read(self):
            return {}

    class Long:
        def read(self, request, more):
            return {}

    for one in (Short(), Long()):
        with pytest.raises(TypeError, match=r"read\(\) of (Short|Long) must take one argument, the request"):
            manifill.Renderer(one)


def test_the_name_of_a_file_in_place_of_its_text():
    hint = "this looks like the name of a file; render_files() and plan_files() read files"
    tried = (
        lambda: RENDERER.render("x.yaml"),
        lambda: RENDERER.render(b"a/x.yml"),
        lambda: RENDERER.render_many({"a": "x.json"}),
        lambda: RENDERER.render_documents("x.yaml"),
        lambda: RENDERER.plan("x.yaml"),
        lambda: manifill.plan("x.yaml"),
        lambda: asyncio.run(RENDERER.render_async("x.yaml")),
    )
    for one in tried:
        with pytest.raises(manifill.RenderError) as caught:
            one()
        assert caught.value.hint == hint
    with pytest.raises(manifill.RenderError) as caught:
        RENDERER.render("a: x.yaml")
    assert caught.value.hint != hint
