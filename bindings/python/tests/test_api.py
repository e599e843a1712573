"""The public names: each of them is documented and used by a test."""

import inspect
import re
from pathlib import Path

import pytest

import manifill

MODULES = (manifill, manifill.placeholder, manifill.manifest, manifill.transform, manifill.vault)
TESTS = "".join(
    path.read_text() for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__)
)


def public():
    for module in MODULES:
        for name in module.__all__:
            yield module.__name__, name, getattr(module, name)
    for name, member in inspect.getmembers(manifill.Renderer):
        if not name.startswith("_"):
            yield "Renderer", name, member


@pytest.mark.parametrize(("where", "name"), [(where, name) for where, name, _ in public()])
def test_every_name_is_used_by_a_test(where, name):
    assert re.search(rf"\b{re.escape(name)}\b", TESTS), f"{where}.{name}"


def test_every_name_is_documented():
    for where, name, member in public():
        if inspect.isclass(member) or inspect.isroutine(member):
            assert inspect.getdoc(member), f"{where}.{name}"


def test_the_modules_say_what_they_are_for():
    for module in MODULES:
        assert module.__doc__ and ">>>" in module.__doc__, module.__name__
