"""Drives the official Python client against the fake 1Password Connect server.

Every step marks the server's log, so that the test that runs this can tell which requests it
took. Anything unexpected ends the program with an exception.
"""

import json
import os
import re
import urllib.request
from contextlib import contextmanager
from urllib.parse import quote

import httpx
from onepasswordconnectsdk.client import new_client_from_environment
from onepasswordconnectsdk.errors import (
    FailedToRetrieveItemException,
    FailedToRetrieveVaultException,
)

HOST = os.environ["OP_CONNECT_HOST"]
VAULT = "prodvault000000000000000aa"
LOGIN = "loginitem0000000000000aaaa"
DOCUMENT = "documentitem00000000000aaa"
NOTE = "filetxt00000000000000aaaaa"
BINARY = "filepem00000000000000aaaaa"

connect = new_client_from_environment()


def control(**parameters):
    query = "&".join(f"{name}={quote(value)}" for name, value in parameters.items())
    urllib.request.urlopen(f"{HOST}/__ctl?{query}").read()


@contextmanager
def refusal(kind, pattern=""):
    """What happens inside must raise `kind` with a message that `pattern` is found in."""
    try:
        yield
    except kind as error:
        text = " ".join(str(error).split())
        assert re.search(pattern, text), text
        assert os.environ["OP_CONNECT_TOKEN"] not in text
    else:
        raise AssertionError(f"no {kind.__name__}")


def vaults():
    control(mark="get_vaults")
    assert [vault.name for vault in connect.get_vaults()] == [
        "Production",
        "Shared Name",
        "Shared Name",
        "Empty & Vault",
        "zyxwvutsrqponmlkjihgfedcba",
    ]
    control(mark="get_vault by id")
    vault = connect.get_vault(VAULT)
    assert (vault.name, vault.type, vault.content_version) == ("Production", "USER_CREATED", 7)
    control(mark="get_vault out of scope")
    with refusal(FailedToRetrieveVaultException, "403.*is not in scope"):
        connect.get_vault("hiddenvault000000000000aaa")
    control(mark="get_vault_by_title")
    assert connect.get_vault_by_title("Production").id == VAULT
    control(mark="get_vault_by_title in lower case")
    assert connect.get_vault_by_title("production").id == VAULT
    control(mark="get_vault_by_title of two")
    with refusal(FailedToRetrieveItemException, "Found 2 vaults"):
        connect.get_vault_by_title("Shared Name")
    control(mark="get_vault_by_title with &")
    with refusal(FailedToRetrieveVaultException, "400.*Invalid filter"):
        connect.get_vault_by_title("Empty & Vault")


def items():
    control(mark="get_items")
    summaries = connect.get_items(VAULT)
    assert len(summaries) > 20
    assert all(summary.vault.id == VAULT for summary in summaries)
    control(mark="get_items by tag")
    tagged = connect.get_items(VAULT, 'tag eq "prod"')
    assert [summary.title for summary in tagged] == ["db main", "billing api"]
    control(mark="get_item id, vault id")
    item = connect.get_item(LOGIN, VAULT)
    assert (item.title, item.category, item.version) == ("db main", "LOGIN", 3)
    values = {field.label: field.value for field in item.fields}
    assert values["username"] == "svc-user" and values["notesPlain"] is None
    assert [field.totp for field in item.fields if field.type == "OTP"] == ["620460"]
    assert [url.href for url in item.urls] == [
        "https://db.example.test",
        "https://alt.example.test",
    ]
    control(mark="get_item title, vault id")
    assert connect.get_item("db main", VAULT).id == LOGIN
    control(mark="get_item title, vault title")
    assert connect.get_item("db main", "Production").id == LOGIN
    control(mark="get_item id, vault title")
    assert connect.get_item(LOGIN, "Production").title == "db main"
    control(mark="get_item title shaped as an id")
    item = connect.get_item("abcdefghijklmnopqrstuvwxyz", VAULT)
    assert item.id == "lookalikeitem0000000000aaa"
    control(mark="get_item title of two")
    with refusal(FailedToRetrieveItemException, "Found 2 items"):
        connect.get_item("twin", VAULT)
    control(mark="get_item title of none")
    with refusal(FailedToRetrieveItemException, "Found 0 items"):
        connect.get_item("nope", VAULT)
    control(mark="get_item title with quotes")
    with refusal(FailedToRetrieveItemException, "400.*Invalid filter"):
        connect.get_item('say "hi"', VAULT)
    control(mark="get_item title with /")
    assert connect.get_item("team/db", VAULT).id == "slashitem0000000000000aaaa"
    control(mark="get_item title with & + #")
    with refusal(FailedToRetrieveItemException, "400.*Invalid filter"):
        connect.get_item("R&D + Ops #1", VAULT)
    control(mark="get_item out of scope")
    with refusal(FailedToRetrieveItemException, "403.*is not in scope"):
        connect.get_item(LOGIN, "hiddenvault000000000000aaa")
    control(mark="get_item with a computed code")
    (field,) = connect.get_item("codeitem0000000000000aaaaa", VAULT).fields
    assert re.fullmatch("[0-9]{6}", field.totp)
    control(mark="get_item with sections")
    item = connect.get_item("sectionitem000000000000aaa", VAULT)
    assert [section.label for section in item.sections] == ["blue", "blue", "Green"]
    assert [field.value for field in item.fields] == ["top", "blue-1", "blue-2", "green"]


def files():
    control(mark="get_files")
    found = connect.get_files(DOCUMENT, VAULT)
    assert [(file.name, file.size) for file in found] == [("note.txt", 23), ("key.pem", 256)]
    control(mark="get_file")
    assert connect.get_file(NOTE, DOCUMENT, VAULT).name == "note.txt"
    control(mark="get_file_content")
    assert connect.get_file_content(NOTE, DOCUMENT, VAULT) == b"hello from a fake file\n"
    control(mark="get_file_content of bytes")
    assert connect.get_file_content(BINARY, DOCUMENT, VAULT) == bytes(range(256))
    control(mark="get_file_content by content_path")
    path = found[0].content_path
    assert connect.get_file_content("x", "y", "z", content_path=path).startswith(b"hello")
    control(mark="get_file_content not synced", fault="file-not-syncedx1")
    with refusal(FailedToRetrieveItemException, "500"):
        connect.get_file_content(NOTE, DOCUMENT, VAULT)


def faults():
    for fault, kind, pattern in [
        ("401", FailedToRetrieveItemException, "401.*Invalid bearer token"),
        ("403", FailedToRetrieveItemException, f"403.*does not have access to vault {VAULT}"),
        ("408", FailedToRetrieveItemException, "408.*sync did not complete"),
        ("429", FailedToRetrieveItemException, "429"),
        ("500", FailedToRetrieveItemException, "500.*Something went wrong"),
        ("503", FailedToRetrieveItemException, "503"),
        ("html", json.JSONDecodeError, ""),
        ("drop", httpx.RemoteProtocolError, ""),
    ]:
        control(mark=f"fault {fault}", fault=f"{fault}x1")
        with refusal(kind, pattern):
            connect.get_item(LOGIN, VAULT)
    control(mark="after the faults")
    assert connect.get_item(LOGIN, VAULT).title == "db main"


vaults()
items()
files()
faults()
