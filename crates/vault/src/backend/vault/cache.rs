//! The token of a login, kept in a file for the next process.
//!
//! Nobody is made to trust it: it is off unless `MANIFILL_VAULT_TOKEN_CACHE` names a folder. The
//! name of a file depends on everything that decides who the token is for, the credentials
//! included, so a login finds only what the same login has left there. AVP's cache gave the
//! tokens of one tenant to another (rule 71).

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::token::Token;
use crate::clock::now;
use crate::transport::kept_file;

/// More than this is no token.
const MAX_SIZE: u64 = 64 * 1024;

/// The folder and what tells logins apart.
pub(super) struct Cache {
    folder: PathBuf,
    identity: Vec<String>,
}

/// A file. Its text is secret.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    expires: u64,
    token: &'a str,
}

impl Cache {
    /// Keeps tokens in a folder. `identity` is where and how the login is made, in a fixed
    /// order: the address, the namespace, the method, the mount.
    pub(super) fn new<'i>(folder: PathBuf, identity: impl IntoIterator<Item = &'i str>) -> Self {
        Cache {
            folder,
            identity: identity.into_iter().map(str::to_owned).collect(),
        }
    }

    /// The token of an earlier login with these credentials; `None` if there is none that is
    /// good. Whatever is wrong with a file or the folder, there is a login instead.
    pub(super) fn load(&self, credentials: &[u8]) -> Option<Token> {
        let file = open_private(&self.folder, &self.path(credentials)).ok()?;
        let mut text = Zeroizing::new(Vec::with_capacity(4096));
        file.take(MAX_SIZE).read_to_end(&mut text).ok()?;
        let kept: Kept<'_> = serde_json::from_slice(&text).ok()?;
        let token = Token {
            text: Zeroizing::new(kept.token.to_owned()),
            ends: Some(kept.expires),
            is_limited: false,
            is_old: true,
        };
        (!token.text.is_empty() && token.is_good(now())).then_some(token)
    }

    /// Keeps a token that has an end and can be used often.
    ///
    /// # Errors
    /// If the file cannot be written, or the folder is open to others or another user's.
    pub(super) fn save(&self, credentials: &[u8], token: &Token) -> io::Result<()> {
        let (Some(expires), true) = (token.ends, token.is_good(now())) else {
            return Ok(());
        };
        private_folder(&self.folder)?;
        let path = self.path(credentials);
        let kept = Kept {
            expires,
            token: &token.text,
        };
        kept_file::write_json(&path, &kept)
    }

    fn path(&self, credentials: &[u8]) -> PathBuf {
        let mut digest = Context::new(&SHA256);
        let parts = self
            .identity
            .iter()
            .map(String::as_bytes)
            .chain([credentials]);
        for part in parts {
            // The length keeps `a` + `bc` from being `ab` + `c`.
            digest.update(&(part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let name = HEXLOWER.encode(digest.finish().as_ref());
        self.folder.join(name).with_extension("token")
    }
}

/// Makes the folder, or makes sure that it is this user's and closed to others.
#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    if is_private(&fs::metadata(folder)?) {
        Ok(())
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// Opens a file that, like its folder, is this user's and closed to others.
#[cfg(unix)]
fn open_private(folder: &Path, path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    let found = file.metadata()?;
    if found.is_file() && is_private(&found) && is_private(&fs::metadata(folder)?) {
        Ok(file)
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

#[cfg(unix)]
fn is_private(found: &fs::Metadata) -> bool {
    is_private_to(rustix::process::geteuid().as_raw(), found)
}

/// Whether nobody but this user can get at it. Who owns a folder could put a token of their own
/// there, or read what root has left (rule R7).
#[cfg(unix)]
fn is_private_to(user: u32, found: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    found.uid() == user && found.mode() & 0o077 == 0
}

/// Elsewhere nothing is known about who can read a file, so nothing is kept.
#[cfg(not(unix))]
fn private_folder(_: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn open_private(_: &Path, _: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;

    #[test]
    fn what_is_private_is_the_users_own_and_closed_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let with_mode = |mode| {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            fs::metadata(folder.path()).unwrap()
        };
        let own = with_mode(0o700);
        let user = own.uid();
        assert!(is_private_to(user, &own) && is_private(&own));
        assert!(!is_private_to(user + 1, &own));
        for open in [0o701, 0o710, 0o704, 0o755] {
            assert!(!is_private_to(user, &with_mode(open)), "{open:o}");
        }
        with_mode(0o700);
    }
}
