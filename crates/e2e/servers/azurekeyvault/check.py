"""Writes secrets to the key vault and reads them with Microsoft's official client, by its own logins.

The last line is what is there, as JSON. Anything unexpected ends the program with an exception.
"""

import json
import os
import warnings

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from azure.keyvault.secrets import SecretClient

VAULT = os.environ["VAULT"]
FOLDER = os.environ["FOLDER"]
TENANT = os.environ["AZURE_TENANT_ID"]
READER = os.environ["AZURE_CLIENT_ID"]
NOBODY = os.environ["NOBODY"]
SECRET = os.environ["AZURE_CLIENT_SECRET"]

# Its tokens go over TLS with a CA of our own, whose host is none of Azure's.
TLS = {"connection_verify": os.path.join(FOLDER, "ca.pem")}
ENTRA = {"authority": VAULT, "disable_instance_discovery": True, **TLS}


def client(credential):
    return SecretClient(VAULT, credential, verify_challenge_resource=False, **TLS)


def by_secret(client_id=READER, secret=SECRET):
    return ClientSecretCredential(TENANT, client_id, secret, **ENTRA)


def refusal(kind, status, call):
    try:
        call()
    except kind as error:
        assert error.status_code == status, error
        return error
    raise AssertionError(f"no {kind.__name__}")


reader = client(by_secret())
written = {
    "db-user": ["svc_orders"],
    "db-password": ["old", "s3cr3t ü 🔑 \"'\\"],
    "Certificate": ["-----BEGIN X-----\nline\n-----END X-----\n"],
    "empty": [""],
}
found = {}
for name, values in written.items():
    versions = {}
    for value in values:
        made = reader.set_secret(name, value)
        versions[made.properties.version] = value
    newest = reader.get_secret(name.upper())
    assert newest.value == values[-1]
    assert newest.properties.version == list(versions)[-1]
    for version, value in versions.items():
        assert reader.get_secret(name, version).value == value
    found[name] = versions

off = reader.set_secret("off", "disabled")
reader.update_secret_properties("off", off.properties.version, enabled=False)
error = refusal(HttpResponseError, 403, lambda: reader.get_secret("off"))
assert error.error.innererror["code"] == "SecretDisabled", error.error.innererror

listed = {item.name: item.enabled for item in reader.list_properties_of_secrets()}
assert listed == {**dict.fromkeys(found, True), "off": False}, listed

refusal(ResourceNotFoundError, 404, lambda: reader.get_secret("absent"))
refusal(ResourceNotFoundError, 404, lambda: reader.get_secret("db-user", "0" * 32))

# Each login gives what the vault takes.
warnings.simplefilter("error")
for credential in [
    CertificateCredential(TENANT, READER, os.path.join(FOLDER, "app.pem"), **ENTRA),
    WorkloadIdentityCredential(
        tenant_id=TENANT,
        client_id=READER,
        token_file_path=os.path.join(FOLDER, "pod"),
        **ENTRA,
    ),
    ManagedIdentityCredential(),
]:
    assert client(credential).get_secret("db-user").value == "svc_orders"

refusal(HttpResponseError, 403, lambda: client(by_secret(NOBODY)).get_secret("db-user"))
error = None
try:
    client(by_secret(secret="wrong")).get_secret("db-user")
except ClientAuthenticationError as refused:
    error = refused
assert error is not None and "7000215" in str(error), error

print(json.dumps(found))
