//! The folder of a store, and the files in it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::path::EntryName;
use crate::files::{self, Unread};
use crate::{RunContext, VaultError, VaultErrorKind};

/// The most bytes of a file, which holds a bit more than what is encrypted in it.
const MOST_BYTES: u64 = 20 * 1024 * 1024;

/// The most names that are looked at for one that could have been meant, and the most folders.
const MOST_NAMES: usize = 10_000;
const MOST_FOLDERS: usize = 2_000;

/// A store that is there.
#[derive(PartialEq, Eq)]
pub(super) struct Store {
    /// Its folder behind all links.
    folder: PathBuf,
}

/// What opens a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    Gpg,
    Age,
}

/// The file of an entry.
pub(super) struct Sealed {
    /// Behind all links.
    file: PathBuf,
    pub(super) cipher: Cipher,
}

/// Where a name leads.
enum Lead {
    /// To a file or folder, behind all links.
    Inside(PathBuf),
    /// Nowhere, inside the store.
    Nowhere,
    /// To what may not be read.
    Closed,
    /// Out of the store, to a file or nowhere: nobody learns what exists elsewhere.
    Out,
}

impl Cipher {
    const ALL: [Cipher; 2] = [Cipher::Gpg, Cipher::Age];

    fn ending(self) -> &'static str {
        match self {
            Cipher::Gpg => ".gpg",
            Cipher::Age => ".age",
        }
    }
}

impl Store {
    /// The store in a folder, which is absolute: the working folder may be an author's.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if there is none.
    pub(super) fn at(folder: &Path) -> Result<Self, VaultError> {
        let real = folder.canonicalize().ok();
        let real = real.filter(|real| folder.is_absolute() && real.is_dir());
        real.map(|folder| Store { folder }).ok_or_else(|| {
            VaultError::configuration("there is no store in {}, or it may not be read")
                .with_name(folder.display().to_string())
        })
    }

    /// The file of an entry, which is at this place in the store; `None` if there is no such entry.
    ///
    /// # Errors
    /// [`VaultErrorKind::PermissionDenied`] if links lead out of the store or the file may not be
    /// read, [`VaultErrorKind::Ambiguous`] if there are two files.
    pub(super) fn find(&self, place: &str, name: &EntryName) -> Result<Option<Sealed>, VaultError> {
        let wrong = |kind, message| VaultError::new(kind, message).with_name(name.as_str());
        let mut found = None;
        for cipher in Cipher::ALL {
            let full = self.folder.join(format!("{place}{}", cipher.ending()));
            let file = match self.lead(&full) {
                Lead::Inside(file) => file,
                Lead::Nowhere => continue,
                Lead::Closed => {
                    return Err(wrong(
                        VaultErrorKind::PermissionDenied,
                        "the entry {} may not be read",
                    ));
                }
                Lead::Out => {
                    return Err(wrong(
                        VaultErrorKind::PermissionDenied,
                        "the entry {} leads out of the store",
                    ));
                }
            };
            if found.replace(Sealed { file, cipher }).is_some() {
                return Err(wrong(
                    VaultErrorKind::Ambiguous,
                    "the entry {} is there twice, for gpg and for age",
                )
                .with_hint("remove the file that is not in use any more"));
            }
        }
        Ok(found)
    }

    fn lead(&self, full: &Path) -> Lead {
        match full.canonicalize() {
            Ok(file) if file.starts_with(&self.folder) => Lead::Inside(file),
            Ok(_) => Lead::Out,
            Err(_) if !self.holds_nearest(full) => Lead::Out,
            Err(cause) if cause.kind() == ErrorKind::PermissionDenied => Lead::Closed,
            Err(_) => Lead::Nowhere,
        }
    }

    /// Whether the nearest thing that exists on the way to a missing file is in the store. A link that
    /// leads nowhere counts as leading out.
    fn holds_nearest(&self, full: &Path) -> bool {
        let exists = |path: &&Path| path.symlink_metadata().is_ok();
        let nearest = full.ancestors().find(exists);
        let nearest = nearest.and_then(|path| path.canonicalize().ok());
        nearest.is_some_and(|path| path.starts_with(&self.folder))
    }

    /// The names of the entries, as far as they can be listed quickly. Links are not followed.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![(self.folder.clone(), String::new())];
        let mut seen = 0;
        while let Some((folder, prefix)) = folders.pop() {
            seen += 1;
            if seen > MOST_FOLDERS {
                break;
            }
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(name) = entry.file_name().into_string() else {
                    continue;
                };
                // `.git`, and what the programs keep for themselves.
                let Some(kind) = entry.file_type().ok().filter(|_| !name.starts_with('.')) else {
                    continue;
                };
                if kind.is_dir() {
                    folders.push((entry.path(), format!("{prefix}{name}/")));
                }
                let mut endings = Cipher::ALL.iter().map(|cipher| cipher.ending());
                if let Some(name) = endings.find_map(|ending| name.strip_suffix(ending)) {
                    if kind.is_file() {
                        names.push(format!("{prefix}{name}"));
                    }
                }
            }
            if names.len() >= MOST_NAMES {
                break;
            }
        }
        names
    }
}

impl Sealed {
    /// What the file holds.
    ///
    /// # Errors
    /// Why it is not read, with the name of the entry.
    pub(super) fn read(
        &self,
        name: &EntryName,
        run: &RunContext,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let error = |kind, message| VaultError::new(kind, message).with_name(name.as_str());
        // Opening a pipe would wait for its other end.
        if !self.file.is_file() {
            let message = "the entry {} is not a file";
            return Err(error(VaultErrorKind::Configuration, message));
        }
        let read = files::read(&self.file, MOST_BYTES, run.deadline());
        read.map_err(|unread| match unread {
            Unread::Denied => error(
                VaultErrorKind::PermissionDenied,
                "the entry {} may not be read",
            ),
            Unread::TooLarge => error(
                VaultErrorKind::InvalidAnswer,
                "the entry {} is larger than 16 MiB",
            ),
            Unread::TooLate => error(
                VaultErrorKind::Timeout,
                "the time of the run was over before the entry {} was decrypted",
            ),
            _ => error(VaultErrorKind::Unavailable, "the entry {} cannot be read"),
        })
    }
}
