//! The certificate of an application and its key: PEM, whose key may be encrypted, or PKCS #12.

mod opened;
mod pbe;
mod pkcs12;
mod pkcs12_kdf;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Instant;

use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use zeroize::Zeroizing;

use self::opened::{Contents, Unopened};
use super::settings;
use crate::files::{self, Unread};
use crate::format::der::Der;
use crate::format::jwt;
use crate::{Settings, VaultError};

/// More than this is no certificate.
const MOST: u64 = 1024 * 1024;

/// What makes a file of another one, for people whose file cannot be read.
const REWRITE_HINT: &str = "`openssl pkcs12 -in FILE -nodes -out FILE.pem` makes PEM of a PKCS #12 file, and `openssl rsa` of an encrypted key";

/// Where a certificate is, and what is done with it.
pub(super) struct Place {
    path: PathBuf,
    password: Option<Zeroizing<String>>,
    /// Whether the certificate and those behind it are sent along: Azure then looks at their names.
    pub(super) sends_chain: bool,
}

/// A key that signs, and its certificates: first the one of the key.
pub(super) struct Certificate {
    pub(super) key: RsaKeyPair,
    pub(super) chain: Vec<Vec<u8>>,
}

impl Place {
    /// `None` if no certificate is set.
    pub(super) fn from_settings(settings: &Settings) -> Result<Option<Self>, VaultError> {
        let Some(path) = settings.absolute_path(settings::CERTIFICATE.name) else {
            return Ok(None);
        };
        let password = settings.value(settings::PASSWORD.name);
        Ok(Some(Place {
            path,
            password: password.map(|text| Zeroizing::new(text.to_owned())),
            sends_chain: settings.switch(settings::SEND_CHAIN.name)?.unwrap_or(false),
        }))
    }

    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read or opened, or lacks the key or its certificate; it is named.
    pub(super) fn read(&self, deadline: Instant) -> Result<Certificate, VaultError> {
        let wrong = |message| {
            VaultError::configuration(message)
                .with_name(self.path.display().to_string())
                .about_setting(settings::CERTIFICATE.name)
        };
        let file = files::read(&self.path, MOST, deadline);
        let file = file.map_err(|unread| wrong(unread.message()))?;
        let password = self.password.as_deref().map(String::as_str);
        let opened = if file.windows(10).any(|part| part == b"-----BEGIN") {
            let text = std::str::from_utf8(&file);
            of_pem(
                text.map_err(|_| wrong(Unread::NotText.message()))?,
                password,
            )
        } else {
            pkcs12::open(&file, password)
        };
        let contents = opened.map_err(|unopened| match unopened {
            Unopened::Password if password.is_none() => {
                wrong("the file {} is encrypted and {} is not set")
                    .with_name(settings::PASSWORD.name)
            }
            Unopened::Password => {
                wrong("the file {} does not open with {}").with_name(settings::PASSWORD.name)
            }
            Unopened::Unknown => wrong("the file {} is encrypted in a way that is not known here")
                .with_hint(REWRITE_HINT),
            Unopened::Malformed => {
                wrong("the file {} is neither PEM nor PKCS #12").with_hint(REWRITE_HINT)
            }
        })?;
        let (mut chain, key) = (contents.certificates, contents.key);
        if chain.is_empty() {
            return Err(wrong("the file {} holds no certificate"));
        }
        let key = key.ok_or_else(|| wrong("the file {} holds no RSA key"))?;
        let public = key.public_key().as_ref();
        let own = chain.iter().position(|one| public_key(one) == Some(public));
        let own = own.ok_or_else(|| wrong("no certificate in the file {} is that of its key"))?;
        let own = chain.remove(own);
        chain.insert(0, own);
        Ok(Certificate { key, chain })
    }
}

fn of_pem(pem: &str, password: Option<&str>) -> Result<Contents, Unopened> {
    let certificates = jwt::all_der(pem, "CERTIFICATE").into_iter().flatten();
    let key = if let Some(sealed) = jwt::der(pem, "ENCRYPTED PRIVATE KEY") {
        RsaKeyPair::from_pkcs8(&pbe::open_key(&sealed, password)?).ok()
    } else if pem.contains("Proc-Type: 4,ENCRYPTED") {
        // With MD5 and one round; nothing writes it any more.
        return Err(Unopened::Unknown);
    } else {
        jwt::key(pem)
    };
    Ok(Contents {
        certificates: certificates.map(|der| der.to_vec()).collect(),
        key,
    })
}

/// The public key in a certificate (RFC 5280, section 4.1).
fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    let mut fields = Der(certificate).inside(0x30)?.inside(0x30)?;
    // The version is left out of the first ones.
    let _version = fields.take(0xa0);
    fields.take(0x02)?;
    for _signature_issuer_validity_subject in 0..4 {
        fields.take(0x30)?;
    }
    let mut key = fields.inside(0x30)?;
    key.take(0x30)?;
    let (0, bits) = key.take(0x03)?.split_first()? else {
        return None;
    };
    Some(bits)
}

/// A file, and what is behind the encryption of one, for the fuzz target `certificate`: how many
/// certificates are in each.
#[cfg(fuzzing)]
pub(crate) fn fuzz(bytes: &[u8]) -> [Option<usize>; 3] {
    let text = String::from_utf8_lossy(bytes);
    let all = [
        pkcs12::open(bytes, Some("password")).ok(),
        of_pem(&text, Some("password")).ok(),
        pkcs12::fuzz_bags(bytes),
    ];
    all.map(|contents| {
        let certificates = contents?.certificates;
        Some(
            certificates
                .iter()
                .filter_map(|one| public_key(one))
                .count(),
        )
    })
}
