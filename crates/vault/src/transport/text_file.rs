//! Text files of secrets: read up to a limit, and wiped.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

/// More than this is not a file of secrets.
const MOST: u64 = 64 * 1024 * 1024;

/// Why a file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    NotFound,
    Denied,
    Folder,
    Failed,
    TooLarge,
    NotText,
}

impl Unread {
    /// What is told about the file.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Unread::NotFound => "there is no file {}",
            Unread::Denied => "the file {} may not be read",
            Unread::Folder => "{} is a folder, not a file",
            Unread::Failed => "the file {} cannot be read",
            Unread::TooLarge => "the file {} is too large",
            Unread::NotText => "the file {} is not UTF-8 text",
        }
    }
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, Unread> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Unread::NotFound,
        ErrorKind::PermissionDenied => Unread::Denied,
        ErrorKind::IsADirectory => Unread::Folder,
        _ => Unread::Failed,
    };
    let file = File::open(path).map_err(failed)?;
    // With room for all of it, no copies are left behind as it grows.
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let room = usize::try_from(size.min(MOST)).unwrap_or(0) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MOST {
        return Err(Unread::TooLarge);
    }
    String::from_utf8(std::mem::take(&mut bytes))
        .map(Zeroizing::new)
        .map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            Unread::NotText
        })
}
