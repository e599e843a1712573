"""The renderer."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from manifill import _native
from manifill._arguments import checked
from manifill._native import Secret
from manifill._reading import Reading
from manifill._request import VaultBackend
from manifill.errors import RenderError
from manifill.manifest import read as _read_values
from manifill.report import Checked, Diagnostic, Plan

_logger = logging.getLogger("manifill")

_T = TypeVar("_T")
_Paths = Iterable[str | os.PathLike[str]]
#: One text or several.
_Texts = str | Iterable[str]
#: How far a look goes.
_Depth: TypeAlias = Literal["offline", "exists", "readable"]
#: A backend: one in Python, the name of a type that needs no settings, or a type with settings.
BackendSpec: TypeAlias = VaultBackend | str | tuple[str, Mapping[str, str]]


class Renderer:
    """Renders manifests: plans, reads and fills.

    It keeps backends, rules and options, and no secret: every call reads anew. Several threads may
    use one renderer; they do not wait for each other.

    >>> import manifill
    >>> memory = manifill.vault.Memory({"db": {"user": "svc", "port": 5432}})
    >>> renderer = Renderer(memory)
    >>> renderer.render("kind: A # mine\\nport: <path:db#port>\\n")
    'kind: A # mine\\nport: 5432\\n'
    >>> renderer.render("kind: A\\nuser: <path:db#usr>\\n", name="a.yaml")
    Traceback (most recent call last):
        ...
    manifill.errors.RenderError: a.yaml:2:7: missing Vault value for placeholder path:db#usr: \
`db` has no key `usr`; it has `user`, `port`
      A  user
      hint: did you mean `user`?
    """

    @checked
    def __init__(
        self,
        backend: str | VaultBackend | None = None,
        settings: Mapping[str, str] | None = None,
        *,
        backends: Mapping[str, BackendSpec] | None = None,
        default: str | None = None,
        path_validation: _Texts = (),
        strict: bool = False,
        escaped: bool = False,
        allow_unresolved: bool = False,
        timeout: float | None = None,
        concurrency: int | None = None,
        max_output: int | None = None,
    ) -> None:
        """Takes a backend: a type with its settings, or an object in Python.

        `backends` adds those that placeholders choose with `name!`, and `default` names the one
        among them that is meant without. Every path must match each expression of
        `path_validation`. `strict`, `escaped` and `allow_unresolved` are the flags of the command
        line; a run takes at most `timeout` seconds (45), sends at most `concurrency` requests at a
        time to each backend (10) and writes at most `max_output` bytes (256 MiB or 16 times what it
        fills, whichever is more).
        """
        single = None if backend is None else _spec(_with_settings(backend, settings))
        if backend is None and settings is not None:
            raise TypeError("settings need the type of a backend")
        rules = _texts(path_validation)
        shared = _Shared(strict, escaped, allow_unresolved, timeout, concurrency, max_output)
        self._set(_native.Renderer.made(single, _named(backends), default, rules, shared))

    @classmethod
    @checked
    def from_config(
        cls,
        path: str | os.PathLike[str],
        *,
        project: str | None = None,
        disable_token_cache: bool = False,
        backends: Mapping[str, BackendSpec] | None = None,
        strict: bool = False,
        escaped: bool = False,
        allow_unresolved: bool = False,
        timeout: float | None = None,
        concurrency: int | None = None,
        max_output: int | None = None,
    ) -> Renderer:
        """A renderer as a settings file says: named backends, policy, limits.

        The environment has its say as on the command line. `project` is the Argo CD project whose
        policy holds. `backends` adds named ones, which the file may name in `default` and `policy`.
        """
        shared = _Shared(strict, escaped, allow_unresolved, timeout, concurrency, max_output)
        return cls._made(
            _native.Renderer.configured(
                os.fspath(path), None, project, disable_token_cache, _named(backends), shared
            )
        )

    @classmethod
    @checked
    def from_env(
        cls,
        *,
        secret_name: str | None = None,
        project: str | None = None,
        disable_token_cache: bool = False,
        backends: Mapping[str, BackendSpec] | None = None,
        strict: bool = False,
        escaped: bool = False,
        allow_unresolved: bool = False,
        timeout: float | None = None,
        concurrency: int | None = None,
        max_output: int | None = None,
    ) -> Renderer:
        """A renderer as the environment says: `AVP_TYPE` and the settings of that backend, or
        `MANIFILL_CONFIG`.

        `secret_name` is a Kubernetes Secret with settings, as `[namespace:]name`, which is read
        now; the other arguments are those of `from_config`.
        """
        shared = _Shared(strict, escaped, allow_unresolved, timeout, concurrency, max_output)
        return cls._made(
            _native.Renderer.configured(
                None, secret_name, project, disable_token_cache, _named(backends), shared
            )
        )

    @classmethod
    def _made(cls, native: _native.Renderer) -> Renderer:
        renderer = cls.__new__(cls)
        renderer._set(native)
        return renderer

    def _set(self, native: _native.Renderer) -> None:
        self._native = native
        for note in native.notes:
            _logger.info("%s", note)

    def __repr__(self) -> str:
        names, default = self._native.backends()
        return f"Renderer(backends={names}, default={default!r})"

    @property
    def backends(self) -> list[str]:
        """The names that placeholders can choose with `name!`."""
        return self._native.backends()[0]

    @property
    def default(self) -> str | None:
        """The name of the default backend."""
        return self._native.backends()[1]

    @checked
    def render(
        self, source: str | bytes, *, name: str = "-", fail_on_empty: bool = False
    ) -> str:
        """Fills the placeholders of one source; `name` stands for it in messages."""
        return self._render(source, name, fail_on_empty, None, None)

    @checked
    async def render_async(
        self, source: str | bytes, *, name: str = "-", fail_on_empty: bool = False
    ) -> str:
        """`render` in a thread; an `async` backend runs on the loop that calls this."""
        return await _in_thread(
            lambda stop, loop: self._render(source, name, fail_on_empty, stop, loop)
        )

    @checked
    def render_many(
        self, sources: Mapping[str, str | bytes], *, fail_on_empty: bool = False
    ) -> dict[str, str]:
        """Fills several sources, by their names, in one run: what they share is read once.

        Either all succeed, or `RenderError` has the findings of all.
        """
        return self._render_many(sources, fail_on_empty, None, None)

    @checked
    async def render_many_async(
        self, sources: Mapping[str, str | bytes], *, fail_on_empty: bool = False
    ) -> dict[str, str]:
        """`render_many` in a thread; see `render_async`."""
        return await _in_thread(
            lambda stop, loop: self._render_many(sources, fail_on_empty, stop, loop)
        )

    @checked
    def render_files(
        self,
        paths: _Paths,
        *,
        include: _Texts = (),
        exclude: _Texts = (),
        fail_on_empty: bool = False,
    ) -> list[tuple[Path, str]]:
        """Fills files and folders in one run, by the rules of the command line.

        Either all succeed, or `RenderError` has the findings of all. `include` and `exclude` are
        globs, seen from the folder given; `.git` and the settings' own files are no inputs.
        """
        return self._render_files(paths, include, exclude, fail_on_empty, None, None)

    @checked
    async def render_files_async(
        self,
        paths: _Paths,
        *,
        include: _Texts = (),
        exclude: _Texts = (),
        fail_on_empty: bool = False,
    ) -> list[tuple[Path, str]]:
        """`render_files` in a thread; see `render_async`."""
        return await _in_thread(
            lambda stop, loop: self._render_files(
                paths, include, exclude, fail_on_empty, stop, loop
            )
        )

    @checked
    def render_documents(
        self, source: str | bytes, *, name: str = "-", fail_on_empty: bool = False
    ) -> list[Any]:
        """Fills one source and reads its documents, with the types that Kubernetes sees.

        >>> import manifill
        >>> renderer = Renderer(manifill.vault.Memory({"db": {"port": 5432}}))
        >>> renderer.render_documents("kind: A\\nport: <path:db#port>\\non: yes\\n")
        [{'kind': 'A', 'port': 5432, 'on': True}]
        """
        return _documents(self.render(source, name=name, fail_on_empty=fail_on_empty))

    @checked
    async def render_documents_async(
        self, source: str | bytes, *, name: str = "-", fail_on_empty: bool = False
    ) -> list[Any]:
        """`render_documents` in a thread; see `render_async`."""
        return await _in_thread(
            lambda stop, loop: _documents(self._render(source, name, fail_on_empty, stop, loop))
        )

    @checked
    def fill(self, source: str | bytes, *, format: str | None = None, name: str = "-") -> str:
        """Fills the placeholders of a text that is no manifest.

        `format` is `yaml` (values of a Helm chart, for instance), `json`, `dotenv`, `properties`,
        `toml` or `text`; without it, the end of `name` says it, or it is plain text, in which nothing
        is escaped. Values are escaped for the place where they stand; one that the format cannot
        hold is a `RenderError`. Only `<path:…>` and `<op://…>` are placeholders.

        >>> import manifill
        >>> renderer = Renderer(manifill.vault.Memory({"db": {"password": "it's #1"}}))
        >>> print(renderer.fill("PASSWORD=<path:db#password> # mine", format="dotenv"))
        PASSWORD="it's #1" # mine
        """
        return self._fill(source, format, name, None, None)

    @checked
    async def fill_async(
        self, source: str | bytes, *, format: str | None = None, name: str = "-"
    ) -> str:
        """`fill` in a thread; see `render_async`."""
        return await _in_thread(
            lambda stop, loop: self._fill(source, format, name, stop, loop)
        )

    @checked
    def plan(self, source: str | bytes, *, name: str = "-") -> Plan:
        """What would be read and where the values would go, without any request."""
        try:
            return self._native.plan([(name, source)])
        except RenderError as error:
            raise _named_file(error, {name: source}) from None

    @checked
    def plan_files(
        self, paths: _Paths, *, include: _Texts = (), exclude: _Texts = ()
    ) -> Plan:
        """`plan` for files and folders."""
        return self._native.plan_files(_paths(paths), _texts(include), _texts(exclude))

    @checked
    def check(
        self,
        source: str | bytes,
        *,
        name: str = "-",
        depth: _Depth = "exists",
        external: _Texts = (),
        literals: bool = False,
        only_kinds: _Texts = (),
        allow: _Texts = (),
    ) -> Checked:
        """Looks at manifests before they are filled, or raises `RenderError` with all that is wrong.

        `depth` is "offline" (placeholders, paths, policy, references), "exists" (each item and each
        key is there) or "readable" (modifiers run and values fit, too). `external` names objects
        that something else makes, or adds keys to. With `literals` secrets that are written out in
        Secrets are errors; with `only_kinds` values in objects of other kinds, in labels and in
        annotations. `allow` names fields that may have one all the same, as `KIND/NAME:FIELD`.

        >>> import manifill
        >>> renderer = Renderer(manifill.vault.Memory({"db": {"user": "svc"}}))
        >>> renderer.check("kind: A\\nuser: <path:db#user>\\n").keys
        (KeyReport(backend='python', path='db', version=None, key='user', type='text', \
size='1 to 16 bytes'),)
        """
        look = _look(depth, external, literals, only_kinds, allow)
        return self._check(source, name, look, None, None)

    @checked
    async def check_async(
        self,
        source: str | bytes,
        *,
        name: str = "-",
        depth: _Depth = "exists",
        external: _Texts = (),
        literals: bool = False,
        only_kinds: _Texts = (),
        allow: _Texts = (),
    ) -> Checked:
        """`check` in a thread; see `render_async`."""
        look = _look(depth, external, literals, only_kinds, allow)
        return await _in_thread(lambda stop, loop: self._check(source, name, look, stop, loop))

    @checked
    def check_files(
        self,
        paths: _Paths,
        *,
        include: _Texts = (),
        exclude: _Texts = (),
        depth: _Depth = "exists",
        external: _Texts = (),
        literals: bool = False,
        only_kinds: _Texts = (),
        allow: _Texts = (),
    ) -> Checked:
        """`check` for files and folders, all of them together."""
        look = _look(depth, external, literals, only_kinds, allow)
        return self._check_files(paths, include, exclude, look, None, None)

    @checked
    async def check_files_async(
        self,
        paths: _Paths,
        *,
        include: _Texts = (),
        exclude: _Texts = (),
        depth: _Depth = "exists",
        external: _Texts = (),
        literals: bool = False,
        only_kinds: _Texts = (),
        allow: _Texts = (),
    ) -> Checked:
        """`check_files` in a thread; see `render_async`."""
        look = _look(depth, external, literals, only_kinds, allow)
        return await _in_thread(
            lambda stop, loop: self._check_files(paths, include, exclude, look, stop, loop)
        )

    @checked
    def mock(
        self, source: str | bytes, *, name: str = "-", fail_on_empty: bool = False
    ) -> str:
        """Fills one source with mock values, the same in every run, and asks no vault.

        They fit where they stand, and each object with one gets the annotation
        `manifill.dev/mock: "true"`, which `manifill.guard` refuses: it is for reviews, linters and
        dry runs. Under Argo CD it is an error.

        >>> import manifill
        >>> renderer = Renderer(manifill.vault.Memory({}))
        >>> print(renderer.mock("kind: A\\nspec: {port: <path:db#port>}\\n"), end="")
        kind: A
        metadata:
          annotations:
            manifill.dev/mock: "true"
        spec: {port: 1}
        """
        _refuse_under_argo_cd()
        try:
            texts, warnings, notes, documents = self._native.mock([(name, source)])
        except RenderError as error:
            raise _named_file(error, {name: source}) from None
        _tell(warnings, notes, documents, fail_on_empty)
        return texts[0]

    @checked
    def mock_files(
        self,
        paths: _Paths,
        *,
        include: _Texts = (),
        exclude: _Texts = (),
        fail_on_empty: bool = False,
    ) -> list[tuple[Path, str]]:
        """`mock` for files and folders, by the rules of the command line."""
        _refuse_under_argo_cd()
        texts, warnings, notes, documents = self._native.mock_files(
            _paths(paths), _texts(include), _texts(exclude)
        )
        _tell(warnings, notes, documents, fail_on_empty)
        return [(Path(name), text) for name, text in texts]

    @checked
    def read(self, path: str, *, keys: _Texts | None = None) -> Secret:
        """What is at a path, as a placeholder spells it; everything that costs no further request
        if no keys are named.

        The values show themselves only by `expose`.
        """
        return self._read(path, keys, None, None)

    @checked
    async def read_async(self, path: str, *, keys: _Texts | None = None) -> Secret:
        """`read` in a thread; see `render_async`."""
        return await _in_thread(lambda stop, loop: self._read(path, keys, stop, loop))

    @checked
    def keys(self, path: str) -> list[str]:
        """The names of the keys at a path, never their values."""
        return self.read(path).names

    @checked
    async def keys_async(self, path: str) -> list[str]:
        """`keys` in a thread; see `render_async`."""
        return (await self.read_async(path)).names

    def _render(
        self,
        source: str | bytes,
        name: str,
        fail_on_empty: bool,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> str:
        return self._render_many({name: source}, fail_on_empty, stop, loop)[name]

    def _render_many(
        self,
        sources: Mapping[str, str | bytes],
        fail_on_empty: bool,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> dict[str, str]:
        try:
            texts, warnings, notes, documents = self._native.render(
                list(sources.items()), stop, loop
            )
        except RenderError as error:
            raise _named_file(error, sources) from error.__cause__
        _tell(warnings, notes, documents, fail_on_empty)
        return dict(zip(sources, texts, strict=True))

    def _fill(
        self,
        source: str | bytes,
        format: str | None,
        name: str,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> str:
        texts, warnings, notes, _ = self._native.fill((name, source), format, stop, loop)
        # A text has no documents that could be missing.
        _tell(warnings, notes, 1, False)
        return texts[0]

    def _render_files(
        self,
        paths: _Paths,
        include: _Texts,
        exclude: _Texts,
        fail_on_empty: bool,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> list[tuple[Path, str]]:
        texts, warnings, notes, documents = self._native.render_files(
            _paths(paths), _texts(include), _texts(exclude), stop, loop
        )
        _tell(warnings, notes, documents, fail_on_empty)
        return [(Path(name), text) for name, text in texts]

    def _check(
        self,
        source: str | bytes,
        name: str,
        look: _Look,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> Checked:
        try:
            seen = self._native.check([(name, source)], look, stop, loop)
        except RenderError as error:
            raise _named_file(error, {name: source}) from error.__cause__
        return _noted(seen)

    def _check_files(
        self,
        paths: _Paths,
        include: _Texts,
        exclude: _Texts,
        look: _Look,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> Checked:
        globs = (_texts(include), _texts(exclude))
        return _noted(self._native.check_files(_paths(paths), *globs, look, stop, loop))

    def _read(
        self,
        path: str,
        keys: _Texts | None,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> Secret:
        names = None if keys is None else _texts(keys)
        secret, notes = self._native.read(path, names, stop, loop)
        for note in notes:
            _logger.info("%s", note)
        return secret


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
        raise _named_file(error, {name: source}) from None


@checked
def check(
    source: str | bytes,
    *,
    name: str = "-",
    external: _Texts = (),
    literals: bool = False,
    only_kinds: _Texts = (),
    allow: _Texts = (),
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
    look = _look("offline", external, literals, only_kinds, allow)
    try:
        return _noted(
            _native.check_offline((name, source), look, strict, escaped, allow_unresolved)
        )
    except RenderError as error:
        raise _named_file(error, {name: source}) from None


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
    shared = _Shared(strict, escaped, allow_unresolved, None, None, None)
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


@dataclass(frozen=True)
class _Look:
    """What a look at manifests looks for."""

    depth: str
    external: list[str]
    literals: bool
    only_kinds: list[str]
    allow: list[str]


def _look(
    depth: str, external: _Texts, literals: bool, only_kinds: _Texts, allow: _Texts
) -> _Look:
    return _Look(depth, _texts(external), bool(literals), _texts(only_kinds), _texts(allow))


def _noted(seen: tuple[Checked, list[str]]) -> Checked:
    checked, notes = seen
    for note in notes:
        _logger.info("%s", note)
    return checked


@dataclass(frozen=True)
class _Shared:
    """The options that every way to make a renderer takes."""

    strict: bool
    escaped: bool
    allow_unresolved: bool
    timeout: float | None
    concurrency: int | None
    max_output: int | None

    def __post_init__(self) -> None:
        if self.concurrency is not None and self.concurrency < 1:
            raise ValueError("concurrency must be at least 1")
        if self.max_output is not None and not 1 <= self.max_output < 1 << 64:
            raise ValueError("max_output must be a number of bytes")


def _with_settings(
    backend: str | VaultBackend, settings: Mapping[str, str] | None
) -> BackendSpec:
    if isinstance(backend, str):
        return (backend, settings or {})
    if settings is not None:
        raise TypeError("settings are for a type of backend, not for one in Python")
    return backend


def _spec(backend: BackendSpec) -> _native._BackendGiven:
    if isinstance(backend, str):
        return (backend, {})
    if isinstance(backend, tuple):
        return _typed(backend)
    kind = type(backend).__name__
    if isinstance(backend, Mapping):
        raise TypeError(f"a {kind} is no backend; wrap it: manifill.vault.Memory({{...}})")
    if isinstance(backend, type) or not callable(getattr(backend, "read", None)):
        instead = f"; pass an object: {backend.__name__}(...)" if isinstance(backend, type) else ""
        raise TypeError(f"a backend in Python has a method read(request), {kind} has none{instead}")
    try:
        inspect.signature(backend.read).bind(None)
    except TypeError:
        raise TypeError(f"read() of {kind} must take one argument, the request") from None
    except ValueError:
        # It is written in C and does not say what it takes.
        pass
    return Reading(backend)


def _typed(backend: tuple[Any, ...]) -> tuple[str, dict[str, str]]:
    """A type with its settings."""
    match backend:
        case (str(kind), Mapping() as settings):
            return (kind, dict(settings))
    raise TypeError("a backend with settings must be a tuple of its type and a dict")


def _named_file(error: RenderError, sources: Mapping[str, str | bytes]) -> RenderError:
    """The same error; where a source is the name of a file, with a hint that says so."""
    names = {name for name, source in sources.items() if _is_file_name(source)}
    if not names:
        return error
    hint = "this looks like the name of a file; render_files() and plan_files() read files"
    found = (
        replace(one, hint=hint) if one.file in names and one.kind == "manifest" else one
        for one in error.diagnostics
    )
    return RenderError(found, error.errors_left_off, error.secrets_unread, error.notes)


def _is_file_name(source: str | bytes) -> bool:
    text = source if isinstance(source, str) else source.decode(errors="replace")
    return not any(part in text for part in ("\n", ": ", "{")) and text.endswith((".yaml", ".yml", ".json"))


def _named(backends: Mapping[str, BackendSpec] | None) -> list[tuple[str, _native._BackendGiven]]:
    return [(name, _spec(backend)) for name, backend in (backends or {}).items()]


def _texts(texts: _Texts) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts)


def _paths(paths: _Paths) -> list[str]:
    return [os.fspath(path) for path in paths]


def _documents(text: str) -> list[Any]:
    return [document for document in _read_values(text) if document is not None]


def _tell(
    warnings: list[Diagnostic], notes: list[str], documents: int, fail_on_empty: bool
) -> None:
    for warning in warnings:
        _logger.warning("%s", warning)
    for note in notes:
        _logger.info("%s", note)
    if documents == 0:
        message = "there is no manifest in the input"
        if fail_on_empty:
            raise RenderError([Diagnostic("error", "manifest", message)])
        _logger.warning("%s", message)


def _refuse_under_argo_cd() -> None:
    if "ARGOCD_APP_NAME" in os.environ:
        message = "mock values are not for a cluster, and Argo CD applies what it is given"
        hint = "render it without mock values"
        raise RenderError([Diagnostic("error", "configuration", message, hint=hint)])


async def _in_thread(
    call: Callable[[_native.Stop, asyncio.AbstractEventLoop], _T],
) -> _T:
    """Runs a call in a thread and ends it if this task is cancelled."""
    loop = asyncio.get_running_loop()
    stop = _native.Stop()
    # Not the loop's own threads: a backend may wait for one of them, and they are few.
    thread = ThreadPoolExecutor(1, thread_name_prefix="manifill")
    try:
        return await loop.run_in_executor(
            thread, contextvars.copy_context().run, call, stop, loop
        )
    finally:
        stop.stop()
        thread.shutdown(wait=False)
