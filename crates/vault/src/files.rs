//! Files that a run reads: whole, up to a limit, in time (rule R11).
//!
//! ```
//! use std::time::{Duration, Instant};
//! use manifill_vault::files::{self, Unread};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("a.txt");
//! std::fs::write(&path, "text").unwrap();
//! let soon = Instant::now() + Duration::from_secs(9);
//! assert_eq!(*files::read(&path, 4, soon).unwrap(), *b"text");
//! assert_eq!(files::read(&path, 3, soon).unwrap_err(), Unread::TooLarge);
//! ```

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use zeroize::Zeroizing;

/// Why a file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unread {
    /// There is none.
    NotFound,
    /// It may not be read.
    Denied,
    /// It is a folder.
    Folder,
    /// It is a device or a socket.
    Device,
    /// It holds more than it may.
    TooLarge,
    /// It was not at its end when the time was over.
    TooLate,
    /// It is not UTF-8 text.
    NotText,
    /// The system cannot read it.
    Failed,
}

impl Unread {
    /// What is told, with `{}` for the name of the file.
    pub fn message(self) -> &'static str {
        match self {
            Unread::NotFound => "there is no file {}",
            Unread::Denied => "the file {} may not be read",
            Unread::Folder => "{} is a folder, not a file",
            Unread::Device => "{} is a device or a socket, not a file",
            Unread::TooLarge => "the file {} is too large",
            Unread::TooLate => {
                "the file {} had not been read to its end when the time of the run ran out"
            }
            Unread::NotText => "the file {} is not UTF-8 text",
            Unread::Failed => "the file {} cannot be read",
        }
    }

    /// Why, behind what names the file.
    pub fn reason(self) -> &'static str {
        match self {
            Unread::NotFound => "there is no such file",
            Unread::Denied => "permission denied",
            Unread::Folder => "it is a folder",
            Unread::Device => "it is a device or a socket",
            Unread::TooLarge => "it is too large",
            Unread::TooLate => "its end had not been reached when the time of the run ran out",
            Unread::NotText => "it is not UTF-8 text",
            Unread::Failed => "it cannot be read",
        }
    }
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Unread::NotFound,
            ErrorKind::PermissionDenied => Unread::Denied,
            ErrorKind::IsADirectory => Unread::Folder,
            _ => Unread::Failed,
        }
    }
}

/// What a path leads to.
enum What {
    /// A file whose size is known.
    File,
    /// A pipe, or a file of the system, which may keep its reader waiting.
    Stream,
}

impl What {
    fn of(metadata: &Metadata) -> Result<Self, Unread> {
        if metadata.is_dir() {
            return Err(Unread::Folder);
        }
        if metadata.is_file() {
            // Files of the system have no size and may wait, as /proc/kmsg does.
            return Ok(if metadata.len() > 0 {
                What::File
            } else {
                What::Stream
            });
        }
        #[cfg(unix)]
        if std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type()) {
            return Ok(What::Stream);
        }
        Err(Unread::Device)
    }
}

/// Reads a whole file or pipe of at most so many bytes, until the deadline.
///
/// Links are followed. Devices and sockets are refused: they have no end.
///
/// # Errors
/// Why it is not read.
pub fn read(path: &Path, most: u64, deadline: Instant) -> Result<Zeroizing<Vec<u8>>, Unread> {
    match What::of(&path.metadata()?)? {
        What::File => {
            let file = File::open(path)?;
            // It may be another file by now.
            match What::of(&file.metadata()?)? {
                What::File => whole(&file, file.metadata()?.len(), most),
                What::Stream => until(deadline, move || whole(file, 0, most)),
            }
        }
        What::Stream => {
            let path = path.to_owned();
            until(deadline, move || {
                // A pipe opens only when somebody opens its other end.
                let file = File::open(path)?;
                What::of(&file.metadata()?)?;
                whole(file, 0, most)
            })
        }
    }
}

/// The same for standard input, whatever it is.
///
/// # Errors
/// Why it is not read.
pub fn read_stdin(most: u64, deadline: Instant) -> Result<Zeroizing<Vec<u8>>, Unread> {
    until(deadline, move || whole(io::stdin().lock(), 0, most))
}

/// Reads on a thread of its own, which is left behind if the time is over: of the ways to stop
/// waiting for a pipe, this one needs no call of the system that only some systems have. It ends
/// with its pipe, or with the program.
fn until(
    deadline: Instant,
    read: impl FnOnce() -> Result<Zeroizing<Vec<u8>>, Unread> + Send + 'static,
) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let (send, receive) = mpsc::sync_channel(1);
    thread::Builder::new()
        .spawn(move || {
            // Nobody may be waiting any more.
            let _ = send.send(read());
        })
        .map_err(|_| Unread::Failed)?;
    let time = deadline.saturating_duration_since(Instant::now());
    receive.recv_timeout(time).unwrap_or(Err(Unread::TooLate))
}

fn whole(source: impl Read, size: u64, most: u64) -> Result<Zeroizing<Vec<u8>>, Unread> {
    if size > most {
        return Err(Unread::TooLarge);
    }
    let mut source = source.take(most.saturating_add(1));
    // With room for all of it, and for a byte that tells that there is no more, it is read in one
    // piece and no copies are left behind.
    let room = usize::try_from(size).map_or(0, |size| size + 1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    source.by_ref().take(size).read_to_end(&mut bytes)?;
    let mut chunk = Zeroizing::new([0; 16 * 1024]);
    loop {
        match source.read(&mut *chunk) {
            Ok(0) => break,
            Ok(length) => push(&mut bytes, &chunk[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    if bytes.len() as u64 > most {
        return Err(Unread::TooLarge);
    }
    Ok(bytes)
}

/// Appends without leaving a copy behind as the buffer grows.
pub(crate) fn push(kept: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let wanted = kept.len() + chunk.len();
    if wanted > kept.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(wanted.max(kept.capacity() * 2)));
        larger.extend_from_slice(kept);
        *kept = larger;
    }
    kept.extend_from_slice(chunk);
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(600)
    }

    fn fifo(folder: &tempfile::TempDir) -> std::path::PathBuf {
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        path
    }

    #[test]
    fn devices_and_links_to_them_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("z.yaml");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [Path::new("/dev/zero"), Path::new("/dev/random"), &link] {
            assert_eq!(read(path, 10, later()).unwrap_err(), Unread::Device);
        }
        let folder = read(folder.path(), 10, later());
        assert_eq!(folder.unwrap_err(), Unread::Folder);
    }

    #[test]
    fn a_pipe_that_nobody_writes_to_ends_with_the_time() {
        let folder = tempfile::tempdir().unwrap();
        let over = read(&fifo(&folder), 10, Instant::now());
        assert_eq!(over.unwrap_err(), Unread::TooLate);
    }

    #[test]
    fn a_pipe_is_read_to_its_end_and_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = fifo(&folder);
        for (most, expected) in [(5, Ok(5)), (4, Err(Unread::TooLarge))] {
            let writer = thread::spawn({
                let path = path.clone();
                move || std::fs::write(path, "hello")
            });
            let bytes = read(&path, most, later()).map(|bytes| bytes.len());
            assert_eq!(bytes, expected);
            // What nobody reads any more cannot be written.
            let _ = writer.join().unwrap();
        }
    }

    #[test]
    fn a_file_is_read_up_to_the_limit_and_an_empty_one_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "").unwrap();
        assert!(read(&path, 0, later()).unwrap().is_empty());
        std::fs::write(&path, "x".repeat(10_000)).unwrap();
        assert_eq!(read(&path, 10_000, later()).unwrap().len(), 10_000);
        assert_eq!(read(&path, 9_999, later()).unwrap_err(), Unread::TooLarge);
        let none = read(&folder.path().join("none"), 1, later());
        assert_eq!(none.unwrap_err(), Unread::NotFound);
    }
}
