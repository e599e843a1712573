//! Private keys in the format of OpenSSH (`PROTOCOL.key` of its sources), for
//! `?ssh-format=openssh`.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::model::Field;
use crate::format::der::Der;
use crate::{SecretValue, VaultError, VaultErrorKind};

/// Object identifiers, as they stand in DER.
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// The private key of a field, which the manifest calls `name`, in the format of OpenSSH.
///
/// # Errors
/// If the field is no private key, or one that is neither Ed25519 nor RSA.
pub(super) fn openssh(field: &Field, name: &str) -> Result<SecretValue, VaultError> {
    let error = |kind, message| Err(VaultError::new(kind, message).with_name(name));
    if !["SSHKEY", "SSH_KEY"]
        .iter()
        .any(|kind| field.kind.eq_ignore_ascii_case(kind))
    {
        return error(
            VaultErrorKind::InvalidRequest,
            "the field {} is not an SSH private key",
        );
    }
    match convert(field.text()) {
        Some(pem) => Ok(SecretValue::text(pem)),
        None => error(
            VaultErrorKind::InvalidAnswer,
            "the field {} holds no Ed25519 or RSA key that can be read",
        ),
    }
}

/// A key in PEM, converted; `None` if it is not one of those that can be.
pub(super) fn convert(pem: &str) -> Option<String> {
    let pem = pem.trim();
    if pem.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----") {
        return Some(format!("{pem}\n"));
    }
    let key = match body(pem, "PRIVATE KEY") {
        Some(der) => Key::from_pkcs8(&der)?,
        None => Key::from_rsa(&body(pem, "RSA PRIVATE KEY")?)?,
    };
    Some(key.to_pem())
}

/// What is between the lines `BEGIN` and `END`.
pub(super) fn body(pem: &str, label: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = pem.strip_prefix(&format!("-----BEGIN {label}-----"))?;
    let text = text.strip_suffix(&format!("-----END {label}-----"))?;
    let text: Zeroizing<String> = Zeroizing::new(text.split_ascii_whitespace().collect());
    STANDARD.decode(text.as_bytes()).ok().map(Zeroizing::new)
}

/// The two halves of a key as OpenSSH writes them, each with the name of its algorithm.
struct Key {
    public: Vec<u8>,
    private: Zeroizing<Vec<u8>>,
}

impl Key {
    /// `PrivateKeyInfo`: version, algorithm, key (RFC 5208, RFC 8410).
    fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let mut info = Der(Der(der).take(0x30)?);
        info.take(0x02)?;
        let mut algorithm = Der(info.take(0x30)?);
        let id = algorithm.take(0x06)?;
        let key = info.take(0x04)?;
        match id {
            ED25519 => Key::from_seed(Der(key).take(0x04)?),
            RSA => Key::from_rsa(key),
            _ => None,
        }
    }

    fn from_seed(seed: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let point = pair.public_key().as_ref();
        let mut public = Vec::new();
        put(&mut public, b"ssh-ed25519");
        put(&mut public, point);
        let mut private = Zeroizing::new(Vec::with_capacity(256));
        private.extend_from_slice(&public);
        let both = Zeroizing::new([seed, point].concat());
        put(&mut private, &both);
        Some(Key { public, private })
    }

    /// `RSAPrivateKey`: version, n, e, d, p, q, d mod p-1, d mod q-1, 1/q mod p (RFC 8017).
    /// A DER integer that is positive has the very bytes of OpenSSH's `mpint`.
    fn from_rsa(der: &[u8]) -> Option<Self> {
        let mut key = Der(Der(der).take(0x30)?);
        key.take(0x02)?;
        let n = key.positive()?;
        let e = key.positive()?;
        let d = key.positive()?;
        let p = key.positive()?;
        let q = key.positive()?;
        key.positive()?;
        key.positive()?;
        let inverse = key.positive()?;
        let mut public = Vec::new();
        for part in [b"ssh-rsa", e, n] {
            put(&mut public, part);
        }
        let mut private = Zeroizing::new(Vec::with_capacity(2 * der.len() + 64));
        for part in [b"ssh-rsa", n, e, d, inverse, p, q] {
            put(&mut private, part);
        }
        Some(Key { public, private })
    }

    fn to_pem(&self) -> String {
        let mut private = Zeroizing::new(Vec::with_capacity(self.private.len() + 64));
        // OpenSSH writes a random number twice, to see whether a passphrase was right. Here it
        // comes from the public key, so that the same key always gives the same text.
        let check = digest(&SHA256, &self.public);
        let check: Vec<u8> = check.as_ref().iter().take(4).copied().collect();
        private.extend_from_slice(&check);
        private.extend_from_slice(&check);
        private.extend_from_slice(&self.private);
        put(&mut private, b"");
        for pad in 1..8 {
            if private.len() % 8 == 0 {
                break;
            }
            private.push(pad);
        }
        let mut all = Zeroizing::new(Vec::with_capacity(self.public.len() + private.len() + 64));
        all.extend_from_slice(b"openssh-key-v1\0");
        for part in [b"none".as_slice(), b"none", b""] {
            put(&mut all, part);
        }
        all.extend_from_slice(&1u32.to_be_bytes());
        put(&mut all, &self.public);
        put(&mut all, &private);
        let text = Zeroizing::new(STANDARD.encode(&*all));
        let mut pem = String::with_capacity(text.len() + text.len() / 70 + 80);
        pem.push_str("-----BEGIN OPENSSH PRIVATE KEY-----\n");
        for (index, c) in text.chars().enumerate() {
            if index > 0 && index % 70 == 0 {
                pem.push('\n');
            }
            pem.push(c);
        }
        pem.push_str("\n-----END OPENSSH PRIVATE KEY-----\n");
        pem
    }
}

/// Writes the length in four bytes, then the bytes.
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}
