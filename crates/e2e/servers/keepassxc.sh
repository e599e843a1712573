#!/bin/sh
# Prints the path of keepassxc-cli: the one that is installed, else Debian's (or Ubuntu's), unpacked
# below target with what it needs.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if command -v keepassxc-cli; then exit; fi

target=${CARGO_TARGET_DIR:-$here/../../../target}
version=$(apt-cache show --no-all-versions keepassxc | sed -n 's/^Version: //p')
key=$(cat "$here/keepassxc.sh"; echo "$version")
folder=$target/e2e/keepassxc-$(echo "$key" | sha256sum | cut -c1-16)

if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder/packages"
    cd "$folder/packages"
    # What would be installed; apt checks the signatures of what it downloads.
    packages=$(apt-get install --simulate --no-install-recommends keepassxc | awk '/^Inst / { print $2 }')
    # shellcheck disable=SC2086
    apt-get download --quiet=2 $packages >&2
    for package in *.deb; do dpkg --extract "$package" "$folder"; done
    rm -rf "$folder/packages"
    folder=$(CDPATH='' cd -- "$folder" && pwd)
    cat >"$folder/keepassxc-cli" <<EOF
#!/bin/sh
LD_LIBRARY_PATH=\$(echo "$folder"/usr/lib/*-linux-gnu*) exec "$folder/usr/bin/keepassxc-cli" "\$@"
EOF
    chmod +x "$folder/keepassxc-cli"
    touch "$folder/complete"
fi

echo "$(CDPATH='' cd -- "$folder" && pwd)/keepassxc-cli"
