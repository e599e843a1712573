"""manifill.vault, settings files, and a Connect server."""

import base64
import json
import logging
import typing

import pytest
from conftest import MANIFESTS, SENTINEL, answering

import manifill
from manifill import vault


def test_backends_are_listed_with_their_settings():
    backends = {info.name: info for info in vault.backends()}
    connect = backends["1passwordconnect"]
    assert connect.available and connect.about and connect.example and connect.feature
    host = connect.settings[0]
    assert (host.name, host.settable, host.required) == ("OP_CONNECT_HOST", "bundle", True)
    assert host.kind == "url" and host.required_with == ()
    assert backends["file"].settings[0].settable == "operator"
    command = backends["command"].settings[0]
    assert (command.kind, command.settable) == ("program", "locked")
    token = next(one for one in backends["vault"].settings if one.name == "VAULT_TOKEN")
    method = next(one for one in backends["vault"].settings if one.name == "AVP_AUTH_TYPE")
    assert method.required and method.alternatives == ("VAULT_TOKEN",) and token.alternatives == ()
    assert not token.required and token.required_with == ("token",) and not token.goes_with_login
    settings = [setting for info in backends.values() for setting in info.settings]
    assert {setting.kind for setting in settings} == set(typing.get_args(vault.Kind))
    assert {setting.settable for setting in settings} == set(typing.get_args(vault.Class))
    assert manifill.backends is vault.backends


def test_a_secret_shows_itself_only_when_asked():
    secret = vault.read("db", vault.Memory({"db": {"user": "svc", "password": SENTINEL, "none": None}}))
    assert sorted(secret) == ["password", "user"] and len(secret) == 2
    assert secret.names == ["user", "password", "none"]
    assert "user" in secret and "none" not in secret and 1 not in secret
    assert SENTINEL not in f"{secret!r} {secret} {secret['password']!r} {secret['password']}"
    assert secret.expose("password") == secret["password"].expose() == SENTINEL
    assert secret["password"].type_name == "text"
    assert dict(secret).keys() == {"user", "password"}
    assert (secret.id, secret.version) == (None, None)
    for missing in ("none", "no"):
        with pytest.raises(KeyError):
            secret.expose(missing)


def test_a_secret_is_made_of_values():
    secret = vault.Secret({"a": 1, "b": vault.SecretValue("x")}, id="i", version="2")
    assert (secret.names, secret.id, secret.version) == (["a", "b"], "i", "2")
    assert {key: secret.expose(key) for key in secret} == {"a": 1, "b": "x"}
    for wrong in (1, {1: "x"}, {"a": object()}):
        with pytest.raises(TypeError):
            vault.Secret(wrong)


def test_secret_value():
    assert vault.SecretValue({"a": [1]}).expose() == {"a": [1]}
    assert repr(vault.SecretValue(SENTINEL)) == "SecretValue([redacted])"
    with pytest.raises(TypeError):
        vault.SecretValue(object())


def test_read_of_one_path(tmp_path):
    file = tmp_path / "s.json"
    file.write_text(json.dumps({"db": {"user": "svc", "n": 1.5}, "db#2": {"user": "v2"}}))
    settings = {"MANIFILL_FILE": str(file)}
    assert vault.read("db", "file", settings).expose("n") == 1.5
    for keys in (["user"], "user"):
        assert vault.read("db", "file", settings, keys=keys).keys() == ["user"]
    renderer = manifill.Renderer("file", settings)
    assert renderer.keys("db") == ["user", "n"]
    with pytest.raises(manifill.NotFoundError, match="`none`") as caught:
        renderer.read("none")
    assert caught.value.kind == "not-found"


def test_settings_that_are_missing():
    with pytest.raises(manifill.ConfigurationError, match="OP_CONNECT_HOST"):
        manifill.Renderer("1passwordconnect").read("vaults/a/items/b")
    with pytest.raises(manifill.ConfigurationError, match="no default backend"):
        manifill.Renderer().read("a")


def test_path_validation():
    memory = vault.Memory({"vaults/Prod/db": {"k": 1}})
    renderer = manifill.Renderer(memory, path_validation="^vaults/Prod/")
    assert renderer.read("vaults/Prod/db").expose("k") == 1
    with pytest.raises(manifill.PermissionDeniedError):
        renderer.read("vaults/Test/db")
    with pytest.raises(manifill.ConfigurationError):
        manifill.Renderer(memory, path_validation=["("])
    with pytest.raises(manifill.PathError):
        manifill.Renderer(memory).read("op://a/b")


CONFIG = """
default: home
backends:
  home: {type: file, settings: {MANIFILL_FILE: home.yaml}}
policy:
  - {project: team-a, allow: ["home!a/**"]}
"""


def test_a_settings_file_with_names_and_policy(tmp_path):
    (tmp_path / "manifill.yaml").write_text(CONFIG)
    (tmp_path / "home.yaml").write_text("a/db: {k: 1}\nb/db: {k: 2}\n")
    path = tmp_path / "manifill.yaml"
    renderer = manifill.Renderer.from_config(path, project="team-a")
    assert (renderer.backends, renderer.default) == (["home"], "home")
    assert renderer.read("a/db").expose("k") == 1
    with pytest.raises(manifill.PermissionDeniedError):
        renderer.read("b/db")
    with pytest.raises(manifill.PermissionDeniedError, match="project is not known"):
        manifill.Renderer.from_config(path).read("a/db")
    beside = manifill.Renderer.from_config(path, project="team-a", backends={"py": vault.Memory({})})
    assert beside.backends == ["py", "home"]
    with pytest.raises(manifill.ConfigurationError, match="`home` already"):
        manifill.Renderer.from_config(path, backends={"home": vault.Memory({})})


def test_a_settings_file_may_name_the_backends_of_the_program(tmp_path):
    path = tmp_path / "manifill.yaml"
    path.write_text("default: team\npolicy:\n  - {project: p, allow: ['team!a/**']}\n")
    store = vault.Memory({"a/db": {"k": 1}, "b/db": {"k": 2}})
    renderer = manifill.Renderer.from_config(path, project="p", backends={"team": store})
    assert renderer.default == "team"
    assert renderer.read("a/db").expose("k") == renderer.read("team!a/db").expose("k") == 1
    with pytest.raises(manifill.PermissionDeniedError):
        renderer.read("b/db")
    with pytest.raises(manifill.ConfigurationError, match="names none of the backends"):
        manifill.Renderer.from_config(path, project="p")


def test_settings_of_a_kubernetes_secret(monkeypatch, tmp_path, caplog):
    (tmp_path / "s.yaml").write_text("db: {k: v}\n")
    settings = {"AVP_TYPE": "file", "MANIFILL_FILE": str(tmp_path / "s.yaml")}
    data = {name: base64.b64encode(value.encode()).decode() for name, value in settings.items()}
    asked = []

    def answer(method, path):
        asked.append(path)
        metadata = {"namespace": "argocd", "name": "creds"}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}

    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    with answering(answer) as address:
        cluster = {
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": address}}],
            "users": [{"name": "c", "user": {"token": "t"}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        }  # fmt: skip
        (tmp_path / "kubeconfig").write_text(json.dumps(cluster))
        renderer = manifill.Renderer.from_env(secret_name="argocd:creds")
        assert renderer.read("db").expose("k") == "v"
        # With a settings file it has no say.
        (tmp_path / "flat.yaml").write_text("AVP_TYPE: file\nMANIFILL_FILE: s.yaml\n")
        monkeypatch.setenv("MANIFILL_CONFIG", str(tmp_path / "flat.yaml"))
        with caplog.at_level(logging.INFO, "manifill"):
            manifill.Renderer.from_env(secret_name="argocd:creds")
    assert len(asked) == 1 and "is not read: a settings file takes its place" in caplog.text
    monkeypatch.delenv("MANIFILL_CONFIG")
    monkeypatch.setenv("KUBECONFIG", "/absent")
    with pytest.raises(manifill.ConfigurationError, match="the settings in Secret `argocd:creds` cannot be read: .*`/absent`"):
        manifill.Renderer.from_env(secret_name="argocd:creds")


@pytest.mark.parametrize(("options", "logins"), [({}, 1), ({"disable_token_cache": True}, 2)])
@pytest.mark.parametrize("from_file", [False, True])
def test_a_token_cache_can_be_switched_off(options, logins, from_file, monkeypatch, tmp_path):
    asked = []

    def answer(method, path):
        asked.append(path)
        if path.endswith("/login"):
            return {"auth": {"client_token": "t", "lease_duration": 3600, "renewable": False}}
        return {"data": {"data": {"k": "v"}, "metadata": {"version": 1}}}

    with answering(answer) as address:
        settings = {
            "AVP_TYPE": "vault", "AVP_AUTH_TYPE": "approle", "VAULT_ADDR": address,
            "AVP_ROLE_ID": "r", "AVP_SECRET_ID": "s", "MANIFILL_VAULT_TOKEN_CACHE": str(tmp_path / "tokens"),
        }  # fmt: skip
        (tmp_path / "flat.yaml").write_text(json.dumps(settings))
        for name, value in [] if from_file else settings.items():
            monkeypatch.setenv(name, value)
        for _ in range(2):
            if from_file:
                renderer = manifill.Renderer.from_config(tmp_path / "flat.yaml", **options)
            else:
                renderer = manifill.Renderer.from_env(**options)
            assert renderer.read("secret/data/a").expose("k") == "v"
    assert len([path for path in asked if path.endswith("/login")]) == logins


def test_a_wrong_settings_file_tells_every_mistake(tmp_path):
    path = tmp_path / "manifill.yaml"
    path.write_text("default: hom\nbackends:\n  home: {type: fil}\n")
    with pytest.raises(manifill.ConfigurationError) as caught:
        manifill.Renderer.from_config(path)
    first, second = caught.value.errors
    assert (first.file, first.line, first.column) == (str(path), 3, 16)
    assert second.line == 1 and "did you mean `home`?" in second.message and "`hom`" not in second.message


def test_settings_of_the_environment(monkeypatch, tmp_path, caplog):
    (tmp_path / "s.yaml").write_text("db: {k: v}\n")
    monkeypatch.setenv("AVP_TYPE", "file")
    monkeypatch.setenv("MANIFILL_FILE", str(tmp_path / "s.yaml"))
    assert manifill.Renderer.from_env().read("db").expose("k") == "v"
    (tmp_path / "manifill.yaml").write_text(CONFIG)
    (tmp_path / "home.yaml").write_text("")
    with caplog.at_level(logging.INFO, "manifill"):
        manifill.Renderer.from_config(tmp_path / "manifill.yaml")
    assert "AVP_TYPE" in caplog.text


def test_limits_are_those_given():
    with pytest.raises(ValueError, match="timeout"):
        manifill.Renderer(timeout=-1)


def values_by_the_official_sdk(connect):
    from onepasswordconnectsdk.client import new_client

    client = new_client(connect["OP_CONNECT_HOST"], connect["OP_CONNECT_TOKEN"])
    for vault_found in client.get_vaults():
        for summary in client.get_items(vault_found.id):
            item = client.get_item(summary.id, vault_found.id)
            for field in item.fields or []:
                if field.value:
                    yield vault_found, item, field


def test_the_official_sdk_reads_the_same(connect):
    renderer = manifill.Renderer("1passwordconnect", connect)
    lines, expected = [], []
    for vault_found, item, field in values_by_the_official_sdk(connect):
        for path in (
            f"vaults/{vault_found.name}/items/{item.title}",
            f"vaults/{vault_found.id}/items/{item.id}",
        ):
            lines.append(f"- <path:{path}#{field.id}>")
            expected.append(field.value)
    assert len(expected) > 20
    [document] = renderer.render_documents("kind: A\nvalues:\n" + "\n".join(lines) + "\n")
    assert document["values"] == expected


def test_the_example_home_lab_with_connect(connect, monkeypatch):
    for name, value in connect.items():
        monkeypatch.setenv(name, value)
    renderer = manifill.Renderer.from_config(MANIFESTS / "connect.yaml")
    folders = sorted(path for path in (MANIFESTS / "homelab").iterdir() if path.is_dir())
    online = dict(renderer.render_files(folders))
    offline = manifill.Renderer.from_config(MANIFESTS / "homelab" / "manifill.yaml")
    assert online == dict(offline.render_files(folders))


def test_a_wrong_token(connect):
    renderer = manifill.Renderer("1passwordconnect", {**connect, "OP_CONNECT_TOKEN": SENTINEL})
    with pytest.raises(manifill.AuthenticationError) as caught:
        renderer.read("vaults/Home/items/BaGetter")
    assert SENTINEL not in f"{caught.value} {caught.value!r} {renderer!r}"


def test_a_secret_can_be_used_like_a_mapping():
    secret = vault.Secret({"a": 1, "b": None, "c": "x"}, names=["a", "b", "c", "d"])
    assert secret.keys() == ["a", "c"]
    assert [(key, value.expose()) for key, value in secret.items()] == [("a", 1), ("c", "x")]
    assert [value.expose() for value in secret.values()] == [1, "x"]
    assert secret.get("a").expose() == 1
    assert secret.get("d") is None and secret.get("b", "none") == "none"
    assert {key: value.expose() for key, value in dict(secret).items()} == {"a": 1, "c": "x"}
    assert SENTINEL not in repr(vault.Secret({"a": SENTINEL}).items())


@pytest.mark.parametrize(
    ("kind", "settings", "message", "hint"),
    [
        ("1password", {}, "there is no backend of type `1password`", "did you mean `1passwordconnect`?"),
        ("valt", {}, "there is no backend of type `valt`", "did you mean `vault`?"),
        ("vualt", {}, "there is no backend of type `vualt`", "did you mean `vault`?"),
        ("openbao", {}, "there is no backend of type `openbao`", "did you mean `vault`?"),
        ("onepassword", {}, "there is no backend of type `onepassword`", "did you mean `1passwordconnect`?"),
        ("kubernetes", {}, "there is no backend of type `kubernetes`", "did you mean `kubernetessecret`?"),
        ("1passwordconnect", {"OP_CONNECT_HOSTT": "x"}, "a backend of type `1passwordconnect` has no setting `OP_CONNECT_HOSTT`", "did you mean `OP_CONNECT_HOST`, `OP_CONNECT_TOKEN`?"),
        ("1passwordconnect", {"host": "x"}, "a backend of type `1passwordconnect` has no setting `host`", "use one of OP_CONNECT_HOST, OP_CONNECT_TOKEN"),
        ("1passwordconnect", {}, "a backend of type `1passwordconnect` needs OP_CONNECT_HOST and OP_CONNECT_TOKEN", None),
        ("1passwordconnect", {"OP_CONNECT_HOST": "http://x"}, "a backend of type `1passwordconnect` needs OP_CONNECT_TOKEN", None),
        ("file", {}, "a backend of type `file` needs MANIFILL_FILE", None),
        ("vault", {}, "a backend of type `vault` needs VAULT_ADDR and AVP_AUTH_TYPE", "VAULT_ADDR: URL of the server; AVP_AUTH_TYPE: login: approle, github, jwt, k8s, token or userpass"),
        ("vault", {"VAULT_TOKEN": "x"}, "a backend of type `vault` needs VAULT_ADDR", "VAULT_ADDR: URL of the server"),
        ("vault", {"AVP_AUTH_TYPE": "approle"}, "a backend of type `vault` needs VAULT_ADDR, AVP_ROLE_ID and AVP_SECRET_ID", None),
        ("vault", {"BAO_ADDR": "http://x", "AVP_AUTH_TYPE": "jwt"}, "a backend of type `vault` needs AVP_JWT", "AVP_JWT: the JWT itself"),
    ],
)  # fmt: skip
def test_a_mistake_in_settings_is_told_when_the_renderer_is_made(kind, settings, message, hint):
    for make in (
        lambda: manifill.Renderer(kind, settings),
        lambda: manifill.Renderer(backends={"b": (kind, settings)}),
    ):
        with pytest.raises(manifill.ConfigurationError) as caught:
            make()
        assert caught.value.errors[0].message == message
        assert hint is None or caught.value.hint == hint
        assert caught.value.hint in str(caught.value)
