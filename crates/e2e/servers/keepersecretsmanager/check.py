"""Reads from Keeper with the vendor's own client, and prints what it finds as JSON.

The arguments are in the client's notation. Anything unexpected ends the program with an exception.
"""

import json
import sys

from keeper_secrets_manager_core import SecretsManager
from keeper_secrets_manager_core.core import KSMHttpResponse
from keeper_secrets_manager_core.exceptions import KeeperError
from keeper_secrets_manager_core.storage import InMemoryKeyValueStorage
from keeper_secrets_manager_core.configkeys import ConfigKeys

STATUSES = []


def post(url, *rest):
    """The client's own request, but without TLS, which the server has not."""
    answer = SecretsManager.post_function(url.replace("https://", "http://", 1), *rest)
    assert isinstance(answer, KSMHttpResponse)
    STATUSES.append(answer.status_code)
    return answer


def refused(read, kind):
    try:
        read()
    except kind as error:
        return str(error)
    raise AssertionError("it is not refused")


client = SecretsManager(custom_post_function=post)
found = {notation: client.get_notation_results(notation) for notation in sys.argv[1:]}
read = list(STATUSES)

records = client.get_secrets(full_response=True)
assert not records.had_bad_records and not records.had_bad_folders, records.bad_records

own = client.config.read_storage()
own["clientId"] = "another"
another = SecretsManager(config=InMemoryKeyValueStorage(json.dumps(own)), custom_post_function=post)

print(
    json.dumps(
        {
            "found": found,
            "statuses": read,
            "titles": sorted({record.uid: record.title for record in records.records}.items()),
            "key": client.config.get(ConfigKeys.KEY_SERVER_PUBLIC_KEY_ID),
            "refused": {
                "absent": refused(lambda: client.get_notation_results("Nothing/notes"), ValueError),
                "twins": refused(lambda: client.get_notation_results("Twins/notes"), ValueError),
                "device": refused(another.get_secrets, KeeperError),
            },
        }
    )
)
