//! The public halves of certificates and keys, as they are written in DER.
//!
//! What reads certificates for a connection refuses some that servers and their clients still use:
//! those of version 1, which `openssl x509 -req` makes, and short RSA keys. To compare two keys needs
//! none of what it looks at.

/// Tags of the values that lead to a key.
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// The version of a certificate, which one of version 1 does not have.
const VERSION: u8 = 0xa0;

/// The identifier of keys of elliptic curves, 1.2.840.10045.2.1.
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// The modulus and the exponent of an RSA key.
pub(crate) type RsaNumbers<'d> = (&'d [u8], &'d [u8]);

/// The public key of a certificate (RFC 5280, `subjectPublicKeyInfo`), of whatever version it is.
pub(crate) fn subject_key(certificate: &[u8]) -> Option<&[u8]> {
    let mut certificate = whole(certificate)?;
    let mut signed = take(&mut certificate, SEQUENCE)?.content;
    if signed.first() == Some(&VERSION) {
        next(&mut signed)?;
    }
    // The serial number, the algorithm, the issuer, the validity and the subject.
    for _ in 0..5 {
        next(&mut signed)?;
    }
    Some(take(&mut signed, SEQUENCE)?.written)
}

/// The numbers of a public RSA key.
pub(crate) fn public_rsa(subject_key: &[u8]) -> Option<RsaNumbers<'_>> {
    let mut key = whole(subject_key)?;
    take(&mut key, SEQUENCE)?;
    // The first byte counts the bits that are left over in the last one.
    let bits = take(&mut key, BIT_STRING)?.content.get(1..)?;
    let mut numbers = whole(bits)?;
    Some((
        take(&mut numbers, INTEGER)?.content,
        take(&mut numbers, INTEGER)?.content,
    ))
}

/// The public numbers of a private RSA key (RFC 8017, A.1.2).
pub(crate) fn private_rsa(key: &[u8]) -> Option<RsaNumbers<'_>> {
    let mut numbers = whole(key)?;
    take(&mut numbers, INTEGER)?;
    Some((
        take(&mut numbers, INTEGER)?.content,
        take(&mut numbers, INTEGER)?.content,
    ))
}

/// What PKCS #8 (RFC 5208) wraps.
pub(crate) fn wrapped(key: &[u8]) -> Option<&[u8]> {
    let mut key = whole(key)?;
    take(&mut key, INTEGER)?;
    take(&mut key, SEQUENCE)?;
    Some(take(&mut key, OCTET_STRING)?.content)
}

/// Whether a public key, or a private one in PKCS #8, is that of an elliptic curve.
pub(crate) fn is_of_curve(key: &[u8]) -> bool {
    let of_curve = || {
        let mut key = whole(key)?;
        if key.first() == Some(&INTEGER) {
            next(&mut key)?;
        }
        let mut algorithm = take(&mut key, SEQUENCE)?.content;
        Some(take(&mut algorithm, OBJECT_IDENTIFIER)?.content == EC)
    };
    of_curve() == Some(true)
}

/// A value of DER.
struct Value<'d> {
    tag: u8,
    content: &'d [u8],
    /// The value with its tag and length.
    written: &'d [u8],
}

/// What is in the sequence that the bytes are.
fn whole(mut bytes: &[u8]) -> Option<&[u8]> {
    let sequence = take(&mut bytes, SEQUENCE)?;
    bytes.is_empty().then_some(sequence.content)
}

/// Takes the next value, which has to be of this kind.
fn take<'d>(rest: &mut &'d [u8], tag: u8) -> Option<Value<'d>> {
    next(rest).filter(|value| value.tag == tag)
}

/// Takes the next value.
fn next<'d>(rest: &mut &'d [u8]) -> Option<Value<'d>> {
    let bytes: &'d [u8] = rest;
    let (&tag, behind) = bytes.split_first()?;
    let (&first, behind) = behind.split_first()?;
    let (length, behind) = if first < 0x80 {
        (usize::from(first), behind)
    } else {
        // How many bytes the length takes; nothing here needs more than four.
        let count = usize::from(first - 0x80);
        let digits = behind.get(..count).filter(|_| (1..=4).contains(&count))?;
        let length = digits
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        (length, behind.get(count..)?)
    };
    let content = behind.get(..length)?;
    let after = behind.get(length..)?;
    let written = bytes.get(..bytes.len() - after.len())?;
    *rest = after;
    Some(Value {
        tag,
        content,
        written,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_not_read() {
        let made = rcgen::generate_simple_self_signed(["web.example".to_owned()]).unwrap();
        let certificate = made.cert.der();
        let key = subject_key(certificate).unwrap();
        assert!(is_of_curve(key) && public_rsa(key).is_none());
        for end in 0..certificate.len() {
            assert_eq!(subject_key(&certificate[..end]), None, "{end}");
        }
        for odd in [
            &[][..],
            &[SEQUENCE],
            &[SEQUENCE, 0x80],
            &[SEQUENCE, 0x85, 0, 0, 0, 0, 0],
            &[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(subject_key(odd), None, "{odd:?}");
            assert!(private_rsa(odd).is_none() && wrapped(odd).is_none() && !is_of_curve(odd));
        }
    }
}
