//! The reads that a plan has settled on.

use std::ops::Range;
use std::sync::Arc;

use manifill_vault::SecretRequest;

/// A key of a read: numbers, since a run can have very many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyRef {
    pub(super) read: u32,
    pub(super) key: u32,
}

impl KeyRef {
    /// The number of the read.
    pub(crate) fn read(self) -> usize {
        self.read as usize
    }

    /// The key.
    pub(crate) fn key(self, reads: &PlannedReads) -> &str {
        &reads.keys[self.key as usize]
    }
}

/// All reads of a plan, those of one backend side by side.
#[derive(Debug)]
pub(crate) struct PlannedReads {
    pub(super) requests: Vec<SecretRequest>,
    pub(super) groups: Vec<Group>,
    /// The keys by their number in [`KeyRef`], for all reads.
    pub(super) keys: Vec<Arc<str>>,
}

/// The reads of one backend.
#[derive(Debug)]
pub(crate) struct Group {
    /// The index of the backend.
    pub(super) backend: usize,
    pub(super) name: String,
    /// Where its requests are.
    pub(super) requests: Range<usize>,
}

/// One read, of one backend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlannedRead<'p> {
    pub(crate) backend_name: &'p str,
    pub(crate) request: &'p SecretRequest,
}

impl PlannedReads {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.requests.len()
    }

    /// The read with this number.
    pub(crate) fn get(&self, read: usize) -> PlannedRead<'_> {
        let group = self
            .groups
            .partition_point(|group| group.requests.end <= read);
        PlannedRead {
            backend_name: &self.groups[group].name,
            request: &self.requests[read],
        }
    }

    /// The reads in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = PlannedRead<'_>> {
        (0..self.requests.len()).map(|read| self.get(read))
    }

    /// The index of each backend with what is asked of it, in the order of the reads.
    pub(crate) fn by_backend(&self) -> impl Iterator<Item = (usize, &[SecretRequest])> {
        self.groups
            .iter()
            .map(|group| (group.backend, &self.requests[group.requests.clone()]))
    }
}
