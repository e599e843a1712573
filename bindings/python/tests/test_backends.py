"""Backends that are written in Python."""

import asyncio
import contextvars
import decimal
import threading
import traceback

import pytest
from conftest import LONG, SENTINEL, Meeting

import manifill
from manifill import SecretRequest

SOURCE = "kind: A\na: <path:one#k>\nb: <path:two#k>\n"


class Store:
    """Remembers what it was asked."""

    def __init__(self, secrets):
        self.secrets = secrets
        self.requests = []

    def read(self, request):
        self.requests.append(request)
        answer = self.secrets.get(request.path)
        if isinstance(answer, BaseException):
            raise answer
        return answer


class AsyncStore(Store):
    loops: list

    async def read(self, request):
        self.loops = [*getattr(self, "loops", []), asyncio.get_running_loop()]
        await asyncio.sleep(0)
        return Store.read(self, request)


@pytest.mark.parametrize("kind", [Store, AsyncStore])
def test_each_path_is_asked_for_once(kind):
    store = kind({"one": {"k": 1, "l": 2}, "two": {"k": "x"}})
    source = SOURCE + "c: <path:one#l> and <path:one#k>\nd: <path:one#k#7>\n"
    with pytest.raises(manifill.RenderError):
        manifill.Renderer(kind({})).render(source)
    store.secrets["one"] = {"k": 1, "l": 2}
    manifill.Renderer(store).render(source)
    asked = sorted(store.requests, key=lambda request: (request.path, request.version or ""))
    assert asked == [
        SecretRequest("one", None, frozenset({"k", "l"})),
        SecretRequest("one", "7", frozenset({"k"})),
        SecretRequest("two", None, frozenset({"k"})),
    ]


def test_a_request_has_the_options_that_the_backend_declares():
    class Regional(Store):
        options = ("manifill.dev/region", "manifill.dev/tier")

    class Own(Store):
        options = {"manifill.dev/region": "is an attribute of another kind"}

    source = (
        "kind: A\nmetadata: {annotations: {manifill.dev/region: eu, example.com/other: x}}\n"
        "a: <path:one#k>\n---\nkind: A\na: <path:one#k>\n"
    )
    regional, own = Regional({"one": {"k": 1}}), Own({"one": {"k": 1}})
    manifill.Renderer(regional).render(source)
    asked = [dict(request.options) for request in regional.requests]
    assert sorted(asked, key=len) == [{}, {"manifill.dev/region": "eu"}]
    with pytest.raises(manifill.RenderError, match="no annotation is called `manifill.dev/region`"):
        manifill.Renderer(own).render(source)
    assert own.requests == []


def test_requests_can_be_kept_in_sets():
    one = SecretRequest("one", "2", frozenset({"k"}), {"manifill.dev/region": "eu"})
    twin = SecretRequest("one", "2", frozenset({"k"}), {"manifill.dev/region": "eu"})
    assert {one} == {twin} and {one} != {SecretRequest("one", "2", frozenset({"k"}))}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda wanted: {}, "`one` has no key `nope`"),
        (lambda wanted: dict.fromkeys(wanted & {"user"}, "v"), "`one` has no key `nope`; it has `user`"),
        (lambda wanted: manifill.Secret({}), "`one` has no key `nope`"),
        (lambda wanted: manifill.Secret({}, names=[]), "`one` has no key `nope`; it is empty"),
    ],
)
def test_a_secret_is_called_empty_only_if_the_backend_says_so(answer, told):
    class Wanted:
        def read(self, request):
            return answer(request.keys)

    keys = ["nope", "user"] if "user" in told else ["nope"]
    source = "kind: A\n" + "".join(f"{key}: <path:one#{key}>\n" for key in keys)
    with pytest.raises(manifill.RenderError) as caught:
        manifill.Renderer(Wanted()).render(source)
    assert caught.value.diagnostics[0].message.endswith(f": {told}")


def test_an_answer_may_say_more_than_the_values():
    class Telling:
        def read(self, request):
            values = {key: "v" for key in request.keys or () if key != "pasword"}
            return manifill.Secret(values, names=["password", "user"], id="item-1", version="7")

    renderer = manifill.Renderer(Telling())
    secret = renderer.read("one", keys="user")
    assert (secret.id, secret.version, secret.names) == ("item-1", "7", ["password", "user"])
    assert secret.expose("user") == "v"
    with pytest.raises(manifill.RenderError) as caught:
        renderer.render("kind: A\na: <path:one#pasword>\n")
    assert caught.value.hint == "did you mean `password`?"


def test_nothing_is_kept_between_calls():
    store = Store({"one": {"k": 1}})
    renderer = manifill.Renderer(store)
    assert renderer.render("kind: A\na: <path:one#k>\n").endswith("a: 1\n")
    store.secrets["one"] = {"k": 2}
    assert renderer.render("kind: A\na: <path:one#k>\n").endswith("a: 2\n")
    assert len(store.requests) == 2


@pytest.mark.parametrize("kind", [Store, AsyncStore])
def test_none_is_missing_and_nothing_else_is(kind):
    source = 'kind: A\na: <path:none#k | default "d">\nb: <path:none#k || path:one#k>\n'
    renderer = manifill.Renderer(kind({"one": {"k": "x"}}))
    assert renderer.render_documents(source) == [{"kind": "A", "a": "d", "b": "x"}]
    raising = manifill.Renderer(kind({"none": manifill.NotFoundError("x"), "one": {"k": "x"}}))
    assert raising.render_documents(source) == [{"kind": "A", "a": "d", "b": "x"}]
    for error in (KeyError("k"), OSError(), manifill.BackendUnavailableError("x")):
        with pytest.raises(manifill.RenderError) as caught:
            manifill.Renderer(kind({"none": error, "one": {"k": "x"}})).render(source)
        assert caught.value.__cause__ is error


@pytest.mark.parametrize("kind", [Store, AsyncStore])
def test_every_failure_is_told_with_its_exception(kind):
    first, second = OSError(SENTINEL), ValueError(SENTINEL)
    renderer = manifill.Renderer(kind({"one": first, "two": second}))
    with pytest.raises(manifill.RenderError) as caught:
        renderer.render(SOURCE + "c: <path:three#k>\n", name="a.yaml")
    error = caught.value
    assert error.__cause__ is first
    assert [one.exception for one in error.diagnostics] == [first, second, None]
    assert [one.kind for one in error.diagnostics] == ["unavailable", "invalid-answer", "not-found"]
    assert [(one.line, one.path, one.key) for one in error.diagnostics] == [
        (2, "one", "k"),
        (3, "two", "k"),
        (4, "three", "k"),
    ]
    assert SENTINEL not in f"{error} {error!r} {error.diagnostics}"
    assert "reading path `two` raised `ValueError`" in str(error)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (manifill.NotFoundError("x"), "not-found"),
        (manifill.AmbiguousError("x"), "ambiguous"),
        (manifill.AuthenticationError("x"), "unauthenticated"),
        (manifill.PermissionDeniedError("x"), "permission-denied"),
        (manifill.BackendUnavailableError("x"), "unavailable"),
        (manifill.ConfigurationError("x"), "configuration"),
        (manifill.PathError("x"), "path"),
        (TimeoutError(), "unavailable"),
        (PermissionError(), "permission-denied"),
        (FileNotFoundError(), "unavailable"),
        (KeyError("k"), "invalid-answer"),
        (asyncio.CancelledError(), "invalid-answer"),
    ],
)
def test_an_exception_says_why(raised, kind):
    with pytest.raises(manifill.RenderError) as caught:
        manifill.Renderer(Store({"one": raised})).render("kind: A\na: <path:one#k>\n")
    assert caught.value.kind == kind
    assert caught.value.__cause__ is raised
    with pytest.raises(manifill.ManifillError) as caught:
        manifill.Renderer(Store({"one": raised})).read("one")
    assert type(caught.value) is manifill.errors.KINDS[kind]
    assert caught.value.__cause__ is raised


@pytest.mark.parametrize("raised", [KeyError(SENTINEL), FileNotFoundError(SENTINEL)])
def test_what_is_often_meant_as_missing_gets_a_hint(raised):
    source = 'kind: A\na: <path:one#k | default "d">\n'
    with pytest.raises(manifill.RenderError) as caught:
        manifill.Renderer(Store({"one": raised})).render(source)
    assert caught.value.hint == (
        "if there is no such secret, read() returns None or raises NotFoundError"
    )


def test_missing_is_the_same_for_every_backend(tmp_path):
    (tmp_path / "s.yaml").write_text("one: {k: x, none: null}\n")
    file = manifill.Renderer("file", {"MANIFILL_FILE": str(tmp_path / "s.yaml")})
    source = (
        "kind: Secret\nmetadata: {annotations: {avp.kubernetes.io/remove-missing: 'true'}}\n"
        'stringData:\n  a: <path:no#k | default "d">\n  b: <path:one#no | default "d">\n'
        "  c: <path:no#k || path:one#none || path:one#k>\n  d: <path:one#no>\n"
    )
    # A key is removed, an item is not.
    gone = source + "  e: <path:no#k>\n"

    def outcome(renderer):
        with pytest.raises(manifill.RenderError) as caught:
            renderer.render(gone)
        return renderer.render(source), caught.value.kind, caught.value.line, caught.value.diagnostics[0].message

    expected = outcome(file)
    assert expected[0].endswith('stringData:\n  a: "d"\n  b: "d"\n  c: "x"\n')
    assert expected[1:] == ("not-found", 8, "could not find secrets at path `no`")
    for kind in (Store, AsyncStore):
        values = {"one": {"k": "x", "none": None}}
        assert outcome(manifill.Renderer(kind(values))) == expected
        assert outcome(manifill.Renderer(backends={"b": kind(values)}, default="b")) == expected


@pytest.mark.parametrize("kind", [Store, AsyncStore])
@pytest.mark.parametrize("raised", [SystemExit(3), KeyboardInterrupt()])
def test_what_ends_the_program_is_no_failure_of_a_backend(kind, raised):
    with pytest.raises(type(raised)) as caught:
        manifill.Renderer(kind({"one": raised, "two": {"k": "x"}})).render(SOURCE)
    assert caught.value is raised


class Opaque:
    def __repr__(self):
        return SENTINEL


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (7, "read() returned int, not a mapping or None"),
        ({1: "x"}, "a key must be str, not int"),
        ({"k": Opaque()}, "a secret value cannot be of type Opaque"),
        ({"k": float("nan")}, "a number that is not finite cannot be a secret value"),
        ({"k": SENTINEL + "\udc80"}, "a text holds a lone surrogate"),
    ],
)
def test_an_answer_that_makes_no_sense(answer, message):
    with pytest.raises(manifill.RenderError) as caught:
        manifill.Renderer(Store({"one": answer})).render("kind: A\na: <path:one#k>\n")
    assert caught.value.kind == "invalid-answer"
    assert str(caught.value.__cause__) == message
    shown = "".join(traceback.format_exception(caught.value))
    assert SENTINEL not in shown


def test_a_value_that_holds_itself_ends():
    endless = []
    endless.append(endless)
    with pytest.raises(manifill.RenderError) as caught:
        manifill.Renderer(Store({"one": {"k": endless}})).render("kind: A\na: <path:one#k>\n")
    assert str(caught.value.__cause__) == "a value is nested too deeply"


def test_every_type_of_value():
    values = {
        "text": "a", "bytes": b"a\xff", "int": 2**70, "float": 1e22, "decimal": decimal.Decimal("1.50"),
        "bool": False, "list": (1, [2]), "map": {"a": manifill.SecretValue("b")},
    }  # fmt: skip
    secret = manifill.Renderer(Store({"one": {**values, "none": None}})).read("one")
    assert {key: secret.expose(key) for key in secret} == {
        **values, "decimal": 1.5, "list": [1, [2]], "map": {"a": "b"},
    }  # fmt: skip
    assert isinstance(secret.expose("int"), int)
    source = "kind: Secret\ndata: {b: <path:one#bytes>}\nx: <path:one#decimal>\n"
    assert "data: {b: \"Yf8=\"}\nx: 1.50\n" in manifill.Renderer(Store({"one": values})).render(source)


def test_backends_with_names_beside_others():
    renderer = manifill.Renderer(
        Store({"one": {"k": "default"}}),
        backends={"team": Store({"one": {"k": "team"}}), "slow": AsyncStore({"one": {"k": "slow"}})},
    )
    assert renderer.backends == ["team", "slow"]
    source = "kind: A\na: <path:one#k>\nb: <path:team!one#k>\nc: <path:slow!one#k>\n"
    assert renderer.render_documents(source) == [
        {"kind": "A", "a": "default", "b": "team", "c": "slow"}
    ]
    with pytest.raises(manifill.RenderError) as caught:
        renderer.render("kind: A\na: <path:tem!one#k>\n")
    assert caught.value.hint == "did you mean `team`?"


def test_a_named_backend_can_be_the_default():
    renderer = manifill.Renderer(backends={"a": Store({}), "b": Store({"one": {"k": 1}})}, default="b")
    assert renderer.default == "b"
    assert renderer.render_documents("kind: A\na: <path:one#k>\n") == [{"kind": "A", "a": 1}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"backends": {"B": Store({})}}, "`B` cannot be the name of a backend"),
        ({"backends": {"b!": Store({})}}, "`b!` cannot be the name of a backend"),
        ({"backends": {"b": Store({})}, "default": "c"}, "`default` names `c`"),
        ({"backend": "1pasword"}, "no backend of type `1pasword`\n  hint: did you mean `1passwordconnect`"),
        ({"backend": "file", "settings": {"FILE": "x"}}, "type `file` has no setting `FILE`"),
        ({"backend": "file", "settings": {"MANIFILL_FILE": 1}}, "`MANIFILL_FILE` must be str"),
    ],
)
def test_wrong_backends(arguments, message):
    with pytest.raises(manifill.ConfigurationError, match=message) as caught:
        manifill.Renderer(**arguments)
    assert len(caught.value.errors) == 1


def test_what_is_no_backend():
    with pytest.raises(TypeError, match="a method read"):
        manifill.Renderer(object())
    with pytest.raises(TypeError, match="settings"):
        manifill.Renderer(Store({}), {"a": "b"})
    with pytest.raises(TypeError, match="settings"):
        manifill.Renderer(settings={"a": "b"})
    with pytest.raises(ValueError, match="concurrency must be at least 1"):
        manifill.Renderer(Store({}), concurrency=0)
    assert isinstance(Store({}), manifill.VaultBackend)
    assert not isinstance(object(), manifill.VaultBackend)


def test_reads_go_on_at_the_same_time_as_often_as_allowed():
    source = "kind: A\n" + "".join(f"k{n}: <path:p{n}#k>\n" for n in range(8))
    [document] = manifill.Renderer(Meeting(4), concurrency=4).render_documents(source)
    assert document["k7"] == "p7"


@pytest.mark.parametrize("asynchronous", [False, True])
def test_never_more_reads_than_allowed(asynchronous):
    class Counting:
        now, most, lock = 0, 0, threading.Lock()

        def enter(self, step):
            with self.lock:
                self.now += step
                self.most = max(self.most, self.now)

        def read(self, request):
            self.enter(1)
            threading.Event().wait(0.001)
            self.enter(-1)
            return {"k": 1}

    class AsyncCounting(Counting):
        async def read(self, request):
            self.enter(1)
            for _ in range(10):
                await asyncio.sleep(0)
            self.enter(-1)
            return {"k": 1}

    backend = AsyncCounting() if asynchronous else Counting()
    source = "kind: A\n" + "".join(f"k{n}: <path:p{n}#k>\n" for n in range(20))
    manifill.Renderer(backend, concurrency=2).render(source)
    assert backend.most <= 2


def test_a_backend_that_takes_too_long():
    never = threading.Event()

    class Hanging:
        def read(self, request):
            if request.path == "one":
                never.wait()
            return {"k": "x"}

    with pytest.raises(manifill.RenderError) as caught:
        manifill.Renderer(Hanging(), timeout=0.2).render(SOURCE)
    never.set()
    assert [(one.path, one.kind) for one in caught.value.diagnostics] == [("one", "unavailable")]


@pytest.mark.parametrize("decorated", [False, True])
def test_an_async_read_that_takes_too_long_is_cancelled(decorated):
    cancelled = threading.Event()

    class Hanging:
        async def read(self, request):
            try:
                await asyncio.sleep(LONG * 10)
            except asyncio.CancelledError:
                cancelled.set()
                raise

    class Decorated:
        def read(self, request):
            return Hanging().read(request)

    backend = Decorated() if decorated else Hanging()
    with pytest.raises(manifill.RenderError, match="the time ran out"):
        manifill.Renderer(backend, timeout=1).render(SOURCE)
    assert cancelled.wait(LONG)


def test_what_is_returned_to_be_awaited_after_the_end_is_not_awaited():
    over, threads = threading.Event(), []

    class Late:
        def read(self, request):
            threads.append(threading.current_thread())
            over.wait(LONG)
            return asyncio.sleep(LONG * 10)

    with pytest.raises(manifill.RenderError, match="the time ran out"):
        manifill.Renderer(Late(), timeout=0.2).render(SOURCE)
    over.set()
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive()


def test_context_variables_are_those_of_the_caller(tmp_path):
    team = contextvars.ContextVar("team")

    class Aware:
        def read(self, request):
            return {"k": team.get()}

    class AsyncAware:
        async def read(self, request):
            return {"k": team.get()}

    team.set("blue")
    file = tmp_path / "a.yaml"
    file.write_text("kind: A\na: <path:one#k>\n")
    for renderer in (manifill.Renderer(Aware()), manifill.Renderer(AsyncAware())):
        assert renderer.read("one").expose("k") == "blue"
        [(_, text)] = renderer.render_files([file])
        [(_, again)] = asyncio.run(renderer.render_files_async([file]))
        assert text == again == 'kind: A\na: "blue"\n'


def test_a_plain_function_may_return_a_coroutine():
    class Decorated:
        def read(self, request):
            async def answer():
                await asyncio.sleep(0)
                return {"k": request.path}

            return answer()

    assert manifill.Renderer(Decorated()).read("one").expose("k") == "one"


def test_an_async_backend_has_one_loop_of_its_own():
    store = AsyncStore({"one": {"k": "x"}})
    renderer = manifill.Renderer(store)
    for _ in range(3):
        renderer.read("one")
    assert len(set(map(id, store.loops))) == 1
    loop = store.loops[0]
    assert loop.is_running()
    del renderer
    # The loop ends with the renderer, in its own thread.
    for _ in range(LONG * 100):
        if loop.is_closed():
            break
        threading.Event().wait(0.01)
    assert loop.is_closed()


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (SENTINEL, "read() returned str, not a mapping or None"),
        ([SENTINEL], "read() returned list, not a mapping or None"),
        ({1: SENTINEL}, "a key must be str, not int"),
        ({"k": {SENTINEL}}, "a secret value cannot be of type set"),
    ],
)  # fmt: skip
def test_a_wrong_return_type_is_told_in_the_text(returned, told):
    class Wrong:
        def read(self, request):
            return returned

    for call in (
        lambda renderer: renderer.render("kind: A\na: <path:db#k>\n"),
        lambda renderer: renderer.read("db"),
    ):
        with pytest.raises(manifill.ManifillError) as caught:
            call(manifill.Renderer(Wrong()))
        assert f"reading path `db` raised `TypeError: {told}`" in str(caught.value)
        assert SENTINEL not in str(caught.value)
