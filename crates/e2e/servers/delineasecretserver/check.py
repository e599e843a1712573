"""Reads from a Secret Server with the vendor's own client, and prints what it finds as JSON.

Anything unexpected ends the program with an exception.
"""

import base64
import json
import os

from delinea.secrets.server import (
    AccessTokenAuthorizer,
    DomainPasswordGrantAuthorizer,
    PasswordGrantAuthorizer,
    SecretServer,
    SecretServerClientError,
    ServerSecret,
)

URL = os.environ["AVP_DELINEA_URL"]
USER = os.environ["AVP_DELINEA_USER"]
PASSWORD = os.environ["AVP_DELINEA_PASSWORD"]
DOMAIN = os.environ.get("AVP_DELINEA_DOMAIN")


def fields(secret):
    """The fields by slug; what was read from a file as base64."""
    found = {}
    for item in secret["items"]:
        value = item["itemValue"]
        if hasattr(value, "content"):
            value = {"file": base64.b64encode(value.content).decode()}
        found[item["slug"]] = value
    return found


def refused(read):
    try:
        read()
    except SecretServerClientError as error:
        return error.message
    raise AssertionError("it is not refused")


if DOMAIN:
    login = DomainPasswordGrantAuthorizer(URL, USER, DOMAIN, PASSWORD)
else:
    login = PasswordGrantAuthorizer(URL, USER, PASSWORD)
server = SecretServer(URL, login)

# The client's own type takes the answer, too.
typed = ServerSecret(**server.get_secret(7, fetch_file_attachments=False))
assert typed.fields["password"].value, typed
by_token = SecretServer(URL, AccessTokenAuthorizer(login.get_access_token(), URL))
assert fields(by_token.get_secret(7)) == fields(server.get_secret(7))

wrong = PasswordGrantAuthorizer(URL, USER, "wrong")
print(
    json.dumps(
        {
            "7": fields(server.get_secret(7)),
            "Team/db": fields(server.get_secret_by_path("Team/db")),
            "8": fields(server.get_secret(8)),
            "Team/A & B/store": fields(server.get_secret_by_path("\\Team\\A & B\\store")),
            "refused": {
                "9": refused(lambda: server.get_secret(9)),
                "13": refused(lambda: server.get_secret(13)),
                "Team/no": refused(lambda: server.get_secret_by_path("Team/no")),
                "login": refused(wrong.get_access_token),
            },
        }
    )
)
