//! What only the program `gpg` opens: it alone knows where the keys are and who may use them.

use std::path::{Path, PathBuf};

use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::transport::process::{Failure, Program};
use crate::transport::runtime;
use crate::{RunContext, Settings};

/// How many run at a time in this process. They all ask one agent, whose memory for keys is small:
/// of forty at once some end without a key, and say that there is none.
const AT_A_TIME: usize = 4;

static TURNS: Semaphore = Semaphore::const_new(AT_A_TIME);

/// How to call `gpg`.
#[derive(Clone, Debug)]
pub(crate) struct Gpg {
    program: PathBuf,
    folder: PathBuf,
    /// The variable that says where the keys are, if they are not in the usual folder.
    home: Option<(&'static str, PathBuf)>,
}

/// Why `gpg` does not decrypt a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unopened {
    /// It did not come to an answer.
    NotRun(Failure),
    /// It has no key for it.
    NoKey,
    /// It is no text of PGP, or was changed.
    Damaged,
    /// It has the key, yet it failed.
    Failed,
}

impl Gpg {
    /// The program that a setting names, by its path or by a name that is looked up in `PATH`, and the
    /// folder of its keys, if another setting, which is `gpg`'s own, names one.
    pub(crate) fn from_settings(
        settings: &Settings,
        program: &'static str,
        home: &'static str,
    ) -> Self {
        let path = match settings.value(program) {
            // Without a slash it is looked up in `PATH`.
            Some(name) if !name.contains('/') => Some(PathBuf::from(name)),
            _ => settings.absolute_path(program),
        };
        Gpg {
            program: path.unwrap_or_else(|| "gpg".into()),
            folder: settings.program_folder(program),
            home: settings.absolute_path(home).map(|folder| (home, folder)),
        }
    }

    /// The program, for messages.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Decrypts a text that holds at most so many bytes. Nobody is asked for a passphrase.
    ///
    /// # Errors
    /// Why it is not decrypted.
    pub(crate) async fn open(
        &self,
        enc: &[u8],
        most: usize,
        run: &RunContext,
    ) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        // The status lines are the part of what it writes that does not depend on the language.
        let mut program = Program::new(&self.program, &self.folder).args([
            "--batch",
            "--no-tty",
            // A key that is not unlocked: the agent would open a window, or take over a terminal.
            "--pinentry-mode",
            "error",
            "--quiet",
            "--status-fd",
            "2",
            "--decrypt",
        ]);
        if let Some((name, folder)) = &self.home {
            program = program.env(name, folder);
        }
        runtime::ready().map_err(|_| Unopened::NotRun(Failure::NoRuntime))?;
        let turn = tokio::time::timeout(run.remaining(), TURNS.acquire()).await;
        let _turn = turn.map_err(|_| Unopened::NotRun(Failure::TooLong))?;
        let outcome = program.run(enc, most, run.remaining()).await;
        let output = outcome.map_err(Unopened::NotRun)?;
        if output.code == Some(0) {
            return Ok(output.stdout);
        }
        Err(why(&output.stderr))
    }
}

/// Why `gpg` failed, by its status lines. It considers a key that it has, and gives up without that
/// if it has none.
fn why(status: &[u8]) -> Unopened {
    let says = |word: &str| {
        let mark = format!("[GNUPG:] {word}");
        status
            .split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(mark.as_bytes()))
    };
    let tried = [
        "KEY_CONSIDERED",
        "PINENTRY_LAUNCHED",
        "ERROR pkdecrypt_failed",
    ];
    // It says how a text is encrypted once it has opened the key.
    let has_begun = says("DECRYPTION_INFO");
    if says("NODATA") || (has_begun && says("DECRYPTION_FAILED")) {
        Unopened::Damaged
    } else if tried.into_iter().any(says) {
        Unopened::Failed
    } else if says("NO_SECKEY") || (says("ENC_TO") && says("DECRYPTION_FAILED")) {
        Unopened::NoKey
    } else {
        Unopened::Failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What GnuPG 2.2 says.
    #[test]
    fn a_missing_key_is_told_from_a_locked_one_and_from_damage() {
        for (status, reason) in [
            (
                "ENC_TO A 1 0\nNO_SECKEY A\nBEGIN_DECRYPTION\nDECRYPTION_FAILED",
                Unopened::NoKey,
            ),
            (
                "ENC_TO A 1 0\nBEGIN_DECRYPTION\nDECRYPTION_FAILED\nEND_DECRYPTION",
                Unopened::NoKey,
            ),
            (
                "ERROR add_keyblock_resource 1\nENC_TO A 1 0\nDECRYPTION_FAILED",
                Unopened::NoKey,
            ),
            (
                "ENC_TO A 1 0\nKEY_CONSIDERED B 0\nPINENTRY_LAUNCHED 1\nDECRYPTION_FAILED",
                Unopened::Failed,
            ),
            // Of several keys it has one, which is locked.
            (
                "ENC_TO A 1 0\nENC_TO B 1 0\nKEY_CONSIDERED B 0\nBEGIN_DECRYPTION\nDECRYPTION_FAILED",
                Unopened::Failed,
            ),
            (
                "ENC_TO A 1 0\nNO_SECKEY A\nENC_TO B 1 0\nKEY_CONSIDERED B 0\nDECRYPTION_FAILED",
                Unopened::Failed,
            ),
            (
                "ENC_TO A 1 0\nERROR pkdecrypt_failed 17\nDECRYPTION_FAILED",
                Unopened::Failed,
            ),
            (
                "ENC_TO A 1 0\nNO_SECKEY B\nDECRYPTION_INFO 2 9\nDECRYPTION_FAILED",
                Unopened::Damaged,
            ),
            ("NODATA 1", Unopened::Damaged),
            ("", Unopened::Failed),
        ] {
            let lines = format!("gpg: x\n[GNUPG:] {}\n", status.replace('\n', "\n[GNUPG:] "));
            assert_eq!(why(lines.as_bytes()), reason, "{lines}");
        }
    }
}
