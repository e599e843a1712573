//! A checksum over pieces of text, and over values if there is a key for that.

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::digest_key::DigestKey;

/// What this is the checksum of: another kind of checksum would not be equal by accident.
const LABEL: &[u8] = b"manifill/restart/1";

/// What a checksum covers; with a key it may be values.
pub(crate) struct Sum(Zeroizing<Vec<u8>>);

impl Sum {
    pub(crate) fn new() -> Self {
        let mut sum = Sum(Vec::new().into());
        sum.add(LABEL);
        sum
    }

    /// Adds a piece; its length tells it from the next one.
    pub(crate) fn add(&mut self, piece: impl AsRef<[u8]>) {
        let piece = piece.as_ref();
        self.0
            .extend_from_slice(&(piece.len() as u64).to_be_bytes());
        self.0.extend_from_slice(piece);
    }

    /// 64 hexadecimal digits. With a key it is an HMAC, which nobody can try values against without it.
    pub(crate) fn finish(self, key: Option<&DigestKey>) -> String {
        match key {
            // The first step of HKDF is HMAC, with the salt as its key.
            Some(key) => HEXLOWER.encode(&Hkdf::<Sha256>::extract(Some(key.bytes()), &self.0).0),
            None => HEXLOWER.encode(&Sha256::digest(&self.0)),
        }
    }
}
