//! The folder that all runs of a server work in.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

use super::Limits;
use super::error::{RenderingError, RenderingErrorKind};
use super::private_folder::PrivateFolder;

/// The file in the folder of a server that it holds a lock on while it lives.
const LOCK: &str = "lock";

/// Where programs work: a folder that is closed to others, with a folder for each run in it.
///
/// What servers left behind that were killed is deleted when a new one starts; what is of one that
/// still runs, in a container beside this one, stays.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of this server, deleted when it ends.
    own: TempDir,
    _lock: File,
    limits: Limits,
    /// What all runs have on disk.
    used: Arc<AtomicU64>,
}

impl Workspace {
    /// Makes the folder of this server below a folder for temporary files, and deletes what others
    /// left behind. A run, and all of them together, get no more than what is free there: a pod's
    /// volume is often smaller than the limits.
    ///
    /// ```
    /// use manifill_argocd::rendering::{Limits, Workspace};
    ///
    /// let workspace = Workspace::open(&std::env::temp_dir(), Limits::new()).unwrap();
    /// assert!(workspace.path().is_dir());
    /// ```
    ///
    /// # Errors
    /// [`RenderingErrorKind::Host`] if the folder cannot be made or belongs to somebody else.
    pub fn open(temporary: &Path, limits: Limits) -> Result<Workspace, RenderingError> {
        let user = rustix::process::geteuid().as_raw();
        let base = temporary.join(format!("manifill-rendering-{user}"));
        let failed = |error: io::Error| {
            let message = format!("cannot work in {}: {}", base.display(), error.kind());
            RenderingError::new(RenderingErrorKind::Host, message)
                .with_hint("TMPDIR says where temporary files go")
        };
        match DirBuilder::new().mode(0o700).create(&base) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(error));
            }
            _ => {}
        }
        // Anybody may have made it where everybody may: then it could be a trap.
        let found = fs::symlink_metadata(&base).map_err(failed)?;
        if !found.is_dir() || found.uid() != user || found.mode() & 0o077 != 0 {
            let message = format!(
                "{} is not a folder that only this user may enter",
                base.display()
            );
            return Err(RenderingError::new(RenderingErrorKind::Host, message));
        }
        // Held for a moment: another server may have made its folder and not locked it yet.
        let starting = lock_file(&base).map_err(failed)?;
        flock(&starting, FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
        delete_left_overs(&base).map_err(failed)?;
        let own = private("server-", &base).map_err(failed)?;
        let lock = lock_file(own.path()).map_err(failed)?;
        flock(&lock, FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
        Ok(Workspace {
            limits: free(own.path()).map_or(limits, |free| limits.on_disk(free)),
            own,
            _lock: lock,
            used: Arc::default(),
        })
    }

    /// How many bytes of memory all runs can take on disk: none if the disk of a folder for temporary
    /// files is not memory.
    #[cfg(feature = "serve")]
    pub(crate) fn memory_for(temporary: &Path, limits: Limits) -> u64 {
        if !is_in_memory(temporary) {
            return 0;
        }
        free(temporary).map_or(limits.total, |free| limits.total.min(free))
    }

    /// The folder of this server.
    pub fn path(&self) -> &Path {
        self.own.path()
    }

    /// The limits of each run.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// A fresh folder for one run, deleted with everything in it when the run is over.
    pub(crate) fn private_folder(&self) -> Result<PrivateFolder, RenderingError> {
        let folder = private("run-", self.path()).map_err(|error| {
            let message = format!("cannot make a folder for a run: {}", error.kind());
            RenderingError::new(RenderingErrorKind::Host, message)
        })?;
        PrivateFolder::new(folder, self.limits, self.used.clone())
    }
}

/// Whether what lies in a folder takes memory.
#[cfg(feature = "serve")]
fn is_in_memory(folder: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        /// `TMPFS_MAGIC` of Linux.
        const TMPFS: u64 = 0x0102_1994;
        let kind = rustix::fs::statfs(folder).map(|disk| u64::try_from(disk.f_type));
        matches!(kind, Ok(Ok(TMPFS)))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folder;
        false
    }
}

/// How many bytes are free where a folder is; `None` where a disk does not say how large it is.
fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    (disk.f_blocks > 0).then(|| disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn private(prefix: &str, folder: &Path) -> io::Result<TempDir> {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).permissions(mode).tempdir_in(folder)
}

fn lock_file(folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.open(folder.join(LOCK))
}

/// Deletes the folders of servers that no longer run.
fn delete_left_overs(base: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)? {
        let folder: PathBuf = entry?.path();
        if !folder.is_dir() {
            continue;
        }
        let lock = lock_file(&folder)?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
            fs::remove_dir_all(&folder)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_left_behind_is_deleted_and_what_runs_is_left_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let open = || Workspace::open(temporary.path(), Limits::new()).unwrap();
        let running = open();
        let run = running.private_folder().unwrap();
        let killed = running.path().parent().unwrap().join("server-killed");
        fs::create_dir_all(killed.join("run-1/repository")).unwrap();
        fs::write(killed.join(LOCK), "").unwrap();
        fs::write(killed.join("run-1/repository/a.yaml"), "a").unwrap();

        let next = open();
        assert!(!killed.exists());
        assert!(run.path().exists() && running.path().exists());
        let path = next.path().to_owned();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        drop(next);
        assert!(!path.exists());
    }

    #[test]
    fn no_limit_is_more_than_the_disk_has() {
        let temporary = tempfile::tempdir().unwrap();
        let open = |limits| Workspace::open(temporary.path(), limits).unwrap().limits();
        let disk = rustix::fs::statvfs(temporary.path()).unwrap();
        let size = disk.f_blocks * disk.f_frsize;
        let limits = open(Limits::new().with_run(u64::MAX).with_total(u64::MAX));
        assert!(limits.total > 0 && limits.total <= size, "{limits:?}");
        assert_eq!(limits.run, limits.total);
        let small = Limits::new().with_run(1 << 10).with_total(1 << 12);
        assert_eq!(open(small), small);
        let volume = Limits::new().on_disk(100 << 20);
        assert_eq!((volume.run, volume.total), (100 << 20, 100 << 20));
    }

    #[test]
    fn a_folder_that_others_may_enter_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let open = || Workspace::open(temporary.path(), Limits::new());
        let base = open().unwrap().path().parent().unwrap().to_owned();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o750);
        fs::set_permissions(&base, mode).unwrap();
        assert_eq!(open().unwrap_err().kind(), RenderingErrorKind::Host);
        fs::remove_dir_all(&base).unwrap();
        let elsewhere = temporary.path().join("elsewhere");
        DirBuilder::new().mode(0o700).create(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &base).unwrap();
        assert_eq!(open().unwrap_err().kind(), RenderingErrorKind::Host);
    }
}
