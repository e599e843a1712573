"""The public names: each of them is documented and used by a test."""

import inspect
import re
from pathlib import Path

import pytest
from conftest import ROOT

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


#: What the Rust crates call by a name that Python has no use for, and where it is instead: a name
#: below `manifill`, perhaps with one of its parameters.
ELSEWHERE = {
    # Options, settings and the parts of a run are arguments.
    "Backends": "Renderer(backends)",
    "Grammar": "placeholder.scan(annotated)",
    "Format": "Renderer.fill(format)",
    "Input": "Renderer.render(name)",
    "KeyNames": "vault.SecretRequest(keys)",
    "Keys": "vault.SecretRequest(keys)",
    "Options": "Renderer(strict)",
    "KeyLocation": "transform.run(backend)",
    "Origin": "Renderer.from_config",
    "ParseOptions": "manifest.parse(strict)",
    "RepeatedKey": "manifest.parse(strict)",
    "App": "Renderer.from_config(project)",
    "Policy": "Renderer.from_config",
    "Purpose": "Renderer.from_config",
    "Rule": "Renderer.from_config",
    "Rules": "Renderer(path_validation)",
    "RunContext": "Renderer(timeout)",
    "SecretPath": "vault.SecretRequest(path)",
    "Settings": "Renderer(settings)",
    "Config": "Renderer.from_config",
    "DigestKey": "Renderer.from_env",
    "Sources": "Renderer.from_env",
    # What a guard lets pass is an argument, and it refuses objects with mock values, too.
    "AllowedField": "guard(allow)",
    "Guard": "guard(allow)",
    "Guarded": "guard",
    # So is what a check looks for.
    "Check": "Renderer.check",
    "Depth": "Renderer.check(depth)",
    "FoundValue": "KeyReport(type)",
    "SizeClass": "KeyReport(size)",
    "NotAField": "guard(allow)",
    "refuse_mocks": "guard",
    "is_blank": "guard",
    "refuse_elsewhere": "Renderer.check(only_kinds)",
    # What plans, fetches and fills is one call, and files are arguments.
    "Answers": "Renderer.render",
    "Rendered": "Renderer.render",
    "Stats": "Renderer.render",
    "inputs": "Renderer.render_files",
    "policy": "Renderer.from_config",
    # Kinds are words, and places are attributes.
    "DiagnosticKind": "errors.KINDS",
    "ManifestErrorKind": "errors.ManifestError(kind)",
    "Modifier": "placeholder.Modifier",
    "Argument": "placeholder.Modifier(arguments)",
    "ModifierKind": "placeholder.Modifier(name)",
    "DeriveForm": "placeholder.Modifier(arguments)",
    "OpQuery": "placeholder.OpReference(query)",
    "PathRuleErrorKind": "errors.PathRuleError(kind)",
    "PlaceholderErrorKind": "errors.PlaceholderError(kind)",
    "Position": "errors.ConfigError(line)",
    "Severity": "Diagnostic(severity)",
    "TransformErrorKind": "errors.TransformError(kind)",
    "VaultErrorKind": "errors.KINDS",
    # Spans are slices, iterators lists, and values Python objects.
    "Exposed": "vault.SecretValue.expose",
    "Scan": "placeholder.scan",
    "ScanEscaped": "placeholder.scan_escaped",
    "Span": "placeholder.Part(span)",
    "Value": "manifest.read",
    "Report": "RenderError",
    "ReportPart": "RenderError",
    # The exceptions of settings and rules.
    "ConfigErrors": "ConfigurationError",
    "JsonPathError": "TransformError",
    "RuleError": "PermissionDeniedError",
    # Modules that are part of the one above them.
    "backend": "vault.backends",
    "escaped": "placeholder.scan_escaped",
    "settings": "vault.Setting",
    "vault": "vault.backends",
    "Required": "vault.Setting(required)",
    # The list of backends.
    "BACKENDS": "vault.backends",
    "by_name": "vault.backends",
    "parse_bool": "vault.Setting",
    "claiming": "vault.backends",
    # The list of modifiers.
    "MODIFIERS": "placeholder.MODIFIERS",
    "ModifierSpec": "placeholder.ModifierSpec",
}

#: What only a backend in Rust needs, what the crates lend each other to word their messages, and
#: what spares a program memory that edits very many documents.
ONLY_IN_RUST = {
    "suite", "http", "Connect", "contents", "is_showable", "alias_of", "known_as",
    "ConnectContext", "hint", "printable", "near_names", "near_backends", "push_quoted", "push_escaped", "files", "Confines", "Room",
    "ScalarIndex", "NewEntry", "NewValue", "set_entries", "add_items", "read_objects", "read_within", "read_one_within", "Step", "Editor", "TextEdits", "AnnotationRules", "annotation_rules", "OPENERS", "transport", "guide",
    "encoded", "buried", "layered", "Telltales", "is_name", "Stray", "StrayPlace",
    "Finding", "Findings", "LeftIn", "LeftInKind", "find_left_in", "FieldPath", "Inspection",
    # What a server shares between apps.
    "SharedBackends", "Sharing", "Traffic", "AppFiles", "NoAppFile", "ServerSettings", "Door",
}

RUST = {
    "placeholder/src/lib.rs": manifill.placeholder,
    "placeholder/src/escaped.rs": manifill.placeholder,
    "manifest/src/lib.rs": manifill.manifest,
    "vault/src/lib.rs": manifill.vault,
    "vault/src/settings/mod.rs": manifill.vault,
    "vault/src/backend/mod.rs": manifill.vault,
    "manifill/src/lib.rs": manifill,
    "check/src/lib.rs": manifill,
    "manifill/src/policy/mod.rs": manifill.placeholder,
    "manifill/src/settings/mod.rs": manifill.errors,
    "manifill/src/transform/mod.rs": manifill.transform,
}


def names_in_rust(path):
    source = (ROOT / "crates" / path).read_text()
    for used in re.findall(r"^pub use (.*?);", source, re.M | re.S):
        for one in re.findall(r"[^{},]+", used):
            yield from re.findall(r"(\w+)\s*$", one)
    # Backends are made by their settings; memory and file stand for themselves.
    kinds = "fn|struct|enum|trait|type|static" if path.endswith("backend/mod.rs") else r"\w+"
    yield from re.findall(rf"^pub (?!use\b)(?:{kinds}) (\w+)", source, re.M)


@pytest.mark.parametrize("path", RUST)
def test_every_name_of_the_rust_crates_has_its_twin(path):
    names = set(names_in_rust(path)) - ONLY_IN_RUST
    assert len(names) > 1
    for name in names:
        if hasattr(RUST[path], name) or hasattr(manifill.errors, name) or hasattr(manifill.manifest, name):
            continue
        where, _, parameter = ELSEWHERE[name].rstrip(")").partition("(")
        found = manifill
        for part in where.split("."):
            found = getattr(found, part)
        assert not parameter or parameter in inspect.signature(found).parameters, name


def test_the_options_are_those_of_the_command_line():
    source = (ROOT / "crates" / "cli" / "src" / "args.rs").read_text()
    flags = re.findall(r"#\[arg\([^\]]*\blong\b[^\]]*\)\]\s*pub\(crate\) (\w+): (\S+),", source)
    # The first argument of `from_config`, what AVP accepts and nobody needs, and what belongs to
    # a program that prints.
    apart = {"config_path", "verbose_sensitive_output", "stats", "markdown"}
    apart |= {"allow_empty", "report"}
    # They are words of one argument.
    apart |= {"offline", "exists", "readable"}
    # Mock values are a call of their own.
    apart |= {"mock"}
    apart |= {"data", "port", "fault", "latency", "quiet", "verbose", "format", "messages", "filename"}
    options = {
        name: parameter
        for call in (manifill.Renderer.from_env, manifill.Renderer.render_files, manifill.Renderer.check)
        for name, parameter in inspect.signature(call).parameters.items()
    }
    defaults = {"bool": False, "Option<String>": None, "Vec<String>": (), "Vec<AllowedField>": ()}
    found = {name: kind for name, kind in flags if name not in apart}
    assert len(found) >= 9
    for name, kind in found.items():
        assert options[name].kind is inspect.Parameter.KEYWORD_ONLY, name
        assert options[name].default == defaults[kind], name
