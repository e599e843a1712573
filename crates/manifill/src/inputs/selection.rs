//! Which files are inputs.

use std::path::PathBuf;
use std::time::Instant;

use super::Confines;
use crate::door::Door;

/// Which files are inputs, and within which bounds they are read.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[must_use]
pub struct Selection {
    /// Files and folders, or `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// If there are any, only files that match one of these globs, seen from the folder given.
    pub include: Vec<String>,
    /// No files and folders that match one of these globs.
    pub exclude: Vec<String>,
    /// When all must have been read; 45 s after the start if nothing is said.
    pub deadline: Option<Instant>,
    /// How many bytes all files may have together, if that is bounded.
    pub most: Option<u64>,
    /// How far paths may lead.
    pub confines: Confines,
    /// What hints may name.
    pub door: Door,
}

impl Selection {
    /// Files and folders, or `-` for standard input.
    pub fn new<P: Into<PathBuf>>(paths: impl IntoIterator<Item = P>) -> Self {
        Selection {
            paths: paths.into_iter().map(Into::into).collect(),
            ..Selection::default()
        }
    }

    /// Takes only files that match one of these globs, seen from the folder given.
    pub fn with_include(mut self, globs: impl IntoIterator<Item = String>) -> Self {
        self.include.extend(globs);
        self
    }

    /// Leaves out files and folders that match one of these globs.
    pub fn with_exclude(mut self, globs: impl IntoIterator<Item = String>) -> Self {
        self.exclude.extend(globs);
        self
    }

    /// Sets when all must have been read. A pipe can keep its reader waiting.
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets how many bytes all files may [weigh](super::weight) together: each link to a file counts as
    /// the whole file, and each file as some bytes more than its text.
    pub fn with_most(mut self, bytes: u64) -> Self {
        self.most = Some(bytes);
        self
    }

    /// Sets how far paths may lead, as [`Config`](crate::Config) says.
    pub fn with_confines(mut self, confines: Confines) -> Self {
        self.confines = confines;
        self
    }

    /// Sets what hints may name.
    pub fn with_door(mut self, door: Door) -> Self {
        self.door = door;
        self
    }
}
