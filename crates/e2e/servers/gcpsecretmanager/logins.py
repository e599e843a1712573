"""Prints as JSON what Google's own client finds in each of some environments: the token, and the
project that requests are counted for; null for an error.

The address of the server and a file with the environments are the arguments. What
is meant for one of Google's hosts is sent to the server, and nothing of the client is changed for it:
what it sends requests with is an argument of its functions.
"""

import json
import os
import sys
import warnings
from pathlib import Path

import google.auth
import google.auth.transport.requests

SERVER = sys.argv[1]
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
SERVICE = "https://secretmanager.googleapis.com/v1/projects/shop/secrets/db/versions/latest:access"


class Requests(google.auth.transport.requests.Request):
    def __call__(self, url, *args, **named):
        if url.startswith("https://") and not url.startswith("https://localhost:"):
            url = f"{SERVER}/{url.split('/', 3)[3]}"
        return super().__call__(url, *args, **named)


def find():
    requests = Requests()
    credentials, _ = google.auth.default(scopes=SCOPES, request=requests)
    headers = {}
    credentials.before_request(requests, "GET", SERVICE, headers)
    return [headers["authorization"].removeprefix("Bearer "), headers.get("x-goog-user-project")]


def find_apart(environment):
    """In a process of its own, since the client reads some variables when it is loaded."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        os.environ.clear()
        os.environ.update(environment)
        try:
            found = find()
        except Exception as error:
            print(environment["HOME"], type(error).__name__, error, file=sys.stderr)
            found = None
        os.write(writer, json.dumps(found).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        found = json.loads(answer.read())
    os.wait()
    return found


warnings.simplefilter("ignore")
assert "google.auth.compute_engine._metadata" not in sys.modules
print(json.dumps([find_apart(environment) for environment in json.loads(Path(sys.argv[2]).read_text())]))
