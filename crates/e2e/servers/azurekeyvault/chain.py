"""Prints as JSON the tokens that Microsoft's own client finds in environments, or null.

chain.py FILE CA: a list of them, since a process for each would take a second to start, and the
certificate of the CA to trust.
"""

import json
import logging
import os
import sys
import warnings

from azure.identity import DefaultAzureCredential

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
file, ca = sys.argv[1:]
with open(file, encoding="utf-8") as listed:
    environments = json.load(listed)
found = []
for environment in environments:
    os.environ.clear()
    os.environ.update(environment)
    try:
        credential = DefaultAzureCredential(disable_instance_discovery=True, connection_verify=ca)
        found.append(credential.get_token("https://vault.azure.net/.default").token)
    except Exception as error:
        print(environment, type(error).__name__, error, file=sys.stderr)
        found.append(None)
print(json.dumps(found))
