"""Reads from the fake server with Doppler's official client.

Anything unexpected ends the program with an exception.
"""

import os

from dopplersdk import DopplerSDK
from http_exceptions.client_exceptions import (
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)

HOST = os.environ["DOPPLER_API_HOST"]
TOKEN = os.environ["DOPPLER_TOKEN"]


def client(token=TOKEN):
    doppler = DopplerSDK()
    doppler.set_base_url(HOST)
    doppler.set_access_token(token)
    return doppler.secrets


def refusal(kind, project, config, token=TOKEN):
    try:
        client(token).download(config=config, project=project, format="json")
    except kind as error:
        assert token not in str(error)
    else:
        raise AssertionError(f"no {kind.__name__}")


# Its model of the answer has these names only.
found = client().download(config="prd", project="shop", format="json")
assert found.USER == "svc_orders"
assert found.DATABASE == "postgres://svc_orders:s3cr3t ü@db/orders?a=1&b=2"
assert found.STRIPE == "line one\nline two\n"

refusal(NotFoundException, "shop", "absent")
refusal(ForbiddenException, "shop", "dev")
refusal(UnauthorizedException, "shop", "prd", "dp.st.prd.wrong")
