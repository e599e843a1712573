"""Reads from an instance with the vendor's own client, and prints what it finds as JSON.

Each answer must be one that the vendor's message classes read. Anything unexpected ends the program
with an exception.
"""

import json
import os

from ibm_cloud_sdk_core import ApiException
from ibm_cloud_sdk_core.authenticators import ContainerAuthenticator, IAMAuthenticator
from ibm_secrets_manager_sdk import secrets_manager_v2 as sdk

URL = os.environ["AVP_IBM_INSTANCE_URL"]
IAM = os.environ["SECRETS_MANAGER_AUTH_URL"]
KEY = os.environ["AVP_IBM_API_KEY"]
TOKEN_FILE = os.environ["SECRETS_MANAGER_CR_TOKEN_FILENAME"]
PROFILE = os.environ["SECRETS_MANAGER_IAM_PROFILE_ID"]

# The class of each type, and its fields that are secret.
TYPES = {
    "arbitrary": ("ArbitrarySecret", ["payload"]),
    "custom_credentials": ("CustomCredentialsSecret", ["credentials_content"]),
    "iam_credentials": ("IAMCredentialsSecret", ["api_key"]),
    "imported_cert": ("ImportedCertificate", ["certificate", "private_key", "intermediate"]),
    "kv": ("KVSecret", ["data"]),
    "private_cert": (
        "PrivateCertificate",
        ["certificate", "private_key", "issuing_ca", "ca_chain"],
    ),
    "public_cert": ("PublicCertificate", ["certificate", "private_key", "intermediate"]),
    "service_credentials": ("ServiceCredentialsSecret", ["credentials"]),
    "username_password": ("UsernamePasswordSecret", ["username", "password"]),
}
MAPS = ("credentials_content", "data", "credentials")


def connect(login):
    service = sdk.SecretsManagerV2(authenticator=login)
    service.set_service_url(URL)
    return service


def typed(body, of_type, suffix=""):
    """What the class of a type reads in a body."""
    name, _ = TYPES[of_type]
    return getattr(sdk, name + suffix).from_dict(body).to_dict()


def fields(body, of_type):
    """The fields by name; those of a map in the place of the map."""
    found = {name: body[name] for name in TYPES[of_type][1] if name in body}
    for name in MAPS:
        found.update(found.pop(name, {}))
    return found


def refused(read):
    try:
        read()
    except ApiException as error:
        return error.status_code
    raise AssertionError("it is not refused")


by_key = connect(IAMAuthenticator(KEY, url=IAM))
for profile in ({"iam_profile_id": PROFILE}, {"iam_profile_name": "reader"}):
    login = ContainerAuthenticator(cr_token_filename=TOKEN_FILE, url=IAM, **profile)
    assert connect(login).list_secret_groups().get_status_code() == 200

groups = sdk.SecretGroupCollection.from_dict(by_key.list_secret_groups().get_result())
ids = {group.name: group.id for group in groups.secret_groups}

names, secrets, previous = {}, {}, {}
for of_type in TYPES:
    # With pages of two, there is more than one.
    pager = sdk.SecretsPager(
        client=by_key, limit=2, groups=[ids["team"]], secret_types=[of_type]
    )
    listed = pager.get_all()
    for body in listed:
        metadata = typed(body, of_type, "Metadata")
        assert metadata["secret_type"] == of_type, metadata
    names[of_type] = sorted(body["name"] for body in listed)
    (one,) = [body["id"] for body in listed if body["name"] == "one"]
    by_id = typed(by_key.get_secret(one).get_result(), of_type)
    by_name = by_key.get_secret_by_name_type(of_type, "one", "team").get_result()
    assert typed(by_name, of_type) == by_id
    secrets[of_type] = fields(by_id, of_type)
    old = typed(by_key.get_secret_version(one, "previous").get_result(), of_type, "Version")
    assert old["secret_id"] == one and old["payload_available"], old
    previous[of_type] = fields(old, of_type)

by_name = by_key.get_secret_by_name_type
wrong = connect(IAMAuthenticator("wrong", url=IAM))
print(
    json.dumps(
        {
            "names": names,
            "secrets": secrets,
            "previous": previous,
            "refused": {
                "absent": refused(lambda: by_name("kv", "absent", "team")),
                "forbidden": refused(lambda: by_name("kv", "forbidden", "team")),
                "group": refused(lambda: by_name("kv", "one", "absent")),
                "login": refused(lambda: wrong.list_secret_groups()),
            },
        }
    )
)
