//! What is encrypted with a password: PBES2 (RFC 8018), and what PKCS #12 had before it.

use std::num::NonZeroU32;

use aes::{Aes128, Aes192, Aes256};
use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use aws_lc_rs::pbkdf2;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipher, BlockDecryptMut, InnerIvInit as _, KeyInit};
use des::{TdesEde2, TdesEde3};
use rc2::Rc2;
use zeroize::Zeroizing;

use super::opened::Unopened;
use super::pkcs12_kdf::{Purpose, derive, spelled};
use crate::format::der::Der;

/// More rounds than anything writes, and a second or two. A fuzzer has less time.
const MOST_ROUNDS: u32 = if cfg!(fuzzing) { 1000 } else { 2_000_000 };

/// Object identifiers, as they stand in DER. These are of RSA's standards, 1.2.840.113549.
macro_rules! rsa {
    ($($part:literal),*) => { [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, $($part),*] };
}
const PBES2: [u8; 9] = rsa!(1, 5, 13);
const PBKDF2: [u8; 9] = rsa!(1, 5, 12);
const HMAC_SHA1: [u8; 8] = rsa!(2, 7);
const HMAC_SHA256: [u8; 8] = rsa!(2, 9);
const HMAC_SHA384: [u8; 8] = rsa!(2, 10);
const HMAC_SHA512: [u8; 8] = rsa!(2, 11);
const TRIPLE_DES: [u8; 8] = rsa!(3, 7);
const SHA1_3DES_3: [u8; 10] = rsa!(1, 12, 1, 3);
const SHA1_3DES_2: [u8; 10] = rsa!(1, 12, 1, 4);
const SHA1_RC2_128: [u8; 10] = rsa!(1, 12, 1, 5);
const SHA1_RC2_40: [u8; 10] = rsa!(1, 12, 1, 6);
/// 2.16.840.1.101.3.4.1, which AES is below.
const AES: [u8; 8] = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1];

/// A password in the two spellings that ways to encrypt want.
#[derive(Clone)]
pub(super) struct Password<'p> {
    text: &'p str,
    pub(super) spelled: Zeroizing<Vec<u8>>,
}

impl<'p> Password<'p> {
    /// What a password can be: without one it is either an empty one or nothing at all.
    pub(super) fn all(text: Option<&'p str>) -> Vec<Self> {
        let given = Password {
            text: text.unwrap_or_default(),
            spelled: spelled(text.unwrap_or_default()),
        };
        let nothing = Password {
            text: "",
            spelled: Zeroizing::default(),
        };
        match text {
            Some(_) => vec![given],
            None => vec![given, nothing],
        }
    }
}

/// Opens an `EncryptedPrivateKeyInfo`.
pub(super) fn open_key(der: &[u8], password: Option<&str>) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let mut last = Unopened::Password;
    for password in Password::all(password) {
        let opened = open_key_with(der, &password);
        match opened {
            Err(Unopened::Password) => {}
            Err(other) => last = other,
            opened => return opened,
        }
    }
    Err(last)
}

/// Opens an `EncryptedPrivateKeyInfo` with one password.
pub(super) fn open_key_with(
    der: &[u8],
    password: &Password<'_>,
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let sealed = || {
        let mut fields = Der(der).inside(0x30)?;
        Some((fields.inside(0x30)?, fields.take(0x04)?))
    };
    let (algorithm, sealed) = sealed().ok_or(Unopened::Malformed)?;
    let key = open(algorithm, password, sealed)?;
    // The padding is right by accident now and then.
    let is_key = Der(&key).inside(0x30).is_some();
    is_key.then_some(key).ok_or(Unopened::Password)
}

/// Opens what an `AlgorithmIdentifier` says how to open.
pub(super) fn open(
    mut algorithm: Der<'_>,
    password: &Password<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let id = algorithm.take(0x06).ok_or(Unopened::Malformed)?;
    let mut parameters = algorithm.inside(0x30).ok_or(Unopened::Unknown)?;
    if id == PBES2 {
        return pbes2(parameters, password.text, sealed);
    }
    let key_length = match id {
        _ if id == SHA1_3DES_3 => 24,
        _ if id == SHA1_3DES_2 || id == SHA1_RC2_128 => 16,
        _ if id == SHA1_RC2_40 => 5,
        _ => return Err(Unopened::Unknown),
    };
    let salt = parameters.take(0x04).ok_or(Unopened::Malformed)?;
    let rounds = rounds(&mut parameters)?.get();
    let hash = &SHA1_FOR_LEGACY_USE_ONLY;
    let made = |purpose, length| derive(hash, purpose, &password.spelled, salt, rounds, length);
    let (key, iv) = (made(Purpose::Key, key_length), made(Purpose::Iv, 8));
    match id {
        _ if id == SHA1_3DES_3 => by::<TdesEde3>(&key, &iv, sealed),
        _ if id == SHA1_3DES_2 => by::<TdesEde2>(&key, &iv, sealed),
        _ => by::<Rc2>(&key, &iv, sealed),
    }
}

fn pbes2(
    mut parameters: Der<'_>,
    password: &str,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let mut derivation = parameters.inside(0x30).ok_or(Unopened::Malformed)?;
    let mut scheme = parameters.inside(0x30).ok_or(Unopened::Malformed)?;
    if derivation.take(0x06) != Some(&PBKDF2) {
        return Err(Unopened::Unknown);
    }
    let mut derivation = derivation.inside(0x30).ok_or(Unopened::Malformed)?;
    let salt = derivation.take(0x04).ok_or(Unopened::Malformed)?;
    let rounds = rounds(&mut derivation)?;
    let _key_length = derivation.small();
    let hash = match derivation.inside(0x30) {
        None => pbkdf2::PBKDF2_HMAC_SHA1,
        Some(mut hash) => match hash.take(0x06) {
            Some(id) if id == HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Some(id) if id == HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Some(id) if id == HMAC_SHA384 => pbkdf2::PBKDF2_HMAC_SHA384,
            Some(id) if id == HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
            _ => return Err(Unopened::Unknown),
        },
    };
    let id = scheme.take(0x06).ok_or(Unopened::Malformed)?;
    let iv = scheme.take(0x04).ok_or(Unopened::Unknown)?;
    let key = |length| {
        let mut key = Zeroizing::new(vec![0; length]);
        pbkdf2::derive(hash, rounds, salt, password.as_bytes(), &mut key);
        key
    };
    match id.strip_prefix(&AES) {
        Some([2]) => by::<Aes128>(&key(16), iv, sealed),
        Some([22]) => by::<Aes192>(&key(24), iv, sealed),
        Some([42]) => by::<Aes256>(&key(32), iv, sealed),
        _ if id == TRIPLE_DES => by::<TdesEde3>(&key(24), iv, sealed),
        _ => Err(Unopened::Unknown),
    }
}

/// The next number, of rounds.
pub(super) fn rounds(der: &mut Der<'_>) -> Result<NonZeroU32, Unopened> {
    let rounds = der.small().ok_or(Unopened::Malformed)?;
    let rounds = NonZeroU32::new(rounds).filter(|rounds| rounds.get() <= MOST_ROUNDS);
    rounds.ok_or(Unopened::Malformed)
}

/// Opens with a cipher in CBC.
fn by<C: KeyInit + BlockCipher + BlockDecryptMut>(
    key: &[u8],
    iv: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let cipher = C::new_from_slice(key).map_err(|_| Unopened::Malformed)?;
    let cipher = cbc::Decryptor::<C>::inner_iv_slice_init(cipher, iv);
    let cipher = cipher.map_err(|_| Unopened::Malformed)?;
    let mut plain = Zeroizing::new(sealed.to_vec());
    let opened = cipher.decrypt_padded_mut::<Pkcs7>(&mut plain);
    let length = opened.map_err(|_| Unopened::Password)?.len();
    plain.truncate(length);
    Ok(plain)
}
