#!/bin/sh
# Unpacks the program `pass` from Debian's or Ubuntu's package, checks it by hash and prints its path.
#
# It is a script, the same in all of them, whatever the hash of the package around it. The folder is
# keyed by this file: it is made once, and anew when the pin changes.
set -eu

hash=b0da432e8d377a67c7a74a9111c6b32889cce62f6e4f506a7bbdba817a268632  # 1.7.4

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../../target}
key=$(sha256sum < "$here/install.sh" | cut -c1-16)
folder=$target/e2e/pass-$key

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    # Of root, it would lower its rights and then not be able to write here.
    (cd "$folder" && apt-get -o APT::Sandbox::User=root download -qq pass) >&2
    dpkg-deb -x "$folder"/pass_*.deb "$folder" >&2
    echo "$hash  $folder/usr/bin/pass" | sha256sum --check --quiet >&2
    touch "$folder/complete"
fi

echo "$(CDPATH='' cd -- "$folder" && pwd)/usr/bin/pass"
