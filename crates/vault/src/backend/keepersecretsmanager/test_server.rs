//! A Keeper for tests. The vendor's own client reads from it, too, in `crates/e2e`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::agreement::{self, ECDH_P256};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::suite::{Reply, Seen};

const GET_SECRET: &str = "/api/rest/sm/v1/get_secret";

/// A server with a key of its own, and a device that it knows.
pub(crate) struct Keeper {
    server_key: agreement::PrivateKey,
    /// The number of its key.
    pub(crate) key_number: u32,
    /// The public key of the device.
    device: Vec<u8>,
    /// Its private key as a configuration has it.
    private_key: String,
    client_id: String,
    app_key: Vec<u8>,
    folder_key: Vec<u8>,
    pub(crate) records: Vec<Stored>,
    /// Where its files are, if not at the server itself.
    pub(crate) file_url: Option<String>,
}

/// A record, and how it is shared.
pub(crate) struct Stored {
    pub(crate) uid: String,
    pub(crate) content: Value,
    pub(crate) share: Share,
    pub(crate) files: Vec<Attached>,
}

/// How a record is shared with the application.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Share {
    /// With a key of its own.
    Keyed,
    /// Sealed with the key of the application.
    Alone,
    /// In a folder.
    Folder,
    /// Both in a folder and by itself.
    Twice,
}

pub(crate) struct Attached {
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) content: Vec<u8>,
    key: Vec<u8>,
}

impl Stored {
    pub(crate) fn new(uid: &str, title: &str) -> Self {
        Stored {
            uid: uid.to_owned(),
            content: json!({"title": title, "type": "login", "notes": "", "fields": [], "custom": []}),
            share: Share::Keyed,
            files: Vec::new(),
        }
    }

    pub(crate) fn shared(mut self, share: Share) -> Self {
        self.share = share;
        self
    }

    /// Adds a standard field.
    pub(crate) fn with(self, kind: &str, value: Value) -> Self {
        self.with_field("fields", json!({"type": kind, "value": value}))
    }

    /// Adds a custom field.
    pub(crate) fn with_custom(self, kind: &str, label: &str, value: Value) -> Self {
        self.with_field(
            "custom",
            json!({"type": kind, "label": label, "value": value}),
        )
    }

    pub(crate) fn with_field(mut self, list: &str, field: Value) -> Self {
        self.content[list].as_array_mut().unwrap().push(field);
        self
    }

    pub(crate) fn with_notes(mut self, notes: &str) -> Self {
        self.content["notes"] = notes.into();
        self
    }

    pub(crate) fn with_file(mut self, uid: &str, name: &str, title: &str, content: &[u8]) -> Self {
        self.files.push(Attached {
            uid: uid.to_owned(),
            name: name.to_owned(),
            title: title.to_owned(),
            content: content.to_owned(),
            key: random(),
        });
        self
    }
}

impl Keeper {
    /// A server with these records, for a device that is called so.
    pub(crate) fn new(client_id: &str, records: Vec<Stored>) -> Self {
        let device = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Keeper {
            server_key: agreement::PrivateKey::generate(&ECDH_P256).unwrap(),
            key_number: 99,
            private_key: STANDARD.encode(device.to_pkcs8v1().unwrap().as_ref()),
            device: device.public_key().as_ref().to_vec(),
            client_id: client_id.to_owned(),
            app_key: random(),
            folder_key: random(),
            records,
            file_url: None,
        }
    }

    /// The configuration of the device, for a server at this address.
    pub(crate) fn config(&self, hostname: &str) -> Value {
        let server_key = self.server_key.compute_public_key().unwrap();
        json!({
            "hostname": hostname,
            "clientId": self.client_id,
            "privateKey": self.private_key,
            "appKey": STANDARD.encode(&self.app_key),
            "serverPublicKeyId": self.key_number.to_string(),
            "serverPublicKey": URL_SAFE_NO_PAD.encode(server_key.as_ref()),
        })
    }

    /// Answers a request.
    pub(crate) fn answer(&self, seen: &Seen) -> Reply {
        if let Some(uid) = seen.target.strip_prefix("/files/") {
            let mut files = self.records.iter().flat_map(|record| &record.files);
            return match files.find(|file| file.uid == uid) {
                Some(file) => Reply::new(200).with_body(seal(&file.key, &file.content)),
                None => Reply::new(403).with_body("<Error><Code>AccessDenied</Code></Error>"),
            };
        }
        if (seen.method.as_str(), seen.target.as_str()) != ("POST", GET_SECRET) {
            return Reply::new(404).with_body("nothing here");
        }
        if seen.header("publickeyid") != Some(self.key_number.to_string().as_str()) {
            let refusal = json!({"error": "key", "key_id": self.key_number});
            return Reply::json(refusal.to_string()).with_status(401);
        }
        match self.open(seen) {
            Some((key, payload)) => {
                let host = seen.header("host").unwrap_or_default();
                let answer = self.records_for(&payload["requestedRecords"], host);
                Reply::new(200)
                    .with_header("Content-Type", "application/octet-stream")
                    .with_body(seal(&key, answer.to_string().as_bytes()))
            }
            None => {
                let message = "Signature is invalid";
                let refusal = json!({"error": "access_denied", "message": message});
                Reply::json(refusal.to_string()).with_status(403)
            }
        }
    }

    /// The key and the payload of a request that the device has sealed and signed.
    pub(crate) fn open(&self, seen: &Seen) -> Option<(Vec<u8>, Value)> {
        let wrapped = STANDARD.decode(seen.header("transmissionkey")?).ok()?;
        let signature = seen.header("authorization")?.strip_prefix("Signature ")?;
        let signature = STANDARD.decode(signature).ok()?;
        let signed = [wrapped.as_slice(), &seen.body].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.device)
            .verify(&signed, &signature)
            .ok()?;
        let (point, sealed) = wrapped.split_at_checked(65)?;
        let sender = agreement::UnparsedPublicKey::new(&ECDH_P256, point);
        let common = agreement::agree(&self.server_key, sender, (), |secret| {
            Ok(digest(&SHA256, secret).as_ref().to_vec())
        });
        let key = unseal(&common.ok()?, sealed)?;
        let payload: Value = serde_json::from_slice(&unseal(&key, &seen.body)?).ok()?;
        (payload["clientId"] == *self.client_id).then_some((key, payload))
    }

    /// What the application has of the records that are asked for; of all if none is named.
    fn records_for(&self, asked: &Value, host: &str) -> Value {
        let is_asked = |stored: &&Stored| match asked {
            Value::Array(uids) => uids.iter().any(|uid| *uid == stored.uid),
            _ => true,
        };
        let (mut records, mut in_folder) = (Vec::new(), Vec::new());
        for stored in self.records.iter().filter(is_asked) {
            if stored.share != Share::Folder {
                records.push(self.sent(stored, &self.app_key, host));
            }
            if matches!(stored.share, Share::Folder | Share::Twice) {
                in_folder.push(self.sent(stored, &self.folder_key, host));
            }
        }
        let folder = json!({
            "folderUid": "Folder0000000000000000",
            "folderKey": STANDARD.encode(seal(&self.app_key, &self.folder_key)),
            "records": in_folder,
        });
        let has_folder = !folder["records"].as_array().unwrap().is_empty();
        json!({
            "records": records,
            "folders": has_folder.then_some(folder).into_iter().collect::<Vec<_>>(),
            "expiresOn": 0,
            "warnings": null,
        })
    }

    /// A record as it is sent, sealed with the key of what it is shared with.
    fn sent(&self, stored: &Stored, parent: &[u8], host: &str) -> Value {
        let is_alone = stored.share == Share::Alone;
        let key = if is_alone { parent.to_vec() } else { random() };
        let file = |file: &Attached| {
            let names = json!({"name": file.name, "title": file.title, "type": "text/plain",
                "size": file.content.len(), "lastModified": 1_700_000_000_000_u64});
            json!({
                "fileUid": file.uid,
                "fileKey": STANDARD.encode(seal(&key, &file.key)),
                "data": STANDARD.encode(seal(&file.key, names.to_string().as_bytes())),
                "url": self.file_url.clone().unwrap_or_else(|| format!("http://{host}/files/{}", file.uid)),
                "thumbnailUrl": null,
            })
        };
        let mut record = json!({
            "recordUid": stored.uid,
            // The server writes both alphabets.
            "data": URL_SAFE.encode(seal(&key, stored.content.to_string().as_bytes())),
            "revision": 7,
            "isEditable": false,
            "files": stored.files.iter().map(file).collect::<Vec<_>>(),
        });
        if !is_alone {
            record["recordKey"] = STANDARD.encode(seal(parent, &key)).into();
        }
        record
    }
}

fn random() -> Vec<u8> {
    let mut key = vec![0; 32];
    rand::fill(&mut key).unwrap();
    key
}

/// Seals with AES-256-GCM, the nonce in front.
pub(crate) fn seal(key: &[u8], plain: &[u8]) -> Vec<u8> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).unwrap();
    let mut sealed = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::empty(), &mut sealed)
        .unwrap();
    [nonce.as_ref().as_slice(), &sealed].concat()
}

fn unseal(key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = sealed.to_vec();
    let plain = key.open_in_place(nonce, Aad::empty(), &mut text).ok()?;
    Some(plain.to_vec())
}
