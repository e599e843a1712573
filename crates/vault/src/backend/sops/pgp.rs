//! PGP keys, through the `gpg` executable: it alone knows where the keys are and who may use them.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::transport::process::{Failure, Program};
use crate::transport::runtime;
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// What `gpg` prints is a key of 32 bytes.
const MOST: usize = 1024;

/// How to call `gpg`.
#[derive(Clone, Debug)]
pub(super) struct Gpg {
    program: PathBuf,
    folder: PathBuf,
    home: Option<PathBuf>,
}

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

impl Gpg {
    pub(super) fn from_settings(settings: &Settings) -> Self {
        const PROGRAM: &str = "SOPS_GPG_EXEC";
        let program = match settings.value(PROGRAM) {
            // Without a slash it is looked up in `PATH`.
            Some(name) if !name.contains('/') => Some(PathBuf::from(name)),
            _ => settings.absolute_path(PROGRAM),
        };
        Gpg {
            program: program.unwrap_or_else(|| "gpg".into()),
            folder: settings.program_folder(PROGRAM),
            home: settings.absolute_path("GNUPGHOME"),
        }
    }

    /// Decrypts a text.
    pub(super) async fn open(
        &self,
        enc: &str,
        run: &RunContext,
    ) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        // The status lines are the part of what it writes that does not depend on the language.
        let mut program = Program::new(&self.program, &self.folder).args([
            "--batch",
            "--no-tty",
            "--quiet",
            "--status-fd",
            "2",
            "--decrypt",
        ]);
        if let Some(home) = &self.home {
            program = program.env("GNUPGHOME", home);
        }
        let outcome = program.run(enc.as_bytes(), MOST, run.remaining()).await;
        let output = outcome.map_err(|failure| self.failure(failure))?;
        if output.code == Some(0) {
            return Ok(output.stdout);
        }
        if has_no_key(&output.stderr) {
            return Err(Unopened::NoKey);
        }
        let failed = VaultError::new(VaultErrorKind::Unauthenticated, "{} failed to decrypt")
            .with_name(self.program.display().to_string())
            .with_hint("a key with a passphrase must be unlocked in gpg-agent; `sops decrypt` shows what gpg says");
        Err(Unopened::Failed(failed))
    }

    fn failure(&self, failure: Failure) -> Unopened {
        use VaultErrorKind::{Configuration, Timeout, Unavailable};
        let error = |kind, message| {
            VaultError::new(kind, message).with_name(self.program.display().to_string())
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
                    .with_hint("does it wait for a passphrase?"),
            ),
            Failure::TooMuch => Unopened::Failed(error(
                VaultErrorKind::InvalidAnswer,
                "{} does not decrypt to a key",
            )),
            Failure::NoRuntime => Unopened::Failed(runtime::missing()),
            Failure::Broken => Unopened::Failed(error(Unavailable, "{} cannot be started")),
        }
    }
}

/// Whether `gpg` failed for want of a key. It says so for keys that it once knew; for others it
/// gives up without having tried one.
fn has_no_key(status: &[u8]) -> bool {
    let says = |word: &str| {
        let mark = format!("[GNUPG:] {word}");
        status
            .split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(mark.as_bytes()))
    };
    let tried = [
        "PINENTRY_LAUNCHED",
        "ERROR pkdecrypt_failed",
        "DECRYPTION_INFO",
    ];
    says("NO_SECKEY")
        || (says("ENC_TO") && says("DECRYPTION_FAILED") && !tried.into_iter().any(says))
}

#[cfg(test)]
mod tests {
    use super::has_no_key;

    /// What GnuPG 2.2 says.
    #[test]
    fn a_missing_key_is_told_from_a_locked_one() {
        for (status, no_key) in [
            (
                "ENC_TO A 1 0\nNO_SECKEY A\nBEGIN_DECRYPTION\nDECRYPTION_FAILED",
                true,
            ),
            (
                "ENC_TO A 1 0\nBEGIN_DECRYPTION\nDECRYPTION_FAILED\nEND_DECRYPTION",
                true,
            ),
            (
                "ERROR add_keyblock_resource 1\nENC_TO A 1 0\nDECRYPTION_FAILED",
                true,
            ),
            (
                "ENC_TO A 1 0\nKEY_CONSIDERED B 0\nPINENTRY_LAUNCHED 1\nDECRYPTION_FAILED",
                false,
            ),
            (
                "ENC_TO A 1 0\nERROR pkdecrypt_failed 17\nDECRYPTION_FAILED",
                false,
            ),
            (
                "ENC_TO A 1 0\nDECRYPTION_INFO 2 9\nDECRYPTION_FAILED",
                false,
            ),
            ("NODATA 1", false),
            ("", false),
        ] {
            let status = format!("gpg: x\n[GNUPG:] {}\n", status.replace('\n', "\n[GNUPG:] "));
            assert_eq!(has_no_key(status.as_bytes()), no_key, "{status}");
        }
    }
}
