//! What is known of the reads while documents are still being planned.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use manifill_vault::{KeyNames, Keys, SecretPath, SecretRequest};

use super::planned::PlannedDocument;
use super::planned_placeholder::PlannedPlaceholder;
use super::planned_reads::{Group, KeyRef, PlannedReads};
use super::read_key::{KeyBytes, ReadKey};
use crate::backends::Backends;

/// The reads of a plan under way.
#[derive(Default)]
pub(super) struct ReadTable {
    reads: Vec<Read>,
    /// What each spelling stands for, so that it is parsed and judged once. Those that are wrong
    /// are not kept: there can be very many.
    known: HashMap<Box<[u8]>, Known>,
    keys: Vec<Arc<str>>,
    key_numbers: HashMap<Arc<str>, u32>,
}

struct Read {
    backend: u32,
    /// Which read it is in [`KeyRef`] while the reads are not sorted yet.
    number: ReadNumber,
    request: SecretRequest,
}

/// What a spelling stands for. That is nearly always the same read both ways; a backend may yet
/// understand a path that is plain already as another one.
#[derive(Clone, Copy, Default)]
struct Known {
    /// The read, if a manifest may have it.
    written: Option<ReadNumber>,
    /// The read whose path, in the backend's plain spelling, it has.
    plain: Option<ReadNumber>,
}

/// The number of a read from 1, which leaves room for none in four bytes.
type ReadNumber = NonZeroU32;

impl ReadTable {
    /// How many reads there are.
    pub(super) fn len(&self) -> usize {
        self.reads.len()
    }

    /// The key of the read that a spelling is known to stand for in a manifest.
    pub(super) fn wanted(&mut self, spelling: &KeyBytes, key: &str) -> Option<KeyRef> {
        let read = self.known.get(spelling.as_slice())?.written?;
        Some(self.key(read, key))
    }

    /// Adds a path that the backend understands as `plain`. With its spelling, it is known to be one
    /// that a manifest may have; without, that is asked each time.
    pub(super) fn add(
        &mut self,
        asked: &ReadKey<'_>,
        spelling: Option<&KeyBytes>,
        plain: SecretPath,
        key: &str,
    ) -> KeyRef {
        let read = self.read(asked, plain);
        if let Some(spelling) = spelling {
            self.known(spelling).written = Some(read);
        }
        self.key(read, key)
    }

    fn known(&mut self, spelling: &KeyBytes) -> &mut Known {
        self.known.entry(spelling.as_slice().into()).or_default()
    }

    fn read(&mut self, asked: &ReadKey<'_>, plain: SecretPath) -> ReadNumber {
        let next = ReadNumber::MIN.saturating_add(self.reads.len() as u32);
        let known = self.known(&asked.spelling_at(plain.as_str()));
        let number = *known.plain.get_or_insert(next);
        if number == next {
            self.reads.push(Read {
                backend: asked.backend as u32,
                number,
                request: asked.request(plain),
            });
        }
        number
    }

    fn key(&mut self, read: ReadNumber, key: &str) -> KeyRef {
        let number = self.key_numbers.get(key).copied();
        let key = number.unwrap_or_else(|| {
            let next = self.keys.len() as u32;
            let key: Arc<str> = key.into();
            self.keys.push(Arc::clone(&key));
            self.key_numbers.insert(key, next);
            next
        });
        KeyRef {
            read: index(read) as u32,
            key,
        }
    }

    /// The reads in the order of backend and path; the documents' numbers are brought in line.
    pub(super) fn into_sorted(
        self,
        backends: &Backends,
        documents: &mut [PlannedDocument],
    ) -> PlannedReads {
        let ReadTable {
            mut reads,
            known,
            keys,
            key_numbers,
        } = self;
        drop((known, key_numbers));
        reads.sort_unstable_by(|a, b| {
            let (one, other) = (&a.request, &b.request);
            (a.backend, &one.path, &one.version, &one.options).cmp(&(
                b.backend,
                &other.path,
                &other.version,
                &other.options,
            ))
        });
        let mut locator = vec![0; reads.len()];
        for (place, read) in reads.iter().enumerate() {
            locator[index(read.number)] = place as u32;
        }
        let mut wants = Wants::default();
        each_wanted(documents, |wanted| {
            wanted.read = locator[wanted.read()];
            wants.add((wanted.read, wanted.key));
        });
        let groups = groups(&reads, backends);
        let mut requests: Vec<SecretRequest> = reads.into_iter().map(|read| read.request).collect();
        requests.shrink_to_fit();
        let mut last: (&[(u32, u32)], KeyNames) = Default::default();
        for wants in wants.sorted().chunk_by(|(one, _), (other, _)| one == other) {
            let numbers = wants.iter().map(|&(_, key)| key);
            // Neighbours mostly want the same, and then share it.
            if !numbers.clone().eq(last.0.iter().map(|&(_, key)| key)) {
                let names = numbers.map(|key| Arc::clone(&keys[key as usize]));
                last = (wants, names.collect());
            }
            requests[wants[0].0 as usize].keys = Keys::Names(last.1.clone());
        }
        PlannedReads {
            requests,
            groups,
            keys,
        }
    }
}

fn index(number: ReadNumber) -> usize {
    number.get() as usize - 1
}

/// Where the reads of each backend are.
fn groups(sorted: &[Read], backends: &Backends) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for reads in sorted.chunk_by(|one, other| one.backend == other.backend) {
        let start = groups.last().map_or(0, |group| group.requests.end);
        let backend = reads[0].backend as usize;
        groups.push(Group {
            backend,
            name: backends.name(backend).to_owned(),
            requests: start..start + reads.len(),
        });
    }
    groups
}

/// Which keys the reads want: numbers of reads and of keys. A run can want the same very often.
#[derive(Default)]
struct Wants(Vec<(u32, u32)>);

impl Wants {
    fn add(&mut self, want: (u32, u32)) {
        if self.0.len() == self.0.capacity() {
            self.settle();
            self.0.reserve(self.0.len().max(1024));
        }
        self.0.push(want);
    }

    fn settle(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
    }

    /// The pairs, sorted and each of them once.
    fn sorted(&mut self) -> &[(u32, u32)] {
        self.settle();
        &self.0
    }
}

/// Everything that the documents want, in their order.
fn each_wanted(documents: &mut [PlannedDocument], each: impl FnMut(&mut KeyRef)) {
    documents
        .iter_mut()
        .flat_map(|document| &mut document.fields)
        .flat_map(|field| &mut field.placeholders)
        .flat_map(PlannedPlaceholder::wanted_mut)
        .for_each(each);
}
