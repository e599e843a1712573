//! Why a database is not opened.

use crate::files::Unread;
use crate::{VaultError, VaultErrorKind};

/// Why a database is not opened; nothing of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unopened {
    /// The file cannot be read.
    Unread(Unread),
    /// The file is not a database.
    NotKeePass,
    /// It has the form of an earlier KeePass.
    Older,
    /// It has a form that did not exist when this was written.
    Newer,
    /// It is encrypted in a way that is not read here.
    Cipher,
    /// Its key is derived in a way that is not known here.
    Derivation,
    /// To derive its key would take too much memory or time.
    TooCostly,
    /// Its key is another one.
    WrongKey,
    /// It was cut off or changed.
    Damaged,
    /// It holds more than a database of passwords does.
    TooLarge,
    /// The time of the run is over.
    TooLate,
}

/// What makes KeePassXC write a database as it is read here.
const SECURITY: &str =
    "in KeePassXC, choose another one under Database, Database Security, Encryption Settings";

impl Unopened {
    /// The error for the database of this name.
    pub(super) fn error(self, name: &str) -> VaultError {
        use VaultErrorKind::{Configuration, InvalidAnswer, Timeout, Unauthenticated};
        let (kind, message) = match self {
            Unopened::Unread(Unread::TooLate) => (Timeout, Unread::TooLate.message()),
            Unopened::Unread(unread) => (Configuration, unread.message()),
            Unopened::NotKeePass => (Configuration, "the file {} is not a database of KeePass"),
            Unopened::Older => (
                Configuration,
                "the database {} has a format of before KDBX 4, which is not read here",
            ),
            Unopened::Newer => (
                Configuration,
                "the database {} has a format of after KDBX 4, which is not read here",
            ),
            Unopened::Cipher => (
                Configuration,
                "the database {} is encrypted with a cipher other than AES, Twofish and ChaCha20, which is not read here",
            ),
            Unopened::Derivation => (
                Configuration,
                "the key of the database {} is derived in a way that is not known here",
            ),
            Unopened::TooCostly => (
                Configuration,
                "deriving the key of the database {} takes too much memory or time",
            ),
            Unopened::WrongKey => (
                Unauthenticated,
                "the database {} does not open with this password or key file",
            ),
            Unopened::Damaged => (InvalidAnswer, "the database {} is damaged or cut off"),
            Unopened::TooLarge => (Configuration, "the database {} is too large"),
            Unopened::TooLate => (
                Timeout,
                "the database {} was not open when the time of the run ran out",
            ),
        };
        let error = VaultError::new(kind, message).with_name(name);
        match self.hint() {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    fn hint(self) -> Option<&'static str> {
        Some(match self {
            Unopened::Older => {
                "in KeePassXC, choose the format KDBX 4 under Database, Database Security, Encryption Settings"
            }
            Unopened::Cipher | Unopened::Derivation => SECURITY,
            Unopened::TooCostly => {
                "at most 1 GiB, 4096 passes and 32 GiB in all passes together; choose less under Database, Database Security, Encryption Settings"
            }
            Unopened::Damaged => "take the file from a backup, or copy it again",
            _ => return None,
        })
    }
}

impl From<Unread> for Unopened {
    fn from(unread: Unread) -> Self {
        Unopened::Unread(unread)
    }
}
