//! The configuration of a device: who it is, its keys, and where Keeper is.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::crypto::{Key, decode};
use super::server_keys;
use crate::format::null::or_default;
use crate::transport::http::{Url, address};
use crate::transport::text_file;
use crate::{Settings, VaultError};

const FILE: &str = "AVP_KEEPER_CONFIG_PATH";
const TEXT: &str = "KSM_CONFIG";

/// What the vendor's clients call regions.
const REGIONS: [(&str, &str); 7] = [
    ("US", "keepersecurity.com"),
    ("EU", "keepersecurity.eu"),
    ("AU", "keepersecurity.com.au"),
    ("GOV", "govcloud.keepersecurity.us"),
    ("JP", "keepersecurity.jp"),
    ("CA", "keepersecurity.ca"),
    ("IL5", "il5.keepersecurity.us"),
];

/// A device that is bound to an application. It has no `Debug`.
pub(super) struct Config {
    pub(super) server: Url,
    pub(super) client_id: Zeroizing<String>,
    /// The key of the application, which opens the keys of its records and folders.
    pub(super) app_key: Key,
    signing_key: EcdsaKeyPair,
    /// The number of the server's key.
    pub(super) key_number: u32,
    /// The key of a server that is not one of Keeper's own.
    own_server_key: Option<Vec<u8>>,
    /// What no app may read as a value.
    pub(super) secrets: [Zeroizing<String>; 4],
}

/// A configuration in the form of the vendor's clients.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    #[serde(default, deserialize_with = "secret")]
    hostname: Zeroizing<String>,
    #[serde(default, deserialize_with = "secret")]
    client_id: Zeroizing<String>,
    #[serde(default, deserialize_with = "secret")]
    private_key: Zeroizing<String>,
    #[serde(default, deserialize_with = "secret")]
    app_key: Zeroizing<String>,
    #[serde(default, deserialize_with = "secret")]
    client_key: Zeroizing<String>,
    /// A number, as text or as a number.
    #[serde(default)]
    server_public_key_id: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "secret")]
    server_public_key: Zeroizing<String>,
}

impl Config {
    /// Reads the file or the text, the first that is set.
    ///
    /// # Errors
    /// If neither is, the file cannot be read, or something is missing in it.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        if let Some(path) = settings.path(FILE) {
            let name = path.display().to_string();
            let about = |error: VaultError| error.about_setting(FILE);
            let text = text_file::read(&path).map_err(|_| {
                let message = "cannot read the configuration {}";
                about(VaultError::configuration(message).with_name(&*name))
            })?;
            return Config::parse(&text, &name).map_err(about);
        }
        match settings.value(TEXT) {
            Some(text) => Config::parse(text, TEXT),
            None => Err(VaultError::configuration("{} is not set")
                .with_name(FILE)
                .with_hint("it is a file that the web vault or `ksm init` makes for a device of an application")),
        }
    }

    /// Reads a configuration, which is called so in messages: JSON, or base64 of it.
    fn parse(text: &str, name: &str) -> Result<Self, VaultError> {
        let wrong = |message| VaultError::configuration(message).with_name(name);
        let stored = read(text).ok_or_else(|| {
            wrong("{} holds no configuration of Keeper Secrets Manager").with_hint(
                "it is the JSON of a device, or base64 of that JSON, as the web vault gives it",
            )
        })?;
        if stored.app_key.is_empty() && !stored.client_key.is_empty() {
            return Err(wrong(
                "the configuration in {} holds a one-time token that is not redeemed",
            )
            .with_hint("`ksm init default TOKEN` redeems it and makes the configuration"));
        }
        let lacks = |part: &str| {
            VaultError::configuration("{} is missing in the configuration in {}")
                .with_name(part)
                .with_name(name)
        };
        let present = |part, value: &Zeroizing<String>| {
            let is_there = !value.is_empty();
            is_there.then_some(()).ok_or_else(|| lacks(part))
        };
        present("clientId", &stored.client_id)?;
        present("privateKey", &stored.private_key)?;
        present("appKey", &stored.app_key)?;
        let own_server_key = match &**stored.server_public_key {
            "" => None,
            key => {
                let key = decode(key).map(|key| key.to_vec());
                // Whether it is a point shows only if something is wrapped for it.
                let key =
                    key.filter(|key| Key::random().is_some_and(|own| own.wrap(key).is_some()));
                let message = "`serverPublicKey` in {} is not a key of P-256";
                Some(key.ok_or_else(|| wrong(message))?)
            }
        };
        let number = stored.server_public_key_id.as_deref().and_then(|raw| {
            let text = raw.get().trim_matches('"');
            text.parse().ok()
        });
        let is_known =
            |number: &u32| own_server_key.is_some() || server_keys::find(*number).is_some();
        Ok(Config {
            server: server(&stored.hostname)
                .ok_or_else(|| wrong("`hostname` in {} is not the name of a host"))?,
            app_key: decode(&stored.app_key)
                .and_then(|key| Key::new(&key))
                .ok_or_else(|| wrong("`appKey` in {} is not a key of 32 bytes"))?,
            signing_key: decode(&stored.private_key)
                .and_then(|der| {
                    EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_ASN1_SIGNING, &der).ok()
                })
                .ok_or_else(|| wrong("`privateKey` in {} is not a key of P-256"))?,
            // The server names another one if it has another.
            key_number: number.filter(is_known).unwrap_or(server_keys::USUAL),
            own_server_key,
            secrets: [
                Zeroizing::new(text.trim().to_owned()),
                stored.client_id.clone(),
                stored.private_key,
                stored.app_key,
            ],
            client_id: stored.client_id,
        })
    }

    /// The server's key of this number, as a point; `None` if it is not known.
    pub(super) fn server_key(&self, number: u32) -> Option<Vec<u8>> {
        match &self.own_server_key {
            Some(key) => Some(key.clone()),
            None => decode(server_keys::find(number)?).map(|key| key.to_vec()),
        }
    }

    /// The signature of this device.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let signature = self.signing_key.sign(&SystemRandom::new(), message).ok()?;
        Some(signature.as_ref().to_vec())
    }
}

fn read(text: &str) -> Option<Stored> {
    let text = text.trim();
    if text.starts_with('{') {
        return serde_json::from_str(text).ok();
    }
    serde_json::from_slice(&decode(text)?).ok()
}

/// The server of a host name, of a region or of an address. Without one it is that of the first
/// region, as in the vendor's clients.
fn server(hostname: &str) -> Option<Url> {
    let name = hostname.trim();
    let region = REGIONS.iter().find(|(region, _)| *region == name);
    let host = match (name, region) {
        ("", _) => REGIONS[0].1,
        (_, Some((_, host))) => host,
        (name, None) => name,
    };
    if host.contains("://") {
        return address::parse(host);
    }
    address::parse(&format!("https://{host}"))
}

fn secret<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Zeroizing<String>, D::Error> {
    or_default::<D, String>(deserializer).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_host_a_region_or_an_address() {
        for (text, address) in [
            ("keepersecurity.eu", "https://keepersecurity.eu/"),
            ("", "https://keepersecurity.com/"),
            ("EU", "https://keepersecurity.eu/"),
            ("GOV", "https://govcloud.keepersecurity.us/"),
            (
                "keeper.example.com:8443",
                "https://keeper.example.com:8443/",
            ),
            ("https://keepersecurity.jp", "https://keepersecurity.jp/"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ] {
            assert_eq!(server(text).unwrap().as_str(), address, "{text}");
        }
        for text in ["a b", "https://user@h", "ftp://h", "h?x"] {
            assert_eq!(server(text), None, "{text}");
        }
    }
}
