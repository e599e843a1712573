//! What stands in front of the entries: the attached files, and what hides single values.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit as _, StreamCipher as _};
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use super::input::Input;
use super::unopened::Unopened;
use crate::SecretValue;

/// The number of the one stream that KDBX 4 is written with.
const CHACHA20: u32 = 3;

/// More attached files than this are not those of a database of passwords (rule R11).
const MOST_FILES: usize = 100_000;

/// The decrypted content in its parts.
pub(super) struct Inner<'p> {
    pub(super) hider: Hider,
    /// The attached files, which entries refer to by their number.
    pub(super) files: Vec<SecretValue>,
    /// The entries, as XML.
    pub(super) entries: &'p [u8],
}

impl<'p> Inner<'p> {
    /// Takes the content apart.
    ///
    /// # Errors
    /// If it is malformed or too large, or hides values in another way.
    pub(super) fn parse(content: &'p [u8]) -> Result<Self, Unopened> {
        let mut input = Input::new(content);
        let (mut kind, mut key, mut files) = (None, None, Vec::new());
        loop {
            let number = input.u8().ok_or(Unopened::Damaged)?;
            let value = input.sized().ok_or(Unopened::Damaged)?;
            match number {
                0 => break,
                1 => kind = Input::new(value).u32(),
                2 => key = Some(value),
                3 => {
                    // In front of each file is a byte that says whether it is to be hidden in memory.
                    let (_, file) = value.split_first().ok_or(Unopened::Damaged)?;
                    if files.len() == MOST_FILES {
                        return Err(Unopened::TooLarge);
                    }
                    files.push(text_or_bytes(file));
                }
                _ => {}
            }
        }
        if kind != Some(CHACHA20) {
            return Err(Unopened::Cipher);
        }
        Ok(Inner {
            hider: Hider::new(key.ok_or(Unopened::Damaged)?).ok_or(Unopened::Damaged)?,
            files,
            entries: input.rest(),
        })
    }
}

/// Text if it is UTF-8, else bytes.
fn text_or_bytes(file: &[u8]) -> SecretValue {
    match std::str::from_utf8(file) {
        Ok(text) => SecretValue::text(text),
        Err(_) => SecretValue::bytes(file),
    }
}

/// Shows the values that are hidden within the content: all of them, in the order in which they
/// stand there, since one stream goes through all.
pub(super) struct Hider(ChaCha20);

impl Hider {
    fn new(key: &[u8]) -> Option<Self> {
        let hash: Zeroizing<[u8; 64]> = Zeroizing::new(Sha512::digest(key).into());
        let (key, rest) = hash.split_at_checked(32)?;
        let cipher = ChaCha20::new_from_slices(key, rest.get(..12)?);
        cipher.ok().map(Hider)
    }

    /// Shows the next value, or hides it, in its place.
    pub(super) fn apply(&mut self, value: &mut [u8]) -> Result<(), Unopened> {
        let applied = self.0.try_apply_keystream(value);
        applied.map_err(|_| Unopened::Damaged)
    }
}
