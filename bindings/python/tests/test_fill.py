"""Texts that are no manifests, read back by the programs that they are for."""

import asyncio
import json
import subprocess
import tomllib

import dotenv
import pytest
import yaml
from conftest import SENTINEL

import manifill

NASTY = [
    "plain", "two words", " around ", "  ", "", "it's", 'say "x"', "it's \"x\"", "a\\b", "a\\\\b", "\\n",
    "one\ntwo", "\nfirst\n", "tab\t", "bell\a", "$HOME", "$", "$$", "100%", "`id`", "# hash", "a #b", "! bang",
    "key=value", ": colon", "a: b", "- item", "{a}", "[a]", "true", "yes", "null", "~", "007", "0x1F", "1_000",
    "1e3", "12:30:45", "2001-01-01", ".inf", "<<", "grün €\U0001f511\u2028\x85", "'''\"\"\"", "\ufeffx", "-", "*a",
    "a?", "x" * 100_000,
]


def renderer(value):
    return manifill.Renderer(manifill.vault.Memory({"db": {"p": value}}))


def fill(value, source, format):
    return renderer(value).fill(source.replace("@", "<path:db#p>"), format=format)


@pytest.mark.parametrize("value", NASTY, ids=lambda value: ascii(value[:10]))
def test_every_reader_sees_the_value(value):
    read = yaml.safe_load(fill(value, "a: @\nb: 'x@'\nc: [\"@\", {d: @}]\ne: |\n  a\n  @\n", "yaml"))
    assert read == {"a": value, "b": f"x{value}", "c": [value, {"d": value}], "e": f"a\n{value}\n"}
    read = json.loads(fill(value, '{"a": @, "b": ["x@", 1.0]}', "json"))
    assert read == {"a": value, "b": [f"x{value}", 1.0]}
    source = "a = @\nb = 'x@'\nc = \"@\"\nd = '''\n@'''\ne = \"\"\"\n@ \\\n @ y\"\"\"\nf = [@]\n"
    read = tomllib.loads(fill(value, source, "toml"))
    assert read == {
        "a": value, "b": f"x{value}", "c": value, "d": value, "e": f"{value} {value} y", "f": [value],
    }
    assert properties(fill(value, "a=@\nb @\nc : x@\\\n   y\n", "properties")) == {
        "a": value, "b": value, "c": f"x{value}y",
    }
    assert fill(value, "<b>@</b>", "text") == f"<b>{value}</b>"


def properties(text):
    """What `java.util.Properties` reads, by its documentation."""
    lines, logical = text.encode("ascii").decode().split("\n"), []
    for line in lines:
        line = line.lstrip(" \t\f")
        if logical and logical[-1][1]:
            logical[-1] = (logical[-1][0][:-1] + line, False)
        elif line and line[0] not in "#!":
            logical.append((line, False))
        else:
            continue
        ends = len(logical[-1][0]) - len(logical[-1][0].rstrip("\\"))
        logical[-1] = (logical[-1][0], ends % 2 == 1)
    found = {}
    for line, _ in logical:
        at = 0
        while at < len(line) and line[at] not in "=: \t\f":
            at += 2 if line[at] == "\\" else 1
        rest = line[at:].lstrip(" \t\f")
        if rest[:1] in ("=", ":"):
            rest = rest[1:].lstrip(" \t\f")
        found[unescaped(line[:at])] = unescaped(rest)
    return found


def unescaped(text):
    out, at = "", 0
    while at < len(text):
        c, at = text[at], at + 1
        if c == "\\":
            c, at = text[at], at + 1
            if c == "u":
                c, at = chr(int(text[at : at + 4], 16)), at + 4
            else:
                c = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}.get(c, c)
        out += c
    return out.encode("utf-16", "surrogatepass").decode("utf-16")


@pytest.mark.parametrize("value", NASTY, ids=lambda value: ascii(value[:10]))
def test_dotenv_is_the_same_to_a_shell_and_to_python_dotenv(value, tmp_path):
    file = tmp_path / ".env"
    for source in ("A=@\n", "export A='@'\n", 'A="@" # why\n', "A=@ # why\n"):
        file.write_bytes(fill(value, f"{source}Z='z'\nY=\"y\"\n", "dotenv").encode())
        assert dotenv.dotenv_values(file) == {"A": value, "Z": "z", "Y": "y"}
        for shell in ("bash", "sh"):
            script = '. ./.env; printf %s. "$A" "$Z$Y"'
            ran = subprocess.run([shell, "-c", script], cwd=tmp_path, capture_output=True, check=True)
            assert ran.stdout == f"{value}.zy.".encode(), (shell, source)


@pytest.mark.parametrize("value", ["${HOME}", "it's $5", "it's `id`", "ends\\", "a\rb", "nul\0", b"\xff"])
def test_dotenv_refuses_what_they_would_read_differently(value):
    for source in ("A=@\n", "A='@'\n", 'A="@"\n'):
        with pytest.raises(manifill.RenderError) as caught:
            fill(value, source, "dotenv")
        assert caught.value.diagnostics[0].line == 1


def test_the_name_or_the_format_says_what_it_is():
    memory = renderer("a b")
    source = "A=<path:db#p>\n"
    assert memory.fill(source, name=".env.local") == "A='a b'\n"
    assert memory.fill(source, name="app.conf") == "A=a b\n"
    assert memory.fill(source.encode(), name="a.toml", format="properties") == "A=a b\n"
    assert asyncio.run(memory.fill_async("a: <path:db#p>", format="yaml")) == "a: a b"
    assert manifill.fill("[<path:db#p>]", format="json", renderer=memory) == '["a b"]'
    with pytest.raises(ValueError, match="one of yaml, json, dotenv, properties, toml, text"):
        memory.fill(source, format="xml")


def test_the_settings_are_those_of_the_environment(tmp_path, monkeypatch):
    (tmp_path / "data.json").write_text('{"db": {"p": "v"}}')
    monkeypatch.setenv("AVP_TYPE", "file")
    monkeypatch.setenv("MANIFILL_FILE", str(tmp_path / "data.json"))
    assert manifill.fill("a = <path:db#p>", format="toml") == 'a = "v"'


def test_no_message_holds_the_value():
    with pytest.raises(manifill.RenderError) as caught:
        fill(f"{SENTINEL} $ '", "B=1\nA=@\n", "dotenv")
    [found] = caught.value.diagnostics
    assert (found.line, found.column, found.field) == (2, 3, "A")
    assert SENTINEL not in str(caught.value) + repr(caught.value)
