//! Whether two paths name one file.

use std::fs;
use std::path::Path;

/// What a regular file has for itself, whatever it is called and whichever links lead to it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity(
    #[cfg(unix)] (u64, u64),
    #[cfg(not(unix))] std::path::PathBuf,
);

impl Identity {
    /// `None` for what is no regular file: a pipe gives something else each time it is read.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Some(Identity((metadata.dev(), metadata.ino())))
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            fs::canonicalize(path).ok().map(Identity)
        }
    }
}
