//! age keys: from settings, from files, and the SSH keys that age takes too.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::backend::home::Home;
use crate::format::age::{Identities, Limits, Unopened};
use crate::transport::text_file::{self, Unread};
use crate::{Settings, VaultError, VaultErrorKind};

/// Which keys there are, to be read when a file needs one.
#[derive(Clone, Default)]
pub(super) struct AgeKeys {
    text: Option<Zeroizing<String>>,
    file: Option<PathBuf>,
    ssh_file: Option<PathBuf>,
    /// Where keys usually are; asked only if none of the settings says where they are, and
    /// nothing is wrong if they are not there.
    usual: Option<Usual>,
}

#[derive(Clone)]
struct Usual {
    file: PathBuf,
    ssh_files: [PathBuf; 2],
}

impl AgeKeys {
    /// The keys that the settings name; else those in the usual places of a home folder.
    pub(super) fn from_settings(settings: &Settings, home: Option<&Home>) -> Self {
        let mut keys = AgeKeys {
            text: settings
                .value("SOPS_AGE_KEY")
                .map(|text| Zeroizing::new(text.to_owned())),
            file: settings.path("SOPS_AGE_KEY_FILE"),
            ssh_file: settings.path("SOPS_AGE_SSH_PRIVATE_KEY_FILE"),
            usual: None,
        };
        if keys.text.is_none() && keys.file.is_none() && keys.ssh_file.is_none() {
            keys.usual = home.map(|home| Usual {
                file: home.config.join("sops/age/keys.txt"),
                ssh_files: ["id_ed25519", "id_rsa"].map(|name| home.folder.join(".ssh").join(name)),
            });
        }
        keys
    }

    /// Reads the keys; `None` if there are none.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting names keys that cannot be read.
    pub(super) fn read(&self) -> Result<Option<Identities>, VaultError> {
        let mut found = Identities::default();
        if let Some(text) = &self.text {
            found.add_lines(text, "SOPS_AGE_KEY")?;
        }
        if let Some(file) = &self.file {
            let name = "SOPS_AGE_KEY_FILE";
            let text = key_file(file).map_err(|error| error.about_setting(name))?;
            found.add_lines(&text, name)?;
        }
        if let Some(file) = &self.ssh_file {
            let name = "SOPS_AGE_SSH_PRIVATE_KEY_FILE";
            let text = key_file(file).map_err(|error| error.about_setting(name))?;
            found.add_ssh(&text, name)?;
        }
        if let Some(usual) = &self.usual {
            if let Ok(text) = key_file(&usual.file) {
                found.add_lines(&text, "sops/age/keys.txt")?;
            }
            for file in &usual.ssh_files {
                if let Ok(text) = key_file(file) {
                    // A key for other purposes may have any form.
                    let _ = found.add_ssh(&text, "~/.ssh");
                }
            }
        }
        Ok((!found.is_empty()).then_some(found))
    }
}

fn key_file(path: &Path) -> Result<Zeroizing<String>, VaultError> {
    let wrong = |message| {
        VaultError::new(VaultErrorKind::Configuration, message)
            .with_name(path.display().to_string())
    };
    text_file::read(path).map_err(|unread| match unread {
        Unread::NotText => wrong("the key file {} is not text"),
        _ => wrong("cannot read the key file {}"),
    })
}

/// Decrypts a text with whichever key fits.
pub(super) fn open(keys: &Identities, enc: &str) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let most = Limits {
        // sops writes one for each text.
        stanzas: 8,
        // The data key, or a share of it, which has one byte more.
        bytes: 64,
    };
    keys.open(enc.as_bytes(), most)
}
