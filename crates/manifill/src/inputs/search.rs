//! Files as far as it is looked for something to fill in them.

use std::path::Path;
use std::time::Instant;

use zeroize::Zeroizing;

use super::walk::MOST;
use crate::file_source::{FileSource, Kind};
use crate::plan::{may_need_filling, shows_placeholder};

/// A search, which ends with its time.
pub(super) struct Search<'s> {
    pub(super) source: &'s dyn FileSource,
    deadline: Instant,
}

impl<'s> Search<'s> {
    pub(super) fn new(source: &'s dyn FileSource) -> Self {
        Search {
            source,
            deadline: Instant::now() + manifill_vault::RunContext::DEFAULT_TIMEOUT,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// Whether it is a regular file, and lies behind all links in a folder or below.
    pub(super) fn is_within(&self, path: &Path, folder: &Path) -> bool {
        self.is_file_where(path, &|real| real.starts_with(folder))
    }

    /// Whether it is a regular file, and where it lies behind all links is allowed.
    pub(super) fn is_file_where(&self, path: &Path, is_allowed: &dyn Fn(&Path) -> bool) -> bool {
        let real = || self.source.real_path(path);
        self.source.kind(path) == Ok(Kind::File) && real().is_ok_and(|to| is_allowed(&to))
    }

    /// What is in a file; `None` if that cannot be read.
    pub(super) fn bytes(&self, path: &Path) -> Option<Zeroizing<Vec<u8>>> {
        self.source.read(path, MOST, self.deadline).ok()
    }

    /// Whether a file shows something to fill.
    pub(super) fn shows(&self, path: &Path) -> bool {
        self.bytes(path).is_some_and(|bytes| shows(&bytes))
    }
}

/// Whether a text shows something to fill.
pub(super) fn shows(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    manifill_manifest::contents(&text)
        .map(|document| &text[document])
        .any(|document| may_need_filling(document) && shows_placeholder(document))
}
