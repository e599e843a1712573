"""Says of an argument what it must be, by the types that the function declares for it."""

from __future__ import annotations

import functools
import inspect
import os
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, ParamSpec, TypeVar, Union

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")

#: What a value of a type may be, and what messages call it.
_PLAIN: dict[Any, tuple[Callable[[Any], bool], str]] = {
    str: (lambda value: isinstance(value, str), "str"),
    bytes: (lambda value: isinstance(value, bytes), "bytes"),
    # A bool of numpy is none of Python's.
    bool: (lambda value: type(value).__name__ in ("bool", "bool_"), "bool"),
    int: (lambda value: hasattr(value, "__index__") and not isinstance(value, bool), "int"),
    float: (
        lambda value: (hasattr(value, "__float__") or hasattr(value, "__index__"))
        and not isinstance(value, bool),
        "a number",
    ),
    type(None): (lambda value: value is None, "None"),
}


def checked(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Raises a TypeError that says what is wanted for an argument of another type."""
    checks: dict[str, _Wanted] = {}
    order: list[str] = []

    def prepare() -> None:
        # Not before the first call: names in annotations may be defined further below.
        hints = typing.get_type_hints(function)
        for name in inspect.signature(function).parameters:
            order.append(name)
            if name == "settings":
                # What is wrong within is an error of the settings, as in a file.
                checks[name] = _Wanted((Mapping, type(None)))
            elif name in hints:
                checks[name] = _wanted(hints[name])

    def check(arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        if not order:
            prepare()
        for name, value in (*zip(order, arguments), *named.items()):
            if name in checks and (wrong := checks[name].wrong(value)):
                raise wrong.error(name, function.__name__)

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def checking_async(*arguments: Any, **named: Any) -> Any:
            check(arguments, named)
            return await function(*arguments, **named)

        return typing.cast(Callable[_P, _R], checking_async)

    @functools.wraps(function)
    def checking(*arguments: _P.args, **named: _P.kwargs) -> _R:
        check(arguments, named)
        return function(*arguments, **named)

    return checking


def checked_fields(kind: type[_T]) -> type[_T]:
    """The same for what a dataclass is made of."""
    setattr(kind, "__init__", checked(getattr(kind, "__init__")))
    return kind


def native(function: Callable[_P, _R], **wanted: Any) -> Callable[_P, _R]:
    """The same for a function in native code, whose types are not known here."""

    def twin(*arguments: _P.args, **named: _P.kwargs) -> _R:
        return function(*arguments, **named)

    functools.update_wrapper(twin, function)
    twin.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    twin.__annotations__ = wanted
    return checked(twin)


#: The functions that take files, by those that take texts.
_OF_FILES = {
    "check": "check_files()",
    "check_async": "check_files_async()",
    "plan": "plan_files()",
    "render": "render_files()",
    "render_async": "render_files_async()",
    "render_documents": "render_files()",
    "render_documents_async": "render_files_async()",
}


class _Wrong(NamedTuple):
    """What is wrong with an argument, or with what stands `within` it."""

    within: tuple[str, str]
    wanted: str
    value: object

    def error(self, name: str, function: str) -> TypeError:
        """What is said of it, with what else would do."""
        found = type(self.value).__name__
        text = f"{name.join(self.within)} must be {self.wanted}, not {found}"
        if name not in ("source", "sources", "text", "document", "parts"):
            return TypeError(text)
        if isinstance(self.value, os.PathLike):
            if function in _OF_FILES:
                text += f"; {_OF_FILES[function]} takes paths"
            else:
                text += "; pass what its read_text() returns"
        elif hasattr(self.value, "read"):
            text += "; pass what its read() returns"
        return TypeError(text)


class _Wanted:
    """What an argument may be."""

    def __init__(self, kinds: Sequence[Any]) -> None:
        self.kinds = kinds
        self.words = _joined(dict.fromkeys(_words(kind) for kind in kinds))
        #: Most arguments are of these types.
        self.exact = frozenset(kind for kind in kinds if kind in _PLAIN)

    def wrong(self, value: Any) -> _Wrong | None:
        """What is wrong with an argument."""
        if type(value) in self.exact or Any in self.kinds:
            return None
        for kind in self.kinds:
            if _fits(kind, value):
                return next(_members(kind, value), None)
        return _Wrong(("", ""), self.words, value)


def _members(kind: Any, value: Any) -> Iterator[_Wrong]:
    """What is wrong with what is in a list or a mapping; an iterator can be read only once."""
    if _origin(kind) not in (Mapping, Iterable, Sequence):
        return
    of = [_wanted(one) for one in typing.get_args(kind) if one is not ...]
    if isinstance(value, Mapping) and len(of) == 2:
        for key, one in value.items():
            if found := of[0].wrong(key):
                yield found._replace(within=("a key of ", ""))
            if found := of[1].wrong(one):
                yield found._replace(within=("", f"[{key!r}]"))
    elif isinstance(value, (list, tuple)) and len(of) == 1:
        for index, one in enumerate(value):
            if found := of[0].wrong(one):
                yield found._replace(within=("", f"[{index}]"))


@functools.cache
def _wanted(hint: Any) -> _Wanted:
    kinds = typing.get_args(hint) if _origin(hint) in (Union, types.UnionType) else (hint,)
    return _Wanted(kinds)


def _origin(kind: Any) -> Any:
    return typing.get_origin(kind) or kind


def _fits(kind: Any, value: Any) -> bool:
    if kind in _PLAIN:
        return _PLAIN[kind][0](value)
    origin = _origin(kind)
    if origin is Literal:
        return isinstance(value, str)
    if origin is Callable:
        return callable(value)
    if origin in (Iterable, Sequence):
        # Text is a list of its letters, which nobody means.
        return isinstance(value, origin) and not isinstance(value, (str, bytes, Mapping))
    if isinstance(origin, type) and not getattr(origin, "_is_protocol", False):
        return isinstance(value, origin)
    # Anything, and backends, which `_spec` looks at.
    return True


def _words(kind: Any) -> str:
    if kind in _PLAIN:
        return _PLAIN[kind][1]
    origin, of = _origin(kind), typing.get_args(kind)
    if origin is Literal:
        return _joined([repr(one) for one in of])
    if origin is Callable:
        return "a function"
    if origin is os.PathLike:
        return "a path"
    if origin is Mapping:
        return "a dict"
    if origin in (Iterable, Sequence):
        return f"a list of {_wanted(of[0]).words}"
    return f"{origin.__module__}.{origin.__name__}" if isinstance(origin, type) else "anything"


def _joined(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
