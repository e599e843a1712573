//! Where files are found: on the disk, or wherever a program has them.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use manifill_vault::files::Unread;
use zeroize::Zeroizing;

/// Where files are found. [`Disk`](crate::inputs::Disk) is the machine's; a program that has the
/// files of a repository in memory implements it for them, and the choice of inputs is the same.
pub trait FileSource {
    /// The names in a folder, in the order of their bytes.
    ///
    /// # Errors
    /// Why the folder cannot be seen.
    fn names(&self, folder: &Path) -> Result<Vec<OsString>, Missing>;

    /// What a path leads to, behind all links.
    ///
    /// # Errors
    /// Why it leads nowhere.
    fn kind(&self, path: &Path) -> Result<Kind, Missing>;

    /// What is at the path itself, which may be a link.
    ///
    /// # Errors
    /// Why nothing is there.
    fn own_kind(&self, path: &Path) -> Result<Kind, Missing>;

    /// The path behind all links, absolute.
    ///
    /// # Errors
    /// Why it leads nowhere.
    fn real_path(&self, path: &Path) -> Result<PathBuf, Missing>;

    /// The path from the root of all files, with links and `..` as they are written and without `.`.
    fn absolute(&self, path: &Path) -> PathBuf;

    /// What a regular file has for itself, whatever leads to it. `None` for what is no regular file:
    /// a pipe gives something else each time it is read.
    fn identity(&self, path: &Path) -> Option<Identity>;

    /// Reads a whole file of at most so many bytes, until the deadline.
    ///
    /// # Errors
    /// Why it is not read.
    fn read(&self, path: &Path, most: u64, deadline: Instant)
    -> Result<Zeroizing<Vec<u8>>, Unread>;

    /// The folder where programs and backends find it, or `None` if it is not on the disk.
    fn on_disk(&self, _folder: &Path) -> Option<PathBuf> {
        None
    }

    /// Whether the name `-` means standard input.
    fn has_stdin(&self) -> bool {
        false
    }
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, where links are not followed.
    Link,
    /// A pipe, or something else that may be read if it is named itself.
    Other,
    /// Something that nobody can read, and why, as what follows the name and a colon. It is a mistake
    /// only where it would be an input.
    Unusable(String),
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// Nothing is there.
    NotFound,
    /// It leads out of all that the source has.
    LeadsOut,
    /// Something else, as what follows the name and a colon.
    Other(String),
}

impl From<io::Error> for Missing {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // What is below a file is nowhere.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Missing::NotFound,
            kind => Missing::Other(kind.to_string()),
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Missing::NotFound => Unread::NotFound.reason(),
            Missing::LeadsOut => "it leads out of the repository",
            Missing::Other(reason) => reason,
        })
    }
}

impl std::error::Error for Missing {}

/// What a regular file has for itself, whatever it is called and whichever links lead to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity(Is);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Is {
    #[cfg(unix)]
    Numbers(u64, u64),
    RealPath(PathBuf),
}

impl Identity {
    /// A file that has one path behind all links, where no two paths lead to one file otherwise.
    pub fn of_real_path(path: impl Into<PathBuf>) -> Self {
        Identity(Is::RealPath(path.into()))
    }

    /// A file by the numbers of its device and its node.
    #[cfg(unix)]
    pub(crate) fn of_node(device: u64, node: u64) -> Self {
        Identity(Is::Numbers(device, node))
    }
}
