//! What opens a database: a password, a key file, or both.

use std::path::{Path, PathBuf};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXUPPER_PERMISSIVE;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::markup::{Markup, Step, attribute};
use crate::files;
use crate::{Settings, VaultError};

/// More than this is not a key file.
const MOST: u64 = 16 * 1024 * 1024;

/// The password and the key file, of which there is at least one.
pub(super) struct Login {
    password: Option<Zeroizing<String>>,
    key_file: Option<PathBuf>,
}

impl Login {
    /// # Errors
    /// If neither is set.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let password = settings.value("KEEPASS_PASSWORD");
        let login = Login {
            password: password.map(|password| Zeroizing::new(password.to_owned())),
            key_file: settings.path("KEEPASS_KEY_FILE"),
        };
        if login.password.is_none() && login.key_file.is_none() {
            return Err(VaultError::configuration("{} is not set")
                .with_name("KEEPASS_PASSWORD")
                .with_hint("set it, or KEEPASS_KEY_FILE if a key file alone opens the database"));
        }
        Ok(login)
    }

    pub(super) fn password(&self) -> Option<&str> {
        self.password.as_ref().map(|password| password.as_str())
    }

    /// What to do if it is the wrong one.
    pub(super) fn hint(&self) -> &'static str {
        match (&self.password, &self.key_file) {
            (Some(_), Some(_)) => "check KEEPASS_PASSWORD and KEEPASS_KEY_FILE",
            (Some(_), None) => {
                "check KEEPASS_PASSWORD; a database with a key file needs KEEPASS_KEY_FILE, too"
            }
            (None, _) => {
                "check KEEPASS_KEY_FILE; a database with a password needs KEEPASS_PASSWORD, too"
            }
        }
    }

    /// What the key of a database is derived from.
    ///
    /// # Errors
    /// If the key file cannot be read.
    pub(super) fn key(&self, deadline: Instant) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let mut all = Sha256::new();
        if let Some(password) = &self.password {
            let hash: Zeroizing<[u8; 32]> =
                Zeroizing::new(Sha256::digest(password.as_bytes()).into());
            all.update(*hash);
        }
        if let Some(path) = &self.key_file {
            all.update(*read(path, deadline)?);
        }
        Ok(Zeroizing::new(all.finalize().into()))
    }
}

fn read(path: &Path, deadline: Instant) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let wrong = |message| {
        VaultError::configuration(message)
            .with_name(path.display().to_string())
            .about_setting("KEEPASS_KEY_FILE")
    };
    let bytes = files::read(path, MOST, deadline).map_err(|unread| wrong(unread.message()))?;
    of_file(&bytes).ok_or_else(|| wrong("the key file {} is damaged"))
}

/// The key of a key file (<https://keepass.info/help/base/keys.html#keyfiles>); `None` if it is one
/// of KeePass whose key is damaged. Any file can be one.
fn of_file(bytes: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    if let Some(file) = KeyFile::read(bytes) {
        return file.key();
    }
    let key = match bytes.len() {
        32 => bytes.try_into().ok(),
        64 => hexadecimal(bytes).and_then(|key| key.as_slice().try_into().ok()),
        _ => None,
    };
    Some(Zeroizing::new(
        key.unwrap_or_else(|| Sha256::digest(bytes).into()),
    ))
}

/// The parts of a key file as KeePass writes it, in XML.
#[derive(Default)]
struct KeyFile {
    version: Zeroizing<Vec<u8>>,
    hash: String,
    data: Zeroizing<Vec<u8>>,
}

impl KeyFile {
    /// `None` if it is another file.
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut markup = Markup::new(bytes)?;
        let (mut file, mut open) = (KeyFile::default(), Vec::new());
        while let Some(step) = markup.next().ok()? {
            match step {
                Step::Open(element) => {
                    let name = element.name().as_ref().to_vec();
                    if name == b"Data" {
                        file.hash = attribute(&element, "Hash").unwrap_or_default();
                    }
                    open.push(name);
                }
                Step::Close(text) => {
                    let names: Vec<&[u8]> = open.iter().map(Vec::as_slice).collect();
                    match names.as_slice() {
                        [b"KeyFile", b"Meta", b"Version"] => file.version = text,
                        [b"KeyFile", b"Key", b"Data"] => file.data = text,
                        _ => {}
                    }
                    open.pop();
                }
            }
        }
        (!file.data.is_empty()).then_some(file)
    }

    fn key(&self) -> Option<Zeroizing<[u8; 32]>> {
        let digits = self.data.iter().filter(|byte| !byte.is_ascii_whitespace());
        let mut data = Zeroizing::new(Vec::with_capacity(self.data.len()));
        data.extend(digits);
        let key = match self.version.trim_ascii() {
            version if version.starts_with(b"1.") => Zeroizing::new(STANDARD.decode(&*data).ok()?),
            version if version.starts_with(b"2.") => {
                let key = hexadecimal(&data)?;
                // The hash is there to find slips of whoever typed a printed key.
                let hash = Sha256::digest(&*key);
                let expected = hexadecimal(self.hash.as_bytes())?;
                if hash.get(..4) != Some(&*expected) {
                    return None;
                }
                key
            }
            _ => return None,
        };
        key.as_slice().try_into().ok().map(Zeroizing::new)
    }
}

fn hexadecimal(digits: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    HEXUPPER_PERMISSIVE.decode(digits).ok().map(Zeroizing::new)
}
