//! A certificate and its key.

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

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

/// Compares the first certificate of a chain in PEM with a private key in PEM.
pub(crate) fn judge(certificate: &[u8], key: &[u8]) -> KeyPair {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = match chain {
        Ok(chain) if !chain.is_empty() => chain,
        _ => return KeyPair::Certificate,
    };
    let key = PrivateKeyDer::from_pem_slice(key).ok();
    let Some(key) = key.and_then(|key| any_supported_type(&key).ok()) else {
        return KeyPair::Key;
    };
    match CertifiedKey::new(chain, key).keys_match() {
        // A kind of key that cannot tell its public part is not judged.
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => KeyPair::Matches,
        Err(Error::InconsistentKeys(_)) => KeyPair::Differs,
        Err(_) => KeyPair::Certificate,
    }
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
}
