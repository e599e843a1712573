//! Keys, and what is sealed with them: AES-256-GCM with its nonce in front.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::agreement::{self, ECDH_P256, UnparsedPublicKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, ANY_PADDING);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, ANY_PADDING);

/// A symmetric key. It has no `Debug`.
#[derive(Clone)]
pub(super) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// `None` unless there are 32 bytes.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; 32]);
        (bytes.len() == key.len()).then(|| key.copy_from_slice(bytes))?;
        Some(Key(key))
    }

    /// A key that nobody has had before; `None` if the system gives no random bytes.
    pub(super) fn random() -> Option<Self> {
        let mut key = Zeroizing::new([0; 32]);
        rand::fill(&mut *key).ok()?;
        Some(Key(key))
    }

    pub(super) fn seal(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let mut text = plain.to_vec();
        let nonce = self
            .cipher()?
            .seal_in_place_append_tag(Aad::empty(), &mut text);
        let mut sealed = nonce.ok()?.as_ref().to_vec();
        sealed.append(&mut text);
        Some(sealed)
    }

    /// `None` for what this key has not sealed.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = Zeroizing::new(rest.to_vec());
        let plain = self
            .cipher()?
            .open_in_place(nonce, Aad::empty(), &mut text)
            .ok()?;
        let length = plain.len();
        text.truncate(length);
        Some(text)
    }

    /// The key that is sealed with this one, as base64.
    pub(super) fn open_key(&self, sealed: &str) -> Option<Key> {
        Key::new(&self.open(&decode(sealed)?)?)
    }

    /// This key for the owner of a public key (a point of P-256) and for nobody else: the public key
    /// of this one message, and the key sealed with what both have in common.
    pub(super) fn wrap(&self, receiver: &[u8]) -> Option<Vec<u8>> {
        let own = agreement::PrivateKey::generate(&ECDH_P256).ok()?;
        let mut wrapped = own.compute_public_key().ok()?.as_ref().to_vec();
        let receiver = UnparsedPublicKey::new(&ECDH_P256, receiver);
        let common = agreement::agree(&own, receiver, (), |secret| {
            Key::new(digest(&SHA256, secret).as_ref()).ok_or(())
        });
        wrapped.extend(common.ok()?.seal(&*self.0)?);
        Some(wrapped)
    }

    fn cipher(&self) -> Option<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, &*self.0).ok()
    }
}

/// Base64 in either alphabet, with padding or without: Keeper and its clients write all of them.
pub(super) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
    let engine = if text.contains(['-', '_']) {
        FOR_URLS
    } else {
        PLAIN
    };
    engine.decode(text.as_bytes()).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_by_its_key_and_unchanged_only() {
        let key = Key::random().unwrap();
        for plain in [&b""[..], b"text", &[0; 1000]] {
            let sealed = key.seal(plain).unwrap();
            assert_eq!(sealed.len(), NONCE_LEN + plain.len() + 16);
            assert_eq!(**key.open(&sealed).unwrap(), *plain);
            assert!(Key::random().unwrap().open(&sealed).is_none());
            for at in 0..sealed.len().min(50) {
                let mut other = sealed.clone();
                other[at] ^= 1;
                assert!(key.open(&other).is_none() && key.open(&sealed[..at]).is_none());
            }
            assert_ne!(key.seal(plain).unwrap(), sealed, "a nonce is used once");
        }
    }

    #[test]
    fn a_key_has_32_bytes_and_a_receiver_a_point() {
        assert!(Key::new(&[0; 31]).is_none() && Key::new(&[0; 33]).is_none());
        let key = Key::new(&[7; 32]).unwrap();
        let receiver = agreement::PrivateKey::generate(&ECDH_P256).unwrap();
        let point = receiver.compute_public_key().unwrap();
        assert_eq!(key.wrap(point.as_ref()).unwrap().len(), 65 + 12 + 32 + 16);
        for point in [&[][..], &[4; 65], &point.as_ref()[..64]] {
            assert!(key.wrap(point).is_none());
        }
    }

    #[test]
    fn base64_is_read_in_every_spelling() {
        for text in ["+/8=", "+/8", "-_8=", "-_8", " +/\n8= "] {
            assert_eq!(decode(text).unwrap().as_slice(), [0xfb, 0xff], "{text}");
        }
        assert!(decode("a").is_none() && decode("+_8=").is_none());
    }
}
