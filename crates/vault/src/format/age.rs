//! What age encrypts, and the keys that open it.

use std::io::Read as _;

use age::armor::ArmoredReader;
use age::secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{VaultError, VaultErrorKind};

/// Keys that were read.
#[derive(Default)]
pub(crate) struct Identities {
    keys: Vec<Box<dyn age::Identity + Send + Sync>>,
    /// What is to be said about keys that cannot be used here, if none of the others fits.
    left_out: Option<&'static str>,
}

/// Why no key opens a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unopened {
    /// It is encrypted for others.
    NoKey(Option<&'static str>),
    /// It is no text of age, or was changed.
    Damaged,
    /// It holds more than it may.
    TooLarge,
}

/// What a text may be, at most (rule R11).
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// How many keys it is encrypted for. The reader parses a header anew for each.
    pub(crate) stanzas: usize,
    /// How many bytes it holds.
    pub(crate) bytes: usize,
}

/// How a stanza of a header begins: what is encrypted for one key.
const STANZA: &[u8] = b"\n-> ";

/// How texts of age begin.
const BEGINNINGS: [&[u8]; 2] = [b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED"];

/// The most work that a passphrase may take, as a power of two: what age itself chooses. It needs
/// 256 MiB.
const MAX_WORK: u8 = 18;

pub(crate) const NO_PASSPHRASE: &str = "keys with a passphrase cannot be used here";
const NO_PLUGIN: &str = "keys of age plugins cannot be used here";
const NO_HYBRID: &str = "post-quantum age keys (AGE-SECRET-KEY-PQ-…) cannot be used here";

/// Whether a file of keys is itself encrypted.
pub(crate) fn is_encrypted(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    BEGINNINGS.iter().any(|begin| text.starts_with(begin))
}

impl Identities {
    /// Whether there is nothing to open a text with, and nothing to be said about that.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.left_out.is_none()
    }

    /// Remembers that there are keys that cannot be used here.
    pub(crate) fn leave_out(&mut self, why: &'static str) {
        self.left_out = Some(why);
    }

    /// Adds the keys of a text: one a line, with comments.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] with the source if a line is not a key.
    pub(crate) fn add_lines(&mut self, text: &str, source: &str) -> Result<(), VaultError> {
        if is_encrypted(text.as_bytes()) {
            self.leave_out(NO_PASSPHRASE);
            return Ok(());
        }
        for line in text.lines() {
            // gopass writes whom a key is for behind it.
            let line = line.split('|').next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let upper = line.get(..19).unwrap_or(line).to_ascii_uppercase();
            if upper.starts_with("AGE-PLUGIN-") {
                self.leave_out(NO_PLUGIN);
            } else if upper.starts_with("AGE-SECRET-KEY-PQ-") {
                self.leave_out(NO_HYBRID);
            } else {
                match line.parse::<age::x25519::Identity>() {
                    Ok(key) => self.keys.push(Box::new(key)),
                    Err(_) => {
                        return Err(VaultError::new(
                            VaultErrorKind::Configuration,
                            "a line of {} is not an age key",
                        )
                        .with_name(source)
                        .with_hint("a line must begin with AGE-SECRET-KEY-1"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds an SSH key.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] with the source if it is not one that age can use.
    pub(crate) fn add_ssh(&mut self, text: &str, source: &str) -> Result<(), VaultError> {
        match age::ssh::Identity::from_buffer(text.as_bytes(), None) {
            Ok(key @ age::ssh::Identity::Unencrypted(_)) => self.keys.push(Box::new(key)),
            Ok(age::ssh::Identity::Encrypted(_)) => self.leave_out(NO_PASSPHRASE),
            _ => {
                return Err(VaultError::new(
                    VaultErrorKind::Configuration,
                    "{} is not an SSH key that age can use",
                )
                .with_name(source)
                .with_hint("ssh-ed25519 and ssh-rsa keys can be used"));
            }
        }
        Ok(())
    }

    /// Decrypts a text, armoured or not, with whichever key fits.
    ///
    /// # Errors
    /// Why it is not decrypted.
    pub(crate) fn open(&self, enc: &[u8], most: Limits) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        let keys = self.keys.iter().map(|key| &**key as &dyn age::Identity);
        decrypt(enc, keys, most).map_err(|unopened| match unopened {
            Unopened::NoKey(_) => Unopened::NoKey(self.left_out),
            other => other,
        })
    }
}

/// Decrypts a text with the passphrase that it was encrypted with. It computes for about a second.
///
/// # Errors
/// Why it is not decrypted.
pub(crate) fn open_with_passphrase(
    enc: &[u8],
    passphrase: &str,
    bytes: usize,
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let mut key = age::scrypt::Identity::new(SecretString::from(passphrase.to_owned()));
    key.set_max_work_factor(MAX_WORK);
    let keys = std::iter::once(&key as &dyn age::Identity);
    decrypt(enc, keys, Limits { stanzas: 1, bytes })
}

fn decrypt<'k>(
    enc: &[u8],
    keys: impl Iterator<Item = &'k dyn age::Identity>,
    most: Limits,
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let mut text = Vec::new();
    ArmoredReader::new(enc)
        .read_to_end(&mut text)
        .map_err(|_| Unopened::Damaged)?;
    if memchr::memmem::find_iter(head(&text), STANZA).count() > most.stanzas {
        return Err(Unopened::Damaged);
    }
    let file = age::Decryptor::new(text.as_slice()).map_err(|_| Unopened::Damaged)?;
    let reader = file.decrypt(keys).map_err(|error| match error {
        // The latter is what a wrong passphrase gives.
        age::DecryptError::NoMatchingKeys | age::DecryptError::DecryptionFailed => {
            Unopened::NoKey(None)
        }
        _ => Unopened::Damaged,
    })?;
    // With room for all of it, no copies are left behind.
    let room = text.len().min(most.bytes) + 64;
    let mut plain = Zeroizing::new(Vec::with_capacity(room));
    let limit = u64::try_from(most.bytes).unwrap_or(u64::MAX);
    let read = reader.take(limit.saturating_add(1)).read_to_end(&mut plain);
    read.map_err(|_| Unopened::Damaged)?;
    if plain.len() > most.bytes {
        return Err(Unopened::TooLarge);
    }
    Ok(plain)
}

/// The header, which ends with a line of its own; what follows may hold anything.
fn head(text: &[u8]) -> &[u8] {
    let end = memchr::memmem::find(text, b"\n---");
    &text[..end.unwrap_or(text.len())]
}
