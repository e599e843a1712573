//! The other direction, for tests: files as sops writes them, with throw-away keys.

use std::path::{Path, PathBuf};

use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Key, Nonce};
use aws_lc_rs::digest::{Context, SHA512};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXUPPER;
use serde_json::{Map, Value, json};

use super::*;
use crate::suite::{Reply, Server};

pub(super) const DATA_KEY: [u8; 32] = *b"a data key that is worth nothing";
pub(super) const LAST_MODIFIED: &str = "2026-11-22T03:54:01Z";

/// A folder with one file in it.
pub(super) fn folder(name: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), content).unwrap();
    let settings = Settings::new().with_base(folder.path());
    (folder, settings)
}

/// Settings for the samples that the real sops wrote.
pub(super) fn samples() -> Settings {
    Settings::new().with_base(testdata())
}

pub(super) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/backend/sops/testdata")
}

pub(super) fn sample(name: &str) -> String {
    std::fs::read_to_string(testdata().join(name)).unwrap()
}

/// Reads all of a file, with no home folder to fall back to.
pub(super) async fn read(settings: &Settings, path: &str) -> Result<Secret, VaultError> {
    let backend = Sops::at_home(settings, None).unwrap();
    let path = backend.parse_path(path).unwrap();
    let request = SecretRequest::new(path, Keys::All);
    backend
        .read(&[request], &RunContext::default())
        .await
        .remove(0)
}

/// The values of a file as one line of JSON.
pub(super) async fn values(settings: &Settings, path: &str) -> String {
    let secret = read(settings, path).await.unwrap();
    let values = secret.names().map(|name| {
        let value = secret.value(name);
        let value = value.map_or(SecretValue::null(), |value| value.unwrap().clone());
        (name, value)
    });
    SecretValue::map(values).to_json()
}

/// What became of reading a file that must not be read: kind, message and hint.
pub(super) async fn refused(
    settings: &Settings,
    path: &str,
) -> (VaultErrorKind, String, Option<&'static str>) {
    let error = read(settings, path).await.unwrap_err();
    (error.kind(), error.to_string(), error.hint())
}

/// Encrypts a value for its place.
pub(super) fn seal(plain: &[u8], kind: &str, place: &str) -> String {
    let cipher = AesGcm::<Aes256, U32>::new(Key::<Aes256>::from_slice(&DATA_KEY));
    let iv = [7; 32];
    let payload = Payload {
        msg: plain,
        aad: place.as_bytes(),
    };
    let mut data = cipher.encrypt(Nonce::from_slice(&iv), payload).unwrap();
    let tag = data.split_off(data.len() - 16);
    let [data, iv, tag] = [&data[..], &iv[..], &tag[..]].map(|bytes| STANDARD.encode(bytes));
    format!("ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:{kind}]")
}

/// The hash over values in their order, encrypted.
pub(super) fn mac(values: &[&[u8]]) -> String {
    let mut hash = Context::new(&SHA512);
    values.iter().for_each(|value| hash.update(value));
    let hash = hash.finish();
    let hash = HEXUPPER.encode(hash.as_ref());
    seal(hash.as_bytes(), "str", LAST_MODIFIED)
}

/// The file that sops makes of one text or of bytes at a key.
pub(super) fn file(key: &str, value: &[u8], recipients: Value) -> Map<String, Value> {
    let sealed = match value {
        [] => String::new(),
        value => seal(value, "str", &format!("{key}:")),
    };
    let mut about = recipients;
    about["lastmodified"] = LAST_MODIFIED.into();
    about["mac"] = mac(&[value]).into();
    let file = json!({ key: sealed, "sops": about });
    file.as_object().unwrap().clone()
}

/// The data key for the first throw-away age key.
pub(super) fn for_age(data_key: &[u8]) -> Value {
    let recipient: ::age::x25519::Recipient =
        "age1rsfla38evd9ar2js8gcdmfyj3mxqwtmdnzx0uafms2y7ghh3dqfq862lnr"
            .parse()
            .unwrap();
    let enc = ::age::encrypt_and_armor(&recipient, data_key).unwrap();
    json!({"age": [{"recipient": recipient.to_string(), "enc": enc}]})
}

/// A server whose engines are all transit and have the name that is asked for.
pub(super) async fn transit_server() -> Server {
    answering(opened()).await
}

/// What it answers to a key of the files here.
pub(super) fn opened() -> Reply {
    Reply::json(json!({"data": {"plaintext": STANDARD.encode(DATA_KEY)}}).to_string())
}

/// The same, with this answer for every key.
pub(super) async fn answering(reply: Reply) -> Server {
    Server::start(move |seen| match seen.target.split_once(ASKED) {
        Some((_, mount)) => mounted(mount, "transit"),
        None => reply.clone(),
    })
    .await
}

pub(super) const ASKED: &str = "/v1/sys/internal/ui/mounts/";

pub(super) fn mounted(path: &str, kind: &str) -> Reply {
    Reply::json(json!({"data": {"path": format!("{path}/"), "type": kind}}).to_string())
}
