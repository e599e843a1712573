//! The encryption of single values: AES-256-GCM with a nonce of 32 bytes, each value bound to the
//! names that lead to it.

use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::tree::Leaf;
use super::types;
use crate::SecretValue;
use crate::settings::parse_bool;

/// How an encrypted value begins.
pub(super) const MARK: &str = "ENC[AES256_GCM,data:";

/// The key that all values of a file are encrypted with.
pub(super) struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// `None` unless there are 32 bytes.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; 32]);
        (bytes.len() == key.len()).then(|| key.copy_from_slice(bytes))?;
        Some(DataKey(key))
    }
}

/// Why a value cannot be decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// It is not in the form of an encrypted value.
    NotEncrypted,
    /// It was changed, moved, or encrypted with another key.
    Changed,
    /// The names that lead to it are longer than those of any object.
    LongNames,
    /// The time of the run is over.
    TooLate,
}

/// An encrypted value in its parts.
pub(super) struct Sealed<'a> {
    data: &'a str,
    iv: &'a str,
    tag: &'a str,
    kind: &'a str,
}

impl<'a> Sealed<'a> {
    /// Takes `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]` apart; what follows it does not matter.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix(MARK)?;
        let (rest, _) = rest.rsplit_once(']')?;
        let (data, rest) = rest.split_once(",iv:")?;
        let (iv, rest) = rest.split_once(",tag:")?;
        let (tag, kind) = rest.split_once(",type:")?;
        Some(Sealed {
            data,
            iv,
            tag,
            kind,
        })
    }

    /// Decrypts it in its place.
    pub(super) fn open(&self, key: &DataKey, place: &str) -> Result<Opened<'a>, Damage> {
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| Damage::Changed);
        let (mut sealed, iv, tag) = (decode(self.data)?, decode(self.iv)?, decode(self.tag)?);
        if iv.len() != 32 || tag.len() != 16 {
            return Err(Damage::Changed);
        }
        sealed.extend_from_slice(&tag);
        let cipher = AesGcm::<Aes256, U32>::new(Key::<Aes256>::from_slice(&*key.0));
        let payload = Payload {
            msg: &sealed,
            aad: place.as_bytes(),
        };
        let plain = cipher
            .decrypt(Nonce::from_slice(&iv), payload)
            .map_err(|_| Damage::Changed)?;
        Ok(Opened {
            plain: Zeroizing::new(plain),
            kind: self.kind,
        })
    }
}

/// A decrypted value: its bytes and the name of its type.
pub(super) struct Opened<'a> {
    pub(super) plain: Zeroizing<Vec<u8>>,
    kind: &'a str,
}

impl Opened<'_> {
    /// Whether it is a comment: sops writes those of a list as items of it.
    pub(super) fn is_comment(&self) -> bool {
        self.kind == "comment"
    }

    /// The value in its type. Nothing vouches for the type, but what is hashed for a value depends
    /// on it: text that is not in the form of its type was not encrypted so.
    pub(super) fn leaf(&self) -> Result<Leaf, Damage> {
        let bytes = || Leaf::Typed {
            value: SecretValue::bytes(self.plain.to_vec()),
            hashed: self.plain.clone(),
        };
        let text = std::str::from_utf8(&self.plain);
        let leaf = match (self.kind, text) {
            ("bytes", _) | ("str", Err(_)) => Some(bytes()),
            ("str", Ok(text)) => Some(types::text(text)),
            ("int", Ok(text)) => text.parse().ok().map(Leaf::integer),
            ("float", Ok(text)) => text.parse().ok().map(|value| Leaf::float(text, value)),
            ("bool", Ok(text)) => parse_bool(text).map(Leaf::bool),
            ("time", Ok(text)) => types::time(text).map(Leaf::time),
            _ => None,
        };
        leaf.ok_or(Damage::Changed)
    }
}
