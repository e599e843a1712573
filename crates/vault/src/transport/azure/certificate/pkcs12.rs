//! PKCS #12 files (RFC 7292): bags of certificates and keys, as a rule encrypted with a password.

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::RsaKeyPair;
use zeroize::Zeroizing;

use super::opened::{Contents, Unopened};
use super::pbe::{self, Password};
use super::pkcs12_kdf::{Purpose, derive};
use crate::format::der::Der;

/// Object identifiers, as they stand in DER.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
const ENCRYPTED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 6];
const X509: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];
/// What bags are below: 1.2.840.113549.1.12.10.1.
const BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1];
const SHA1: &[u8] = &[0x2b, 0x0e, 3, 2, 26];
/// 2.16.840.1.101.3.4.2, which the others of SHA are below.
const SHA2: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2];

/// Bags within bags within bags are nobody's.
const MOST_DEEP: usize = 4;

/// Opens a file.
pub(super) fn open(file: &[u8], password: Option<&str>) -> Result<Contents, Unopened> {
    let mut last = Unopened::Malformed;
    for password in Password::all(password) {
        match open_with(file, &password) {
            Ok(contents) => return Ok(contents),
            Err(unopened) => last = unopened,
        }
        if last != Unopened::Password {
            break;
        }
    }
    Err(last)
}

fn open_with(file: &[u8], password: &Password<'_>) -> Result<Contents, Unopened> {
    let parts = || {
        let mut fields = Der(file).inside(0x30)?;
        fields.take(0x02).filter(|version| *version == [3])?;
        let mut content = fields.inside(0x30)?;
        Some((content.take(0x06)?, content.inside(0xa0)?, fields))
    };
    let (kind, mut content, mut fields) = parts().ok_or(Unopened::Malformed)?;
    if kind != DATA {
        // It is signed with a key instead.
        return Err(Unopened::Unknown);
    }
    let content = content.take(0x04).ok_or(Unopened::Malformed)?;
    if let Some(mac) = fields.inside(0x30) {
        check(mac, content, password)?;
    }
    let mut contents = Contents {
        certificates: Vec::new(),
        key: None,
    };
    let mut safes = Der(content).inside(0x30).ok_or(Unopened::Malformed)?;
    while !safes.0.is_empty() {
        let mut safe = safes.inside(0x30).ok_or(Unopened::Malformed)?;
        let kind = safe.take(0x06).ok_or(Unopened::Malformed)?;
        let mut content = safe.inside(0xa0).ok_or(Unopened::Malformed)?;
        let plain = match kind {
            DATA => {
                let plain = content.take(0x04).ok_or(Unopened::Malformed)?;
                Zeroizing::new(plain.to_vec())
            }
            ENCRYPTED => decrypted(content, password)?,
            _ => return Err(Unopened::Unknown),
        };
        let bags = Der(&plain).inside(0x30).ok_or(Unopened::Malformed)?;
        contents.add(bags, password, MOST_DEEP)?;
    }
    Ok(contents)
}

/// Proves that a password is the right one, and that nobody has changed the content.
fn check(mut mac: Der<'_>, content: &[u8], password: &Password<'_>) -> Result<(), Unopened> {
    let mut parts = || {
        let mut info = mac.inside(0x30)?;
        let id = info.inside(0x30)?.take(0x06)?;
        Some((id, info.take(0x04)?, mac.take(0x04)?))
    };
    let (id, expected, salt) = parts().ok_or(Unopened::Malformed)?;
    let rounds = if mac.0.is_empty() {
        1
    } else {
        pbe::rounds(&mut mac)?.get()
    };
    let (hash, algorithm): (&'static digest::Algorithm, _) = match (id, id.strip_prefix(SHA2)) {
        (SHA1, _) => (
            &SHA1_FOR_LEGACY_USE_ONLY,
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        ),
        (_, Some([1])) => (&SHA256, hmac::HMAC_SHA256),
        (_, Some([2])) => (&SHA384, hmac::HMAC_SHA384),
        (_, Some([3])) => (&SHA512, hmac::HMAC_SHA512),
        _ => return Err(Unopened::Unknown),
    };
    let length = hash.output_len();
    let key = derive(hash, Purpose::Mac, &password.spelled, salt, rounds, length);
    let key = hmac::Key::new(algorithm, &key);
    hmac::verify(&key, content, expected).map_err(|_| Unopened::Password)
}

fn decrypted(
    mut content: Der<'_>,
    password: &Password<'_>,
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let mut parts = || {
        let mut fields = content.inside(0x30)?;
        fields.take(0x02)?;
        let mut info = fields.inside(0x30)?;
        info.take(0x06)?;
        Some((info.inside(0x30)?, info.take(0x80)?))
    };
    let (algorithm, sealed) = parts().ok_or(Unopened::Malformed)?;
    pbe::open(algorithm, password, sealed)
}

impl Contents {
    /// Adds what is in bags.
    fn add(
        &mut self,
        mut bags: Der<'_>,
        password: &Password<'_>,
        deep: usize,
    ) -> Result<(), Unopened> {
        while !bags.0.is_empty() {
            let mut parts = || {
                let mut bag = bags.inside(0x30)?;
                Some((bag.take(0x06)?, bag.take(0xa0)?))
            };
            let (kind, value) = parts().ok_or(Unopened::Malformed)?;
            match kind.strip_prefix(BAG) {
                // Of several keys the first one counts, as in Microsoft's client for Python.
                Some([1]) if self.key.is_none() => {
                    self.key = RsaKeyPair::from_pkcs8(value).ok();
                }
                Some([2]) if self.key.is_none() => {
                    let key = pbe::open_key_with(value, password)?;
                    self.key = RsaKeyPair::from_pkcs8(&key).ok();
                }
                Some([3]) => {
                    let certificate = || {
                        let mut bag = Der(value).inside(0x30)?;
                        let is_x509 = bag.take(0x06)? == X509;
                        Some((is_x509, bag.inside(0xa0)?.take(0x04)?))
                    };
                    let (is_x509, der) = certificate().ok_or(Unopened::Malformed)?;
                    if is_x509 {
                        self.certificates.push(der.to_vec());
                    }
                }
                Some([6]) => {
                    let deep = deep.checked_sub(1).ok_or(Unopened::Malformed)?;
                    let inner = Der(value).inside(0x30).ok_or(Unopened::Malformed)?;
                    self.add(inner, password, deep)?;
                }
                // Lists of revoked certificates, and secrets of other kinds.
                _ => {}
            }
        }
        Ok(())
    }
}

/// What is behind the encryption of a file, for the fuzz target `certificate`.
#[cfg(fuzzing)]
pub(super) fn fuzz_bags(bags: &[u8]) -> Option<Contents> {
    let password = Password::all(None).pop()?;
    let mut contents = Contents {
        certificates: Vec::new(),
        key: None,
    };
    let added = contents.add(Der(bags), &password, MOST_DEEP);
    added.ok().map(|()| contents)
}
