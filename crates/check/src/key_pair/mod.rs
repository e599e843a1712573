//! A certificate and its key.

mod der;

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What a certificate and a key are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyPair {
    /// The key is that of the first certificate.
    Matches,
    /// There is no certificate that can be read.
    Certificate,
    /// There is no key that can be read.
    Key,
    /// The key is another one's.
    Differs,
}

/// The bytes of the moduli that the library reads, of 2,048 to 8,192 bits.
const READ: std::ops::RangeInclusive<usize> = 256..=1024;

/// Compares the first certificate of a chain in PEM with a private key in PEM.
pub(crate) fn judge(certificate: &[u8], key: &[u8]) -> KeyPair {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = chain.unwrap_or_default();
    let Some(subject) = chain.first().and_then(|first| der::subject_key(first)) else {
        return KeyPair::Certificate;
    };
    let Ok(key) = PrivateKeyDer::from_pem_slice(key) else {
        return KeyPair::Key;
    };
    let matches = match any_supported_type(&key) {
        // A kind of key that cannot tell its public part is not judged.
        Ok(key) => key.public_key().is_none_or(|public| *public == *subject),
        Err(_) => match unread(&key, subject) {
            Some(matches) => matches,
            None => return KeyPair::Key,
        },
    };
    if matches {
        KeyPair::Matches
    } else {
        KeyPair::Differs
    }
}

/// Whether a key that the library does not read, and servers may, can be that of a certificate: one
/// of RSA that is too short for it, or of a curve that it does not know. `None` if it is neither.
fn unread(key: &PrivateKeyDer<'_>, subject: &[u8]) -> Option<bool> {
    let (numbers, of_curve) = match key {
        PrivateKeyDer::Pkcs1(key) => (der::private_rsa(key.secret_pkcs1_der()), false),
        PrivateKeyDer::Pkcs8(key) => {
            let key = key.secret_pkcs8_der();
            let wrapped = der::wrapped(key)?;
            (der::private_rsa(wrapped), der::is_of_curve(key))
        }
        PrivateKeyDer::Sec1(_) => (None, true),
        _ => (None, false),
    };
    if of_curve {
        return Some(der::is_of_curve(subject));
    }
    let (modulus, _) = numbers?;
    // What could have been read and was not is broken.
    let length = modulus.iter().skip_while(|byte| **byte == 0).count();
    (!READ.contains(&length)).then(|| der::public_rsa(subject) == numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["web.example".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn only_the_key_of_the_certificate_matches() {
        let ((certificate, key), (other, _)) = (pair(), pair());
        let judged = |certificate: &str, key: &str| judge(certificate.as_bytes(), key.as_bytes());
        assert_eq!(judged(&certificate, &key), KeyPair::Matches);
        let chain = format!("{certificate}{other}");
        assert_eq!(judged(&chain, &key), KeyPair::Matches);
        assert_eq!(judged(&other, &key), KeyPair::Differs);
        assert_eq!(judged(&key, &key), KeyPair::Certificate);
        assert_eq!(judged("", &key), KeyPair::Certificate);
        assert_eq!(judged(&certificate, &certificate), KeyPair::Key);
        assert_eq!(judged(&certificate, "changeme"), KeyPair::Key);
    }

    /// A pair that `openssl` made; the keys are used nowhere.
    macro_rules! sample {
        ($name:literal) => {
            (
                include_str!(concat!("samples/", $name, ".crt")),
                include_str!(concat!("samples/", $name, ".key")),
            )
        };
    }

    #[test]
    fn what_servers_take_is_compared_as_well() {
        let judged = |certificate: &str, key: &str| judge(certificate.as_bytes(), key.as_bytes());
        let samples = [sample!("version1"), sample!("short"), sample!("curve")];
        for (number, (certificate, key)) in samples.iter().enumerate() {
            assert_eq!(judged(certificate, key), KeyPair::Matches, "{number}");
            let (_, own) = pair();
            assert_eq!(judged(certificate, &own), KeyPair::Differs, "{number}");
        }
        let [(version1, _), (short, _), (_, curve)] = samples;
        assert_eq!(judged(short, curve), KeyPair::Differs);
        assert_eq!(judged(version1, sample!("short").1), KeyPair::Differs);
        // RSA of a length that can be read, and of which nothing but the length is right.
        let broken = b"\x30\x82\x01\x0a\x02\x01\x00\x02\x82\x01\x00";
        let broken = [broken.as_slice(), &[1; 256], b"\x02\x01\x03"].concat();
        let text = manifill_placeholder::encode(&broken);
        let key =
            format!("-----BEGIN RSA PRIVATE KEY-----\n{text}\n-----END RSA PRIVATE KEY-----\n");
        assert_eq!(judged(short, &key), KeyPair::Key);
    }
}
