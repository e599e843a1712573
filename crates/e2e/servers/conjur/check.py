"""Reads from the fake server with Conjur's official client, by both logins.

Anything unexpected ends the program with an exception.
"""

import asyncio
import os

from conjur_api import Client
from conjur_api.errors.errors import HttpStatusError
from conjur_api.models import ConjurConnectionInfo, CredentialsData, SslVerificationMode
from conjur_api.providers import (
    AuthnAuthenticationStrategy,
    JWTAuthenticationStrategy,
    SimpleCredentialsProvider,
)

URL = os.environ["CONJUR_APPLIANCE_URL"]
ACCOUNT = os.environ["CONJUR_ACCOUNT"]
LOGIN = os.environ["CONJUR_AUTHN_LOGIN"]
KEY = os.environ["CONJUR_AUTHN_API_KEY"]
SERVICE = os.environ["CONJUR_SERVICE_ID"]
JWT = os.environ["CONJUR_AUTHN_JWT_TOKEN"]


def client(strategy):
    info = ConjurConnectionInfo(conjur_url=URL, account=ACCOUNT, service_id=SERVICE)
    return Client(
        info, authn_strategy=strategy, ssl_verification_mode=SslVerificationMode.INSECURE
    )


def by_key(key=KEY):
    provider = SimpleCredentialsProvider()
    provider.save(CredentialsData(machine=URL, username=LOGIN, api_key=key))
    return client(AuthnAuthenticationStrategy(provider))


async def refusal(status, what):
    try:
        await what
    except HttpStatusError as error:
        assert error.status == status, error
        assert KEY not in str(error)
    else:
        raise AssertionError(f"no {status}")


async def main():
    for conjur in [by_key(), client(JWTAuthenticationStrategy(JWT))]:
        assert await conjur.get("prod/db/user") == b"svc_orders"
        assert await conjur.get("prod/db/password", "1") == b"old"
        assert await conjur.get_many("prod/db/user", "prod/db/password") == {
            "prod/db/user": "svc_orders",
            "prod/db/password": "s3cr3t ü\n",
        }
        listed = await conjur.list({"kind": "variable"})
        assert "example:variable:prod/db/user" in listed, listed
        await refusal(404, conjur.get("prod/db/absent"))
        await refusal(403, conjur.get("prod/db/root"))
        await refusal(404, conjur.get_many("prod/db/user", "prod/db/absent"))
        await refusal(403, conjur.get_many("prod/db/user", "prod/db/root"))
        # It does not ask for base64, and then bytes cannot be among them.
        await refusal(406, conjur.get_many("prod/db/user", "prod/db/keystore"))
    await refusal(401, by_key("wrong").get("prod/db/user"))


asyncio.run(main())
