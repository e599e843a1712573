//! PGP keys, through the program `gpg`.

use zeroize::Zeroizing;

use crate::transport::gpg::{self, Gpg};
use crate::transport::process::Failure;
use crate::transport::runtime;
use crate::{RunContext, VaultError, VaultErrorKind};

/// What `gpg` prints is a key of 32 bytes.
const MOST: usize = 1024;

/// Why `gpg` does not decrypt a text.
#[derive(Debug)]
pub(super) enum Unopened {
    /// It cannot be started.
    NoProgram(VaultError),
    /// It has no key for it.
    NoKey,
    /// It has the key, yet it failed.
    Failed(VaultError),
}

/// Decrypts a text.
pub(super) async fn open(
    gpg: &Gpg,
    enc: &str,
    run: &RunContext,
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let outcome = gpg.open(enc.as_bytes(), MOST, run).await;
    outcome.map_err(|unopened| match unopened {
        gpg::Unopened::NotRun(failure) => not_run(gpg, failure),
        gpg::Unopened::NoKey => Unopened::NoKey,
        gpg::Unopened::Damaged | gpg::Unopened::Failed => Unopened::Failed(
            VaultError::new(VaultErrorKind::Unauthenticated, "{} failed to decrypt")
                .with_name(gpg.program().display().to_string())
                .with_hint("a key with a passphrase must be unlocked in gpg-agent; `sops decrypt` shows what gpg says"),
        ),
    })
}

fn not_run(gpg: &Gpg, failure: Failure) -> Unopened {
    use VaultErrorKind::{Configuration, Timeout, Unavailable};
    let error = |kind, message| {
        VaultError::new(kind, message).with_name(gpg.program().display().to_string())
    };
    match failure {
        Failure::NoSuchFile => Unopened::NoProgram(
            error(
                Configuration,
                "the file needs a PGP key, and there is no program {}",
            )
            .with_hint("install GnuPG, or name it in SOPS_GPG_EXEC"),
        ),
        Failure::NotExecutable => Unopened::NoProgram(
            error(
                Configuration,
                "the file needs a PGP key, and {} is not a program",
            )
            .with_hint("name GnuPG in SOPS_GPG_EXEC"),
        ),
        Failure::TooLong => Unopened::Failed(
            error(Timeout, "{} was not done in time")
                .with_hint("does a smart card wait to be touched?"),
        ),
        Failure::TooMuch => Unopened::Failed(error(
            VaultErrorKind::InvalidAnswer,
            "{} does not decrypt to a key",
        )),
        Failure::NoRuntime => Unopened::Failed(runtime::missing()),
        Failure::Broken => Unopened::Failed(error(Unavailable, "{} cannot be started")),
    }
}
