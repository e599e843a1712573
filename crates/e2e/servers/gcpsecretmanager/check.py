"""Puts secrets into a Secret Manager with Google's own client, reads them with each login, and prints
what it finds as JSON. Anything unexpected ends the program with an exception.

The address of the server and the folder of its credentials are the arguments.
"""

import base64
import json
import sys
from pathlib import Path

import google.auth
from google.api_core.exceptions import GoogleAPICallError
from google.auth import compute_engine, identity_pool
from google.cloud import secretmanager_v1
from google.cloud.secretmanager_v1.services.secret_manager_service.transports.rest import (
    SecretManagerServiceRestTransport,
)
from google.oauth2.credentials import Credentials

HOST = sys.argv[1].removeprefix("http://")
FOLDER = Path(sys.argv[2])
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
TEXT = json.dumps({"password": "a\"b\\c\n d ü 密码", "port": 5432}, ensure_ascii=False)


def client(credentials):
    transport = SecretManagerServiceRestTransport(host=HOST, credentials=credentials, url_scheme="http")
    return secretmanager_v1.SecretManagerServiceClient(transport=transport)


def of_file(name):
    return google.auth.load_credentials_from_file(FOLDER / f"{name}.json", scopes=SCOPES)[0]


def workload(name):
    """The login of a workload; by the usual way, Google itself would be asked for its project."""
    return identity_pool.Credentials.from_file(FOLDER / f"{name}.json").with_scopes(SCOPES)


def user():
    """The login of a user; read from a file, it would always be sent to Google itself."""
    text = json.loads((FOLDER / "user.json").read_text())
    del text["type"]
    return Credentials(None, **text)


def put(manager):
    def secret(parent, name, *payloads, **more):
        request = {"parent": parent, "secret_id": name, "secret": {"replication": {"automatic": {}}, **more}}
        manager.create_secret(request=request)
        for payload in payloads:
            manager.add_secret_version(
                request={"parent": f"{parent}/secrets/{name}", "payload": {"data": payload}}
            )

    secret("projects/shop", "db", b"old", TEXT.encode(), version_aliases={"prod": 1})
    secret("projects/shop", "store", bytes(range(256)))
    secret("projects/shop", "off", b"off")
    secret("projects/shop", "none")
    secret("projects/shop/locations/europe-west3", "db", b"regional")
    manager.disable_secret_version(request={"name": "projects/shop/secrets/off/versions/1"})


def read(manager, name):
    try:
        answer = manager.access_secret_version(request={"name": name})
    except GoogleAPICallError as error:
        return {"status": error.code}
    return {"name": answer.name, "payload": base64.b64encode(answer.payload.data).decode()}


NAMES = [
    "projects/shop/secrets/db/versions/latest",
    "projects/shop/secrets/db/versions/1",
    "projects/shop/secrets/db/versions/prod",
    "projects/shop/secrets/db/versions/9",
    "projects/shop/secrets/store/versions/latest",
    "projects/shop/secrets/off/versions/latest",
    "projects/shop/secrets/none/versions/latest",
    "projects/shop/secrets/absent/versions/latest",
    "projects/shop/locations/europe-west3/secrets/db/versions/latest",
]

put(client(of_file("reader")))
found = {}
for login, credentials in [
    ("reader", of_file("reader")),
    ("nobody", of_file("nobody")),
    ("user", user()),
    ("workload", workload("workload")),
    ("acting-workload", workload("acting-workload")),
    ("machine", compute_engine.Credentials()),
]:
    manager = client(credentials)
    found[login] = {name: read(manager, name) for name in NAMES}
print(json.dumps(found))
