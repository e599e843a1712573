//! The files of an app, where a program has them in memory.

use std::fmt;

/// The files of an app that a program has in memory, for paths that its author writes.
pub trait AppFiles: fmt::Debug + Send + Sync {
    /// The file at a path that starts from the app's folder: its name behind all links, which no
    /// other file has, and what it holds.
    ///
    /// # Errors
    /// Why it is not there.
    fn find(&self, path: &str) -> Result<(String, &[u8]), NoAppFile>;
}

/// Why a path leads to no file of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAppFile {
    /// There is none.
    Absent,
    /// It leads out of the app's folder, to a file or nowhere.
    Outside,
    /// There is something else, such as a folder.
    NotAFile,
}
