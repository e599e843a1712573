//! One run: entries are found, decrypted and read, each of them once.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::Pass;
use super::entry::Entry;
use super::path::EntryName;
use super::place::Stores;
use super::store::Cipher;
use crate::backend::near::NearNames;
use crate::format::age::{Identities, Limits, Unopened};
use crate::transport::gpg;
use crate::transport::process::Failure;
use crate::transport::runtime;
use crate::{RunContext, VaultError, VaultErrorKind};

/// As large as a value may be (rule R11).
const MOST: usize = 16 * 1024 * 1024;

/// What entries of age may be. Teams of more are not known.
const LIMITS: Limits = Limits {
    stanzas: 256,
    bytes: MOST,
};

/// What opens entries in one run.
pub(super) struct Opener<'a> {
    pass: &'a Pass,
    run: &'a RunContext,
    stores: Result<Stores, VaultError>,
    identities: OnceLock<Result<Option<Identities>, VaultError>>,
    names: OnceLock<NearNames>,
}

fn wrong(kind: VaultErrorKind, message: &'static str, name: &EntryName) -> VaultError {
    VaultError::new(kind, message).with_name(name.as_str())
}

impl<'a> Opener<'a> {
    pub(super) fn new(pass: &'a Pass, run: &'a RunContext) -> Self {
        Opener {
            pass,
            run,
            stores: pass.place.open(run.deadline()),
            identities: OnceLock::new(),
            names: OnceLock::new(),
        }
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// If there is none, it may not be read or opened, or there is no store.
    pub(super) async fn entry(&self, name: &EntryName) -> Result<Entry, VaultError> {
        let stores = self.stores.as_ref().map_err(Clone::clone)?;
        let Some(sealed) = stores.find(name)? else {
            return Err(self.missing(stores, name));
        };
        let content = sealed.read(name, self.run)?;
        let plain = match sealed.cipher {
            Cipher::Gpg => self.open_gpg(&content, name).await?,
            Cipher::Age => self.open_age(&content, name)?,
        };
        Entry::read(&plain, name.as_str())
    }

    fn missing(&self, stores: &Stores, name: &EntryName) -> VaultError {
        let error = wrong(
            VaultErrorKind::NotFound,
            "there is no entry {} in the store",
            name,
        );
        // Nobody lists what nobody may see.
        if !self.run.may_compare(0) {
            return error;
        }
        let names = || NearNames::new(stores.names());
        let names = self.names.get_or_init(names);
        if !self.run.may_compare(names.count()) {
            return error;
        }
        error.with_candidates(names.near(name.as_str()))
    }

    async fn open_gpg(
        &self,
        content: &[u8],
        name: &EntryName,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let outcome = self.pass.gpg.open(content, MOST, self.run).await;
        outcome.map_err(|unopened| match unopened {
            gpg::Unopened::NotRun(failure) => self.not_run(failure, name),
            gpg::Unopened::NoKey => wrong(
                VaultErrorKind::PermissionDenied,
                "gpg has none of the PGP keys that open the entry {}",
                name,
            )
            .with_hint("GNUPGHOME says where it looks"),
            gpg::Unopened::Damaged => wrong(
                VaultErrorKind::InvalidAnswer,
                "the entry {} was changed, or was not written by gpg",
                name,
            ),
            gpg::Unopened::Failed => wrong(
                VaultErrorKind::Unauthenticated,
                "gpg failed to decrypt the entry {}",
                name,
            )
            .with_hint("a key with a passphrase must be unlocked in gpg-agent; `pass show` shows what gpg says"),
        })
    }

    fn not_run(&self, failure: Failure, name: &EntryName) -> VaultError {
        use VaultErrorKind::{Configuration, InvalidAnswer, Timeout, Unavailable};
        let with_program = |kind, message| {
            let program = self.pass.gpg.program().display().to_string();
            wrong(kind, message, name).with_name(program)
        };
        match failure {
            Failure::NoSuchFile => with_program(
                Configuration,
                "the entry {} needs gpg, and there is no program {}",
            )
            .with_hint("install GnuPG, or name it in GOPASS_GPG_BINARY"),
            Failure::NotExecutable => with_program(
                Configuration,
                "the entry {} needs gpg, and {} is not a program",
            )
            .with_hint("name GnuPG in GOPASS_GPG_BINARY"),
            Failure::TooLong => wrong(Timeout, "gpg did not decrypt the entry {} in time", name)
                .with_hint("does a smart card wait to be touched?"),
            Failure::TooMuch => wrong(InvalidAnswer, TOO_LARGE, name),
            Failure::NoRuntime => runtime::missing(),
            Failure::Broken => with_program(
                Unavailable,
                "the entry {} needs gpg, and {} cannot be started",
            ),
        }
    }

    fn open_age(&self, content: &[u8], name: &EntryName) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let read = || self.pass.age.read(self.run.deadline());
        let identities = self.identities.get_or_init(read).as_ref();
        let identities = identities.map_err(Clone::clone)?.as_ref().ok_or_else(|| {
            wrong(
                VaultErrorKind::Configuration,
                "the entry {} is encrypted for age keys, and no age key is set",
                name,
            )
            .with_hint("set PASSAGE_IDENTITIES_FILE to a file with age keys")
        })?;
        if self.run.is_late() {
            let message = "the time of the run was over before the entry {} was decrypted";
            return Err(wrong(VaultErrorKind::Timeout, message, name));
        }
        identities
            .open(content, LIMITS)
            .map_err(|unopened| match unopened {
                Unopened::NoKey(left_out) => {
                    let message = "none of the age keys here opens the entry {}";
                    let error = wrong(VaultErrorKind::PermissionDenied, message, name);
                    match left_out {
                        Some(hint) => error.with_hint(hint),
                        None => error,
                    }
                }
                Unopened::Damaged => wrong(
                    VaultErrorKind::InvalidAnswer,
                    "the entry {} was changed, or was not written by age",
                    name,
                ),
                Unopened::TooLarge => wrong(VaultErrorKind::InvalidAnswer, TOO_LARGE, name),
            })
    }
}

const TOO_LARGE: &str = "the entry {} is larger than 16 MiB";
