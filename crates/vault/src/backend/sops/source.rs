//! Where an encrypted file is read from.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::transport::text_file::{self, Unread};
use crate::{AppFiles, NoAppFile, RunContext, SecretPath, VaultError, VaultErrorKind};

/// A file, behind all links.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// One on the disk.
    Disk(PathBuf),
    /// One of the app, which the run has in memory.
    App(PathBuf),
}

impl Source {
    /// The app's file, or another one where the app has none.
    ///
    /// # Errors
    /// [`VaultErrorKind::NotFound`] if there is none, [`VaultErrorKind::PermissionDenied`] if the path
    /// leads out of the app's folder.
    pub(super) fn of_app(
        files: &dyn AppFiles,
        path: &SecretPath,
        other: impl FnOnce() -> Option<PathBuf>,
    ) -> Result<Self, VaultError> {
        let name = path.as_str();
        let no_file = match files.find(name) {
            Ok((real, _)) => return Ok(Source::App(real.into())),
            Err(NoAppFile::NotAFile) => return Err(not_a_file(name)),
            Err(no_file) => no_file,
        };
        if let Some(other) = other() {
            return Ok(Source::Disk(other));
        }
        let error = |kind, message| VaultError::new(kind, message).with_name(name);
        Err(match no_file {
            NoAppFile::Absent => error(VaultErrorKind::NotFound, "there is no file {}"),
            _ => error(
                VaultErrorKind::PermissionDenied,
                "the path {} leads out of the folder of the manifests",
            )
            .with_hint("the operator can open another folder with MANIFILL_FILE_ROOT"),
        })
    }

    /// Its path, whose end says what it holds.
    pub(super) fn path(&self) -> &Path {
        match self {
            Source::Disk(path) | Source::App(path) => path,
        }
    }

    /// What it holds; `name` is what the author calls it.
    pub(super) fn text(
        &self,
        name: &str,
        run: &RunContext,
    ) -> Result<Zeroizing<String>, VaultError> {
        let read = match self {
            // Opening a pipe would wait for its other end.
            Source::Disk(file) if file.metadata().is_ok_and(|file| !file.is_file()) => {
                return Err(not_a_file(name));
            }
            Source::Disk(file) => text_file::read(file),
            Source::App(_) => match run.app_files().map(|files| files.find(name)) {
                Some(Ok((_, bytes))) => std::str::from_utf8(bytes)
                    .map(|text| Zeroizing::new(text.to_owned()))
                    .map_err(|_| Unread::NotText),
                _ => Err(Unread::NotFound),
            },
        };
        read.map_err(|unread| {
            let kind = match unread {
                Unread::Denied => VaultErrorKind::PermissionDenied,
                _ => VaultErrorKind::Configuration,
            };
            VaultError::new(kind, unread.message()).with_name(name)
        })
    }
}

fn not_a_file(name: &str) -> VaultError {
    VaultError::new(VaultErrorKind::Configuration, "{} is not a file").with_name(name)
}
