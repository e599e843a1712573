//! The archives of repositories, each unpacked once for all the apps in it (rule R14).
//!
//! Memory is shared out before it is taken. What waits for it waits in line, holds nothing of it, and
//! gets it at the latest when everything before it is done; so nothing waits in a circle.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::future::{Either, select};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::digest::Digest;
use super::failure::Failure;
use crate::archive::ArchiveError;
use crate::tree::Tree;

/// Memory is counted in pieces of so many bytes.
const PIECE: u64 = 1 << 10;

/// How many archives are remembered that hold the same files.
const ALIKE: usize = 64;

/// An archive that is unpacked, with its share of the memory.
pub(crate) struct Unpacked {
    pub(crate) tree: Tree,
    /// The bytes of its share: with those of its files, many small ones would take more than may stay.
    bytes: u64,
    _memory: OwnedSemaphorePermit,
}

/// The archive of a repository.
pub(crate) enum Archive {
    /// One that has been unpacked before.
    Known(Arc<Unpacked>),
    /// Its bytes, with their digest and their share of the memory.
    Packed(Packed),
}

/// An archive as it came.
pub(crate) struct Packed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: Digest,
    pub(crate) memory: OwnedSemaphorePermit,
}

/// How an app came to its archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArchiveUse {
    /// It was unpacked for this app.
    Unpacked,
    /// It was unpacked for another one, or is unpacked for several at this moment.
    Shared,
}

/// The archives of a server.
pub(crate) struct Archives {
    packed: Arc<Semaphore>,
    most_packed: u64,
    unpacked: Arc<Semaphore>,
    most_unpacked: u64,
    most_kept: u64,
    known: Mutex<Known>,
    runs: AtomicU64,
}

type Flight = watch::Sender<Option<Result<Arc<Unpacked>, ArchiveError>>>;

#[derive(Default)]
struct Known {
    /// Archives that are being unpacked.
    flights: HashMap<Digest, Flight>,
    /// What archives held, by their digest; it may be gone.
    archives: HashMap<Digest, Weak<Unpacked>>,
    /// The same by the files alone. Git's own folder makes archives differ that mean the same.
    files: HashMap<Digest, Weak<Unpacked>>,
    /// What stays for the next app, the one that was needed last at the end.
    kept: Vec<Arc<Unpacked>>,
}

impl Archives {
    /// Archives of at most so many bytes, that unpack to at most so many, of which so many stay.
    pub(crate) fn new(most_packed: u64, most_unpacked: u64, most_kept: u64) -> Self {
        let pieces = |bytes: u64| Semaphore::new(pieces(bytes) as usize);
        Archives {
            // One of the largest at a time, or several smaller ones.
            packed: Arc::new(pieces(most_packed)),
            most_packed,
            // What stays never keeps one of the largest from being unpacked.
            unpacked: Arc::new(pieces(most_unpacked.saturating_add(most_kept))),
            most_unpacked,
            most_kept,
            known: Mutex::default(),
            runs: AtomicU64::new(0),
        }
    }

    /// How many bytes an archive may have.
    pub(crate) fn most_packed(&self) -> u64 {
        self.most_packed
    }

    /// How many archives were unpacked.
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Waits until there is memory for an archive of so many bytes.
    pub(crate) async fn memory_for_packed(&self, bytes: u64) -> OwnedSemaphorePermit {
        take(&self.packed, bytes.min(self.most_packed)).await
    }

    /// The files of an archive that stays here.
    pub(crate) fn kept(&self, archive: Digest) -> Option<Arc<Unpacked>> {
        let mut known = self.known();
        let unpacked = known.archives.get(&archive)?.upgrade()?;
        // One that is here only because another app needs it now would keep its memory from others
        // while this app waits for its turn.
        known.touch(&unpacked).then_some(unpacked)
    }

    /// The files of an archive. Of several apps that come with the same one at a time, one unpacks it.
    pub(crate) async fn unpack(
        self: &Arc<Self>,
        archive: Archive,
    ) -> Result<(Arc<Unpacked>, ArchiveUse), Failure> {
        let packed = match archive {
            Archive::Known(unpacked) => return Ok((unpacked, ArchiveUse::Shared)),
            Archive::Packed(packed) => packed,
        };
        let digest = packed.digest;
        let (mut flight, how) = {
            let mut known = self.known();
            let there = known.archives.get(&digest).and_then(Weak::upgrade);
            if let Some(unpacked) = there {
                known.touch(&unpacked);
                return Ok((unpacked, ArchiveUse::Shared));
            }
            match known.flights.get(&digest) {
                Some(flight) => (flight.subscribe(), ArchiveUse::Shared),
                None => {
                    let (sender, receiver) = watch::channel(None);
                    known.flights.insert(digest, sender.clone());
                    tokio::spawn(fly(Arc::clone(self), packed, sender));
                    (receiver, ArchiveUse::Unpacked)
                }
            }
        };
        let landed = flight.wait_for(Option::is_some).await;
        match landed.map(|landed| landed.clone()) {
            Ok(Some(unpacked)) => Ok((unpacked?, how)),
            _ => Err(Failure::fault()),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // A thread that panics leaves no half-done change behind.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what was unpacked. If it is there already, it is that.
    fn keep(&self, archive: Digest, files: Digest, unpacked: Unpacked) -> Arc<Unpacked> {
        let new = Arc::new(unpacked);
        // To free a whole repository takes its time, and others wait for the lock: what goes is gone when
        // this function ends.
        let (unpacked, _goes) = self.known().keep(archive, files, &new, self.most_kept);
        unpacked
    }
}

impl Known {
    /// Takes in what is new, or what is there already and is the same, with all that goes for it.
    fn keep(
        &mut self,
        archive: Digest,
        files: Digest,
        new: &Arc<Unpacked>,
        most: u64,
    ) -> (Arc<Unpacked>, Vec<Arc<Unpacked>>) {
        self.archives.retain(|_, there| there.strong_count() > 0);
        self.files.retain(|_, there| there.strong_count() > 0);
        let there = self.files.get(&files).and_then(Weak::upgrade);
        let unpacked = there.unwrap_or_else(|| Arc::clone(new));
        let weak = Arc::downgrade(&unpacked);
        self.forget_some(&weak);
        self.archives.insert(archive, weak.clone());
        self.files.insert(files, weak);
        let mut goes = Vec::new();
        if !self.touch(&unpacked) {
            goes = self.make_room(most, unpacked.bytes);
            if self.bytes() + unpacked.bytes <= most {
                self.kept.push(Arc::clone(&unpacked));
            }
        }
        (unpacked, goes)
    }

    /// Says that something that stays was needed, and whether it stays.
    fn touch(&mut self, unpacked: &Arc<Unpacked>) -> bool {
        let at = self
            .kept
            .iter()
            .position(|kept| Arc::ptr_eq(kept, unpacked));
        let Some(at) = at else { return false };
        self.kept[at..].rotate_left(1);
        true
    }

    fn bytes(&self) -> u64 {
        self.kept.iter().map(|kept| kept.bytes).sum()
    }

    /// Lets go of what was not needed for the longest time. What an app works on takes its memory
    /// all the same, so it stays.
    fn make_room(&mut self, most: u64, wanted: u64) -> Vec<Arc<Unpacked>> {
        let mut bytes = self.bytes().saturating_add(wanted);
        let kept = std::mem::take(&mut self.kept).into_iter();
        let (goes, stays) = kept.partition(|kept| {
            let goes = wanted <= most && bytes > most && Arc::strong_count(kept) == 1;
            if goes {
                bytes -= kept.bytes;
            }
            goes
        });
        self.kept = stays;
        goes
    }

    /// A repository with `.git` in it comes as another archive for each app.
    fn forget_some(&mut self, files: &Weak<Unpacked>) {
        let alike = |there: &Weak<Unpacked>| there.ptr_eq(files);
        if self.archives.values().filter(|there| alike(there)).count() >= ALIKE {
            self.archives.retain(|_, there| !alike(there));
        }
    }
}

/// Unpacks an archive for all who wait for it; it ends early only if none of them is left.
async fn fly(archives: Arc<Archives>, packed: Packed, flight: Flight) {
    let digest = packed.digest;
    let mut work = pin!(unpack(Arc::clone(&archives), packed));
    let landed = loop {
        match select(work, pin!(flight.closed())).await {
            Either::Left((landed, _)) => break landed,
            Either::Right(((), rest)) => work = rest,
        }
        let mut known = archives.known();
        if flight.receiver_count() == 0 {
            known.flights.remove(&digest);
            return;
        }
    };
    // Whoever comes from here on finds it among the archives, or begins anew.
    archives.known().flights.remove(&digest);
    if let Some(landed) = landed {
        flight.send_replace(Some(landed));
    }
}

/// Unpacks an archive where waiting harms nobody; `None` if that ran into a fault.
async fn unpack(
    archives: Arc<Archives>,
    packed: Packed,
) -> Option<Result<Arc<Unpacked>, ArchiveError>> {
    let Packed {
        bytes,
        digest,
        memory: share,
    } = packed;
    let bytes = Arc::new(bytes);
    let most = archives.most_unpacked;
    let mut wanted = says(&bytes).min(most);
    loop {
        let memory = take(&archives.unpacked, wanted).await;
        archives.runs.fetch_add(1, Ordering::Relaxed);
        let archive = Arc::clone(&bytes);
        let work = tokio::task::spawn_blocking(move || {
            // What nobody waits for any more has its memory until it ends.
            let tree = Tree::unpack(&archive, wanted)?;
            Ok((Digest::of_files(&tree), tree, memory))
        });
        match work.await.ok()? {
            // It lied about its size.
            Err(ArchiveError::TooLarge(_)) if wanted < most => wanted = most,
            Err(error) => return Some(Err(error)),
            Ok((files, tree, memory)) => {
                drop(share);
                let used = tree.bytes();
                let unpacked = Unpacked {
                    tree,
                    bytes: u64::from(pieces(used)) * PIECE,
                    _memory: kept(memory, used),
                };
                return Some(Ok(archives.keep(digest, files, unpacked)));
            }
        }
    }
}

/// How much an archive says that it unpacks to, with all of its padding: the last four bytes of a
/// gzip.
fn says(archive: &[u8]) -> u64 {
    match archive.last_chunk() {
        Some(size) => u64::from(u32::from_le_bytes(*size)),
        None => 0,
    }
}

fn pieces(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX)
}

async fn take(memory: &Arc<Semaphore>, bytes: u64) -> OwnedSemaphorePermit {
    loop {
        // A semaphore that nobody closes always gives in the end.
        if let Ok(permit) = Arc::clone(memory).acquire_many_owned(pieces(bytes)).await {
            return permit;
        }
    }
}

/// Gives back what is too much.
fn kept(mut memory: OwnedSemaphorePermit, bytes: u64) -> OwnedSemaphorePermit {
    let wanted = pieces(bytes) as usize;
    let over = memory.num_permits().saturating_sub(wanted);
    drop(memory.split(over));
    memory
}
