#!/bin/sh
# Makes the files of this folder anew, with OpenSSL 3: a key that is used nowhere, in everything that
# certificates of applications come in.
set -eu
cd "$(dirname "$0")"
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
key=$temp/key.pem
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ca -days 36500 -keyout "$temp/ca.key" -out ca.pem
openssl req -newkey rsa:2048 -nodes -subj /CN=app -keyout "$key" -out "$temp/app.csr"
openssl x509 -req -in "$temp/app.csr" -CA ca.pem -CAkey "$temp/ca.key" -days 36500 -out app.pem

pfx() {
    name=$1
    shift
    openssl pkcs12 -export -inkey "$key" -in app.pem -certfile ca.pem -out "$name.pfx" "$@"
}
password='pass:pässword 🔑'
pfx modern -passout "$password"
pfx aes128 -passout "$password" -keypbe AES-128-CBC -certpbe AES-192-CBC -macalg sha512
pfx legacy -passout "$password" -legacy
pfx 3des -passout "$password" -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1
pfx old -passout "$password" -legacy -keypbe PBE-SHA1-2DES -certpbe PBE-SHA1-RC2-128 -macalg sha384 -nomaciter
pfx empty -passout pass: -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1
pfx plain -passout pass: -keypbe NONE -certpbe NONE -nomac
pfx mac -passout pass: -keypbe NONE -certpbe NONE -macalg sha1
pfx sha224 -passout "$password" -macalg sha224

pem() {
    name=$1
    shift
    openssl pkcs8 -topk8 -in "$key" -passout "$password" -out "$name.key" "$@"
}
pem aes256 -v2 aes-256-cbc
pem 3des -v2 des3 -v2prf hmacWithSHA1
pem legacy -v1 PBE-SHA1-RC2-40 -provider legacy -provider default
pem scrypt -scrypt
pem des -v1 PBE-MD5-DES -provider legacy -provider default
openssl rsa -in "$key" -aes256 -traditional -passout "$password" -out traditional.key
chmod 644 ./*.key ./*.pfx
