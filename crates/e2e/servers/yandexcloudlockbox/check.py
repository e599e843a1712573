"""Reads from a Lockbox with the vendor's message classes, and prints what it finds as JSON.

The vendor's client speaks gRPC. So requests are written and answers are read by its classes in the
JSON form that the API's REST side has, and the login is signed by its code. Then the login of the
backend, on standard input, is read. Anything unexpected ends the program with an exception.
"""

import base64
import importlib.util
import json
import os
import sys
from pathlib import Path

import jwt
import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from google.protobuf import json_format
from yandex.cloud.iam.v1.iam_token_service_pb2 import (
    CreateIamTokenRequest,
    CreateIamTokenResponse,
)
from yandex.cloud.lockbox.v1.payload_pb2 import Payload
from yandex.cloud.lockbox.v1.payload_service_pb2 import GetExRequest, GetExResponse

URL = os.environ["YC_ENDPOINT"]
ACCOUNT = os.environ["AVP_YCL_SERVICE_ACCOUNT_ID"]
KEY_ID = os.environ["AVP_YCL_KEY_ID"]
PRIVATE_KEY = os.environ["AVP_YCL_PRIVATE_KEY"]
TOKENS = f"{URL}/iam/v1/tokens"


def vendors_login():
    """The vendor's own code for it, without its package, which needs gRPC."""
    folder = Path(sys.modules["yandex.cloud.iam.v1.iam_token_service_pb2"].__file__).parents[4]
    file = folder / "yandexcloud" / "_auth_fabric.py"
    spec = importlib.util.spec_from_file_location("auth_fabric", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    key = {"id": KEY_ID, "service_account_id": ACCOUNT, "private_key": PRIVATE_KEY}
    return module.get_auth_token_requester(service_account_key=key).get_token_request()


def parsed(answer, message):
    """An answer as a message of the API; a field that it does not have is an error."""
    answer.raise_for_status()
    return json_format.Parse(answer.text, message)


login = vendors_login()
granted = parsed(requests.post(TOKENS, data=json_format.MessageToJson(login)), CreateIamTokenResponse())
assert granted.iam_token and granted.expires_at.seconds > 0, granted
headers = {"Authorization": f"Bearer {granted.iam_token}"}


def by_id(secret, version=None):
    query = {"versionId": version} if version else {}
    url = f"{URL}/lockbox/v1/secrets/{secret}/payload"
    payload = parsed(requests.get(url, params=query, headers=headers), Payload())
    entries = {}
    for entry in payload.entries:
        kind = entry.WhichOneof("value")
        value = getattr(entry, kind)
        entries[entry.key] = value.encode() if kind == "text_value" else value
    return shown(payload.version_id, entries)


def by_name(folder, name, version=None):
    message = GetExRequest(version_id=version)
    message.folder_and_name.folder_id = folder
    message.folder_and_name.secret_name = name
    query = {}
    for field, value in json_format.MessageToDict(message).items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        query.update({f"{field}.{part}".rstrip("."): text for part, text in inner})
    url = f"{URL}/lockbox/v1/secrets:getEx"
    answer = parsed(requests.get(url, params=query, headers=headers), GetExResponse())
    return shown(answer.version_id, dict(answer.entries))


def shown(version, entries):
    texts = {key: base64.b64encode(value).decode() for key, value in entries.items()}
    return {"version": version, "entries": texts}


def judge(body):
    """The backend's request for a token is one, and its JWT is as the vendor's own."""
    own = json_format.Parse(body, CreateIamTokenRequest()).jwt
    key = load_pem_private_key(PRIVATE_KEY[PRIVATE_KEY.index("-----BEGIN") :].encode(), None)
    claims = jwt.decode(own, key.public_key(), algorithms=["PS256"], audience=TOKENS, issuer=ACCOUNT)
    options = {"verify_aud": False}
    vendors = jwt.decode(login.jwt, key.public_key(), algorithms=["PS256"], options=options)
    assert jwt.get_unverified_header(own) == jwt.get_unverified_header(login.jwt)
    assert sorted(claims) == sorted(vendors), (claims, vendors)
    assert claims["exp"] - claims["iat"] == vendors["exp"] - vendors["iat"]


judge(sys.stdin.read())
print(
    json.dumps(
        {
            "e6q1": by_id("e6q1"),
            "e6q1#v1": by_id("e6q1", "v1"),
            "b1g1/my db & co": by_name("b1g1", "my db & co"),
            "b1g1/my db & co#v1": by_name("b1g1", "my db & co", "v1"),
        }
    )
)
