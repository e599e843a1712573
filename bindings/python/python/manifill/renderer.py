"""The renderer."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from manifill import _native
from manifill._arguments import checked
from manifill._given import (
    BackendSpec,
    Depth,
    Look,
    Paths,
    Shared,
    Texts,
    look_for,
    paths_of,
    spec,
    specs,
    texts_of,
    with_settings,
)
from manifill._native import Secret
from manifill._request import VaultBackend
from manifill._thread import in_thread
from manifill._told import about_file_names, noted, refuse_under_argo_cd, tell
from manifill.errors import RenderError
from manifill.manifest import read as _read_values
from manifill.report import Checked, Plan

_logger = logging.getLogger("manifill")


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
        path_validation: Texts = (),
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
        single = None if backend is None else spec(with_settings(backend, settings))
        if backend is None and settings is not None:
            raise TypeError("settings need the type of a backend")
        rules = texts_of(path_validation)
        shared = Shared(strict, escaped, allow_unresolved, timeout, concurrency, max_output)
        self._set(_native.Renderer.made(single, specs(backends), default, rules, shared))

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
        shared = Shared(strict, escaped, allow_unresolved, timeout, concurrency, max_output)
        return cls._made(
            _native.Renderer.configured(
                os.fspath(path), None, project, disable_token_cache, specs(backends), shared
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
        shared = Shared(strict, escaped, allow_unresolved, timeout, concurrency, max_output)
        return cls._made(
            _native.Renderer.configured(
                None, secret_name, project, disable_token_cache, specs(backends), shared
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
        return await in_thread(
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
        return await in_thread(
            lambda stop, loop: self._render_many(sources, fail_on_empty, stop, loop)
        )

    @checked
    def render_files(
        self,
        paths: Paths,
        *,
        include: Texts = (),
        exclude: Texts = (),
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
        paths: Paths,
        *,
        include: Texts = (),
        exclude: Texts = (),
        fail_on_empty: bool = False,
    ) -> list[tuple[Path, str]]:
        """`render_files` in a thread; see `render_async`."""
        return await in_thread(
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
        return await in_thread(
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
        return await in_thread(
            lambda stop, loop: self._fill(source, format, name, stop, loop)
        )

    @checked
    def plan(self, source: str | bytes, *, name: str = "-") -> Plan:
        """What would be read and where the values would go, without any request."""
        try:
            return self._native.plan([(name, source)])
        except RenderError as error:
            raise about_file_names(error, {name: source}) from None

    @checked
    def plan_files(
        self, paths: Paths, *, include: Texts = (), exclude: Texts = ()
    ) -> Plan:
        """`plan` for files and folders."""
        return self._native.plan_files(paths_of(paths), texts_of(include), texts_of(exclude))

    @checked
    def check(
        self,
        source: str | bytes,
        *,
        name: str = "-",
        depth: Depth = "exists",
        external: Texts = (),
        literals: bool = False,
        only_kinds: Texts = (),
        allow: Texts = (),
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
        look = look_for(depth, external, literals, only_kinds, allow)
        return self._check(source, name, look, None, None)

    @checked
    async def check_async(
        self,
        source: str | bytes,
        *,
        name: str = "-",
        depth: Depth = "exists",
        external: Texts = (),
        literals: bool = False,
        only_kinds: Texts = (),
        allow: Texts = (),
    ) -> Checked:
        """`check` in a thread; see `render_async`."""
        look = look_for(depth, external, literals, only_kinds, allow)
        return await in_thread(lambda stop, loop: self._check(source, name, look, stop, loop))

    @checked
    def check_files(
        self,
        paths: Paths,
        *,
        include: Texts = (),
        exclude: Texts = (),
        depth: Depth = "exists",
        external: Texts = (),
        literals: bool = False,
        only_kinds: Texts = (),
        allow: Texts = (),
    ) -> Checked:
        """`check` for files and folders, all of them together."""
        look = look_for(depth, external, literals, only_kinds, allow)
        return self._check_files(paths, include, exclude, look, None, None)

    @checked
    async def check_files_async(
        self,
        paths: Paths,
        *,
        include: Texts = (),
        exclude: Texts = (),
        depth: Depth = "exists",
        external: Texts = (),
        literals: bool = False,
        only_kinds: Texts = (),
        allow: Texts = (),
    ) -> Checked:
        """`check_files` in a thread; see `render_async`."""
        look = look_for(depth, external, literals, only_kinds, allow)
        return await in_thread(
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
        refuse_under_argo_cd()
        try:
            texts, warnings, notes, documents = self._native.mock([(name, source)])
        except RenderError as error:
            raise about_file_names(error, {name: source}) from None
        tell(warnings, notes, documents, fail_on_empty)
        return texts[0]

    @checked
    def mock_files(
        self,
        paths: Paths,
        *,
        include: Texts = (),
        exclude: Texts = (),
        fail_on_empty: bool = False,
    ) -> list[tuple[Path, str]]:
        """`mock` for files and folders, by the rules of the command line."""
        refuse_under_argo_cd()
        texts, warnings, notes, documents = self._native.mock_files(
            paths_of(paths), texts_of(include), texts_of(exclude)
        )
        tell(warnings, notes, documents, fail_on_empty)
        return [(Path(name), text) for name, text in texts]

    @checked
    def read(self, path: str, *, keys: Texts | None = None) -> Secret:
        """What is at a path, as a placeholder spells it; everything that costs no further request
        if no keys are named.

        The values show themselves only by `expose`.
        """
        return self._read(path, keys, None, None)

    @checked
    async def read_async(self, path: str, *, keys: Texts | None = None) -> Secret:
        """`read` in a thread; see `render_async`."""
        return await in_thread(lambda stop, loop: self._read(path, keys, stop, loop))

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
            raise about_file_names(error, sources) from error.__cause__
        tell(warnings, notes, documents, fail_on_empty)
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
        tell(warnings, notes, 1, False)
        return texts[0]

    def _render_files(
        self,
        paths: Paths,
        include: Texts,
        exclude: Texts,
        fail_on_empty: bool,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> list[tuple[Path, str]]:
        texts, warnings, notes, documents = self._native.render_files(
            paths_of(paths), texts_of(include), texts_of(exclude), stop, loop
        )
        tell(warnings, notes, documents, fail_on_empty)
        return [(Path(name), text) for name, text in texts]

    def _check(
        self,
        source: str | bytes,
        name: str,
        look: Look,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> Checked:
        try:
            seen = self._native.check([(name, source)], look, stop, loop)
        except RenderError as error:
            raise about_file_names(error, {name: source}) from error.__cause__
        return noted(seen)

    def _check_files(
        self,
        paths: Paths,
        include: Texts,
        exclude: Texts,
        look: Look,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> Checked:
        globs = (texts_of(include), texts_of(exclude))
        return noted(self._native.check_files(paths_of(paths), *globs, look, stop, loop))

    def _read(
        self,
        path: str,
        keys: Texts | None,
        stop: _native.Stop | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> Secret:
        names = None if keys is None else texts_of(keys)
        secret, notes = self._native.read(path, names, stop, loop)
        for note in notes:
            _logger.info("%s", note)
        return secret


def _documents(text: str) -> list[Any]:
    return [document for document in _read_values(text) if document is not None]
