"""Makes a database with pykeepass: check.py FILE KEY_FILE DERIVATION CIPHER; the password is `correct horse`.

KeePassXC's command line makes none with Argon2, and changes neither cipher nor derivation of one that
is there.
"""

import os
import sys

from construct import Container
from pykeepass import PyKeePass, create_database

PASSWORD = "correct horse"
#: The UUIDs of what derives a key.
DERIVATIONS = {
    "aes": "c9d9f39a628a4460bf740d08c18a4fea",
    "argon2d": "ef636ddf8c29444b91f7a9a403e30a0c",
    "argon2id": "9e298b1956db4773b23dfc3ec6f0a1e6",
}
NUMBER, BYTES = 5, 66


def derive(header, name):
    """Sets the derivation, with few rounds."""
    parameters = header.kdf_parameters.data.dict
    parameters["$UUID"].value = bytes.fromhex(DERIVATIONS[name])
    if name != "aes":
        parameters["M"].value, parameters["I"].value = 256 * 1024, 3
        return
    for unused in "IMPV":
        parameters.pop(unused)
    parameters["R"] = Container(type=NUMBER, key="R", value=500, next_byte=0)
    parameters["$UUID"].next_byte, parameters["S"].next_byte = BYTES, NUMBER


file, key_file, derivation, cipher = sys.argv[1:]
made = create_database(file, password=PASSWORD, keyfile=key_file)
header = made.kdbx.header.value.dynamic_header
derive(header, derivation)
header.cipher_id.data = cipher
header.encryption_iv.data = os.urandom(12 if cipher == "chacha20" else 16)
shop = made.add_group(made.root_group, "shop ü")
one = made.add_entry(shop, "database", "svc_orders", "s3cr3t ü & <b>\n ", url="https://a/?b=1&c=2")
one.set_custom_property("api key", "one\ntwo\t", protect=True)
one.set_custom_property("plain", "  100 % {x} ")
one.add_attachment(made.add_binary(bytes(range(256))), "all.bin")
one.add_attachment(made.add_binary(b""), "empty")
two = made.add_entry(shop, "refers", "", f"{{REF:P@I:{one.uuid.hex.upper()}}}")
two.username = f"{{REF:U@I:{one.uuid.hex.upper()}}}"
made.save()

opened = PyKeePass(file, password=PASSWORD, keyfile=key_file)
assert opened.version[0] == 4
print(one.uuid)
