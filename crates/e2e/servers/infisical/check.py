"""Reads from the fake server with Infisical's official client.

Anything unexpected ends the program with an exception.
"""

import os

from infisical_sdk import InfisicalSDKClient
from infisical_sdk.infisical_requests import APIError

HOST = os.environ["INFISICAL_HOST_URL"]
CLIENT = os.environ["INFISICAL_UNIVERSAL_AUTH_CLIENT_ID"]
SECRET = os.environ["INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"]
PROJECT = "8f2c1b7e-3a4d-4c5e-9f60-718293a4b5c6"


def refusal(status, what):
    try:
        what()
    except APIError as error:
        assert error.status_code == status, error
        assert SECRET not in str(error)
    else:
        raise AssertionError(f"no {status}")


with InfisicalSDKClient(host=HOST, cache_ttl=None) as infisical:
    universal = infisical.auth.universal_auth
    refusal(401, lambda: universal.login(client_id=CLIENT, client_secret="wrong"))
    login = universal.login(client_id=CLIENT, client_secret=SECRET)
    assert (login.expiresIn, login.tokenType) == (7200, "Bearer")

    def listed(environment, folder, **project):
        return infisical.secrets.list_secrets(
            environment_slug=environment, secret_path=folder, **project
        )

    for project in [{"project_id": PROJECT}, {"project_slug": "shop-x7k2"}]:
        found = listed("prod", "/payments/db", **project)
        own = {secret.secretKey: secret.secretValue for secret in found.secrets}
        assert own == {"USER": "svc_orders", "PASSWORD": "s3cr3t ü\n", "HIDDEN": "<hidden-by-infisical>"}
        hidden = {secret.secretKey for secret in found.secrets if secret.secretValueHidden}
        assert hidden == {"HIDDEN"}
        (imported,) = found.imports
        assert [secret["secretKey"] for secret in imported.secrets] == ["USER", "HOST"]
    refusal(404, lambda: listed("prod", "/absent", project_id=PROJECT))
    refusal(403, lambda: listed("dev", "/", project_id=PROJECT))
