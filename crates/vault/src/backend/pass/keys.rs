//! age keys: from files, and from the places where gopass and others have them.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use zeroize::Zeroizing;

use crate::backend::home::Home;
use crate::files;
use crate::format::age::{self, Identities, Unopened};
use crate::sync::lock;
use crate::{Settings, VaultError, VaultErrorKind};

const FILE: &str = "PASSAGE_IDENTITIES_FILE";

/// More than this is not a file of keys.
const MOST: u64 = 1024 * 1024;

const NO_PASSPHRASE: &str = /* hint */
    "the file with the age keys has a passphrase: set GOPASS_AGE_PASSWORD";

/// One file of keys is opened with a passphrase at a time in this process, since each takes 256 MiB.
static TURN: Mutex<()> = Mutex::new(());

/// Which age keys there are, to be read when an entry needs one.
pub(super) struct AgeKeys {
    file: Option<PathBuf>,
    passphrase: Option<Zeroizing<String>>,
    /// Where keys usually are; asked only if no setting says where they are.
    usual: Vec<Usual>,
}

struct Usual {
    file: PathBuf,
    /// Whether it is made for other purposes and may have any form.
    is_foreign: bool,
}

impl AgeKeys {
    /// The keys that the settings name; else those in the usual places of a home folder.
    pub(super) fn from_settings(settings: &Settings, home: Option<&Home>) -> Self {
        let usual = |home: &Home| {
            let ssh = home.folder.join(".ssh");
            [
                (home.config.join("gopass/age/identities"), false),
                (home.folder.join(".passage/identities"), false),
                (ssh.join("id_ed25519"), true),
                (ssh.join("id_rsa"), true),
            ]
            .map(|(file, is_foreign)| Usual { file, is_foreign })
            .into()
        };
        let file = settings.path(FILE);
        let passphrase = settings.value("GOPASS_AGE_PASSWORD");
        AgeKeys {
            usual: match file {
                Some(_) => Vec::new(),
                None => home.map(usual).unwrap_or_default(),
            },
            file,
            passphrase: passphrase.map(|text| Zeroizing::new(text.to_owned())),
        }
    }

    /// Reads the keys; `None` if there are none.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a file of keys cannot be read,
    /// [`VaultErrorKind::Unauthenticated`] if it has another passphrase, [`VaultErrorKind::Timeout`]
    /// if the time is over.
    pub(super) fn read(&self, deadline: Instant) -> Result<Option<Identities>, VaultError> {
        let mut found = Identities::default();
        if let Some(file) = &self.file {
            let content = files::read(file, MOST, deadline).map_err(|unread| {
                VaultError::configuration(unread.message())
                    .with_name(file.display().to_string())
                    .about_setting(FILE)
            })?;
            self.add(&mut found, &content, file, deadline)?;
        }
        for Usual { file, is_foreign } in &self.usual {
            let Ok(content) = files::read(file, MOST, deadline) else {
                continue;
            };
            let added = self.add(&mut found, &content, file, deadline);
            if !is_foreign {
                added?;
            }
        }
        Ok((!found.is_empty()).then_some(found))
    }

    fn add(
        &self,
        found: &mut Identities,
        content: &[u8],
        file: &Path,
        deadline: Instant,
    ) -> Result<(), VaultError> {
        let name = file.display().to_string();
        if !age::is_encrypted(content) {
            return add_text(found, content, &name);
        }
        let Some(passphrase) = &self.passphrase else {
            found.leave_out(NO_PASSPHRASE);
            return Ok(());
        };
        let _turn = lock(&TURN);
        if Instant::now() >= deadline {
            let message =
                "the time of the run was over before the file {} with age keys was decrypted";
            return Err(VaultError::new(VaultErrorKind::Timeout, message).with_name(&name));
        }
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let opened = age::open_with_passphrase(content, passphrase, most);
        let keys = opened.map_err(|unopened| match unopened {
            Unopened::NoKey(_) => VaultError::new(
                VaultErrorKind::Unauthenticated,
                "the file {} with age keys has another passphrase",
            )
            .with_name(&name)
            .with_hint("check GOPASS_AGE_PASSWORD"),
            _ => VaultError::configuration("the file {} with age keys cannot be decrypted")
                .with_name(&name),
        })?;
        add_text(found, &keys, &name)
    }
}

fn add_text(found: &mut Identities, content: &[u8], name: &str) -> Result<(), VaultError> {
    let text = std::str::from_utf8(content).map_err(|_| {
        VaultError::configuration("the file {} with age keys is not text").with_name(name)
    })?;
    if text.trim_start().starts_with("-----BEGIN") {
        found.add_ssh(text, name)
    } else {
        found.add_lines(text, name)
    }
}
