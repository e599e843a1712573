//! The files of the machine.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use manifill_vault::files::{self, Unread};
use zeroize::Zeroizing;

use crate::file_source::{FileSource, Identity, Kind, Missing};

/// The files of the machine; relative paths start from the working folder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl FileSource for Disk {
    fn names(&self, folder: &Path) -> Result<Vec<OsString>, Missing> {
        let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        let mut names: Vec<_> = entries.iter().map(fs::DirEntry::file_name).collect();
        names.sort();
        Ok(names)
    }

    fn kind(&self, path: &Path) -> Result<Kind, Missing> {
        Ok(kind(&fs::metadata(path)?))
    }

    fn own_kind(&self, path: &Path) -> Result<Kind, Missing> {
        Ok(kind(&fs::symlink_metadata(path)?))
    }

    fn real_path(&self, path: &Path) -> Result<PathBuf, Missing> {
        Ok(fs::canonicalize(path)?)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        // It fails only if the process has no folder, and then nothing relative can be read either.
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
    }

    fn identity(&self, path: &Path) -> Option<Identity> {
        let metadata = fs::metadata(path).ok().filter(Metadata::is_file)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Some(Identity::of_node(metadata.dev(), metadata.ino()))
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            fs::canonicalize(path).ok().map(Identity::of_real_path)
        }
    }

    fn read(
        &self,
        path: &Path,
        most: u64,
        deadline: Instant,
    ) -> Result<Zeroizing<Vec<u8>>, Unread> {
        files::read(path, most, deadline)
    }

    fn on_disk(&self, folder: &Path) -> Option<PathBuf> {
        Some(fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()))
    }

    fn has_stdin(&self) -> bool {
        true
    }
}

fn kind(metadata: &Metadata) -> Kind {
    if metadata.is_symlink() {
        Kind::Link
    } else if metadata.is_dir() {
        Kind::Folder
    } else if metadata.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}
