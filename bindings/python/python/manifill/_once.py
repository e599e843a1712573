"""What takes one call, without a renderer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from manifill import _native
from manifill._arguments import checked
from manifill._given import Shared, Texts, look_for
from manifill._native import Secret
from manifill._request import VaultBackend
from manifill._told import about_file_names, noted
from manifill.errors import RenderError
from manifill.renderer import Renderer
from manifill.report import Checked, Plan


@checked
def plan(
    source: str | bytes,
    *,
    name: str = "-",
    strict: bool = False,
    escaped: bool = False,
    allow_unresolved: bool = False,
) -> Plan:
    """What a source would read, without settings: every path is taken as it is written.

    >>> [read.path for read in plan("kind: A\\nuser: <path:db#user>\\n").reads]
    ['db']
    """
    try:
        return _native.plan([(name, source)], strict, escaped, allow_unresolved)
    except RenderError as error:
        raise about_file_names(error, {name: source}) from None


@checked
def check(
    source: str | bytes,
    *,
    name: str = "-",
    external: Texts = (),
    literals: bool = False,
    only_kinds: Texts = (),
    allow: Texts = (),
    strict: bool = False,
    escaped: bool = False,
    allow_unresolved: bool = False,
) -> Checked:
    """Looks at manifests before they are filled, offline and without settings: every path is taken
    as it is written. `Renderer.check` also sees whether what they want is there.

    >>> check("kind: Secret\\nmetadata: {name: a}\\nstringData: {token: abc}\\n", literals=True)
    Traceback (most recent call last):
        ...
    manifill.errors.RenderError: -:3:21: a value is written out where a placeholder is expected
      Secret/a  stringData.token
      hint: keep it in a vault and write a placeholder; if it is no secret: --allow \
'Secret/a:stringData.token'
    """
    look = look_for("offline", external, literals, only_kinds, allow)
    try:
        return noted(
            _native.check_offline((name, source), look, strict, escaped, allow_unresolved)
        )
    except RenderError as error:
        raise about_file_names(error, {name: source}) from None


@checked
def mock(
    source: str | bytes,
    *,
    name: str = "-",
    strict: bool = False,
    escaped: bool = False,
    allow_unresolved: bool = False,
) -> str:
    """Fills a source with mock values, without settings: every path is taken as it is written; see
    `Renderer.mock`.

    >>> print(mock("kind: A\\nspec: {replicas: <path:web#count>}\\n").splitlines()[-1])
    spec: {replicas: 1}
    """
    shared = Shared(strict, escaped, allow_unresolved, None, None, None)
    return Renderer._made(_native.Renderer.without_settings(shared)).mock(source, name=name)


@checked
def fill(
    source: str | bytes,
    *,
    format: str | None = None,
    name: str = "-",
    renderer: Renderer | None = None,
) -> str:
    """Fills a text that is no manifest, with the settings of the environment unless a renderer is
    given; see `Renderer.fill`.

    >>> import manifill
    >>> renderer = Renderer(manifill.vault.Memory({"db": {"port": 5432}}))
    >>> fill('{"port": <path:db#port>}', format="json", renderer=renderer)
    '{"port": 5432}'
    """
    return (renderer or Renderer.from_env()).fill(source, format=format, name=name)


@checked
def read(
    path: str,
    backend: str | VaultBackend,
    settings: Mapping[str, str] | None = None,
    *,
    keys: str | Iterable[str] | None = None,
) -> Secret:
    """Reads what is at a path, without a renderer.

    >>> from manifill import vault
    >>> secret = vault.read("db", vault.Memory({"db": {"user": "svc"}}))
    >>> secret
    Secret(['user'])
    >>> secret.expose("user")
    'svc'
    """
    return Renderer(backend, settings).read(path, keys=keys)
