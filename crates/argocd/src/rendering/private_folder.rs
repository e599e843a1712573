//! The folder of one run: what a program may see, and where it may write.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use super::Limits;
use super::error::{RenderingError, RenderingErrorKind, shown};

/// What a file takes on disk, whatever is in it.
const BLOCK: u64 = 4096;

/// Where the files of the repository are.
const REPOSITORY: &str = "repository";
/// Where the values are that are no files of the repository.
const VALUES: &str = "values";
/// Where a program may write: its home and its temporary files.
const HOME: &str = "home";
/// The programs that the operator names, and nothing else.
const BIN: &str = "bin";

/// What to do where others need the room.
const LATER: &str = "refresh the app when others are done";

/// A fresh folder, closed to others. It is deleted when this is dropped.
#[derive(Debug)]
pub(crate) struct PrivateFolder {
    folder: TempDir,
    limits: Limits,
    used: u64,
    all: Arc<AtomicU64>,
}

impl PrivateFolder {
    pub(crate) fn new(
        folder: TempDir,
        limits: Limits,
        all: Arc<AtomicU64>,
    ) -> Result<PrivateFolder, RenderingError> {
        for name in [REPOSITORY, VALUES, HOME, BIN] {
            make_folder(&folder.path().join(name)).map_err(failed)?;
        }
        Ok(PrivateFolder {
            folder,
            limits,
            used: 0,
            all,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Where a folder of the repository is.
    pub(crate) fn repository(&self, name: &str) -> PathBuf {
        self.path().join(REPOSITORY).join(name)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path().join(HOME)
    }

    pub(crate) fn bin(&self) -> PathBuf {
        self.path().join(BIN)
    }

    /// Writes a file of the repository, unless it is there already.
    pub(crate) fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), RenderingError> {
        self.write_below(REPOSITORY, name, bytes)
    }

    /// Writes values that are no file of the repository, and tells where they are.
    pub(crate) fn write_values(
        &mut self,
        name: &str,
        bytes: &[u8],
    ) -> Result<PathBuf, RenderingError> {
        self.write_below(VALUES, name, bytes)?;
        Ok(self.path().join(VALUES).join(name))
    }

    fn write_below(&mut self, part: &str, name: &str, bytes: &[u8]) -> Result<(), RenderingError> {
        // Names come from a tree, which has no others; this is the last door before the disk.
        let plain = |part: Component| matches!(part, Component::Normal(_));
        if !Path::new(name).components().all(plain) {
            return Err(RenderingError::source(format!(
                "{} is not a name of a file",
                shown(name)
            )));
        }
        let length = bytes.len() as u64;
        if length > self.limits.file {
            let message = format!(
                "{} has {length} bytes, more than a file may have",
                shown(name)
            );
            return Err(RenderingError::new(RenderingErrorKind::Limit, message));
        }
        let path = self.path().join(part).join(name);
        if path.exists() {
            return Ok(());
        }
        self.charge(length.max(1).div_ceil(BLOCK) * BLOCK)?;
        if let Some(parent) = path.parent() {
            make_folder(parent).map_err(failed)?;
        }
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(path);
        file.and_then(|mut file| file.write_all(bytes))
            .map_err(failed)
    }

    /// Links a program, so that it can be found by its name.
    pub(crate) fn link_program(&self, name: &str, program: &Path) -> Result<(), RenderingError> {
        symlink(program, self.bin().join(name)).map_err(failed)
    }

    /// Counts bytes on disk, unless they are too many.
    fn charge(&mut self, bytes: u64) -> Result<(), RenderingError> {
        let limit = |whose: &str, limit: u64| {
            let message = format!("{whose} takes more than {limit} bytes on disk");
            RenderingError::new(RenderingErrorKind::Limit, message)
        };
        if self.used.saturating_add(bytes) > self.limits.run {
            return Err(limit("this app", self.limits.run).with_hint(
                "a chart or kustomization needs few files; look for large ones beside it",
            ));
        }
        let before = self.all.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.limits.total {
            self.all.fetch_sub(bytes, Ordering::Relaxed);
            return Err(
                limit("what all apps need at this moment", self.limits.total).with_hint(LATER),
            );
        }
        self.used += bytes;
        Ok(())
    }

    /// How many more bytes a program may write.
    pub(crate) fn room(&self) -> u64 {
        let all = self.all.load(Ordering::Relaxed);
        let run = self.limits.run.saturating_sub(self.used);
        run.min(self.limits.total.saturating_sub(all))
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        // Emptied first, so that the room is free once it is counted as free. What cannot be deleted
        // now is deleted when the server starts again.
        let _ = fs::remove_dir_all(self.folder.path());
        self.all.fetch_sub(self.used, Ordering::Relaxed);
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn failed(error: io::Error) -> RenderingError {
    if matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    ) {
        let message = "the disk that all apps share is full";
        return RenderingError::new(RenderingErrorKind::Limit, message).with_hint(LATER);
    }
    let message = format!("cannot write to the folder of the run: {}", error.kind());
    RenderingError::new(RenderingErrorKind::Host, message)
}

/// How many bytes are below a folder.
pub(crate) fn size(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => BLOCK + size(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, Workspace};
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn a_folder_is_closed_to_others_and_goes_away() {
        let temporary = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(temporary.path(), Limits::new()).unwrap();
        let mut folder = workspace.private_folder().unwrap();
        folder.write("a/b/c.yaml", b"x").unwrap();
        let path = folder.path().to_owned();
        for (name, mode) in [
            ("", 0o700),
            ("repository/a/b", 0o700),
            ("repository/a/b/c.yaml", 0o600),
        ] {
            let found = fs::metadata(path.join(name)).unwrap().mode() & 0o777;
            assert_eq!(found, mode, "{name}");
        }
        for odd in ["../a", "/etc/a", "a/../../b", "."] {
            assert!(folder.write(odd, b"x").is_err(), "{odd}");
        }
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_full_disk_is_a_limit() {
        let error = failed(rustix::io::Errno::NOSPC.into());
        assert_eq!(error.kind(), RenderingErrorKind::Limit);
        assert_eq!(error.hint(), Some(LATER));
    }

    #[test]
    fn there_is_a_limit_for_a_file_for_a_run_and_for_all() {
        let temporary = tempfile::tempdir().unwrap();
        let limits = Limits::new()
            .with_file(5000)
            .with_run(3 * BLOCK)
            .with_total(5 * BLOCK);
        let workspace = Workspace::open(temporary.path(), limits).unwrap();
        let mut first = workspace.private_folder().unwrap();
        let error = first.write("a", &[0; 5001]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`a` has 5001 bytes, more than a file may have"
        );
        first.write("a", &[0; 5000]).unwrap();
        first.write("b", b"").unwrap();
        let error = first.write("c", b"").unwrap_err();
        assert_eq!(
            error.to_string(),
            "this app takes more than 12288 bytes on disk"
        );
        let mut second = workspace.private_folder().unwrap();
        second.write("a", &[0; 5000]).unwrap();
        let error = second.write("b", b"").unwrap_err();
        assert_eq!(error.kind(), RenderingErrorKind::Limit);
        assert!(
            error.to_string().starts_with("what all apps need"),
            "{error}"
        );
        assert_eq!(error.hint(), Some("refresh the app when others are done"));
        drop(first);
        second.write("b", b"").unwrap();
    }
}
