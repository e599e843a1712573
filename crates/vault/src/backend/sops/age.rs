//! age keys: from settings, from files, and the SSH keys that age takes too.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use age::armor::ArmoredReader;
use zeroize::Zeroizing;

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

/// The keys that were read.
pub(super) struct Identities {
    keys: Vec<Box<dyn age::Identity + Send + Sync>>,
    /// What is to be said about keys that cannot be used here, if none of the others fits.
    left_out: Option<&'static str>,
}

/// Why no key opens a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unopened {
    /// It is encrypted for others.
    NoKey(Option<&'static str>),
    /// It is no text of age, or was changed.
    Damaged,
}

/// How a stanza of a header begins: what is encrypted for one key.
const STANZA: &[u8] = b"\n-> ";

/// The most of them. sops writes one for each text, and the reader parses a header anew for each
/// (rule R11).
const MAX_STANZAS: usize = 8;

const NO_PASSPHRASE: &str = "keys with a passphrase cannot be used here";
const NO_PLUGIN: &str = "keys of age plugins cannot be used here";
const NO_HYBRID: &str = "post-quantum age keys (AGE-SECRET-KEY-PQ-…) cannot be used here";

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
        let mut found = Identities {
            keys: Vec::new(),
            left_out: None,
        };
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
        let is_empty = found.keys.is_empty() && found.left_out.is_none();
        Ok((!is_empty).then_some(found))
    }
}

/// The folders of the user that this process runs as.
#[derive(Clone, Debug)]
pub(super) struct Home {
    pub(super) folder: PathBuf,
    /// `$XDG_CONFIG_HOME`, or what it is where it is not set.
    pub(super) config: PathBuf,
}

impl Home {
    /// Where the home is, is no setting: no one chooses it for one backend.
    pub(super) fn of_process() -> Option<Self> {
        let folder = |name| std::env::var_os(name).map(PathBuf::from);
        let folder = |name| folder(name).filter(|path: &PathBuf| path.is_absolute());
        let home = folder("HOME")?;
        Some(Home {
            config: folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
            folder: home,
        })
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

impl Identities {
    /// Adds the keys of a text: one a line, with comments.
    fn add_lines(&mut self, text: &str, source: &str) -> Result<(), VaultError> {
        if text.trim_start().starts_with("-----BEGIN AGE ENCRYPTED") {
            self.left_out = Some(NO_PASSPHRASE);
            return Ok(());
        }
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let upper = line.get(..19).unwrap_or(line).to_ascii_uppercase();
            if upper.starts_with("AGE-PLUGIN-") {
                self.left_out = Some(NO_PLUGIN);
            } else if upper.starts_with("AGE-SECRET-KEY-PQ-") {
                self.left_out = Some(NO_HYBRID);
            } else {
                match line.parse::<age::x25519::Identity>() {
                    Ok(key) => self.keys.push(Box::new(key)),
                    Err(_) => {
                        return Err(VaultError::new(
                            VaultErrorKind::Configuration,
                            "a line of {} is not an age key",
                        )
                        .with_name(source)
                        .with_hint("a line must begin with AGE-SECRET-KEY-1"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds an SSH key.
    fn add_ssh(&mut self, text: &str, source: &str) -> Result<(), VaultError> {
        match age::ssh::Identity::from_buffer(text.as_bytes(), None) {
            Ok(key @ age::ssh::Identity::Unencrypted(_)) => self.keys.push(Box::new(key)),
            Ok(age::ssh::Identity::Encrypted(_)) => self.left_out = Some(NO_PASSPHRASE),
            _ => {
                return Err(VaultError::new(
                    VaultErrorKind::Configuration,
                    "{} is not an SSH key that age can use",
                )
                .with_name(source)
                .with_hint("ssh-ed25519 and ssh-rsa keys can be used"));
            }
        }
        Ok(())
    }

    /// Decrypts a text with whichever key fits.
    pub(super) fn open(&self, enc: &str) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        let mut text = Vec::new();
        ArmoredReader::new(enc.as_bytes())
            .read_to_end(&mut text)
            .map_err(|_| Unopened::Damaged)?;
        if memchr::memmem::find_iter(&text, STANZA).count() > MAX_STANZAS {
            return Err(Unopened::Damaged);
        }
        let file = age::Decryptor::new(text.as_slice()).map_err(|_| Unopened::Damaged)?;
        let keys = self.keys.iter().map(|key| &**key as &dyn age::Identity);
        let reader = file.decrypt(keys).map_err(|error| match error {
            age::DecryptError::NoMatchingKeys => Unopened::NoKey(self.left_out),
            _ => Unopened::Damaged,
        })?;
        // The data key, or a share of it, which has one byte more.
        let mut plain = Zeroizing::new(Vec::with_capacity(64));
        let read = reader.take(64).read_to_end(&mut plain);
        read.map(|_| plain).map_err(|_| Unopened::Damaged)
    }
}
