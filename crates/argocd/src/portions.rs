//! An archive that is read in portions. What is too long for the plain header of an entry, such as its
//! name, comes in further ones, and the reader of tar takes each into memory as large as it says it is.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// What the headers of one entry may take, in bytes.
pub(crate) const HEADERS: u64 = 1 << 20;

/// How much of an archive may still be read.
#[derive(Clone)]
pub(crate) struct Room(Rc<Left>);

/// Bytes that are left.
struct Left {
    /// Of the archive.
    archive: Cell<u64>,
    /// Until the next entry.
    entry: Cell<u64>,
}

/// What there was no room for.
pub(crate) enum Over {
    /// The archive as a whole.
    Archive,
    /// The headers of an entry.
    Headers,
}

impl Room {
    /// Room for an archive of so many bytes, and for the headers of its first entry.
    pub(crate) fn new(archive: u64) -> Self {
        Room(Rc::new(Left {
            archive: Cell::new(archive),
            entry: Cell::new(HEADERS),
        }))
    }

    /// Makes room for the data of an entry, whoever reads it, and for the headers of the next one.
    pub(crate) fn follow(&self, entry: &tar::Entry<'_, impl Read>) {
        // How much of a sparse file is in the archive nobody here knows, and nobody here wants one.
        let is_sparse = entry.header().entry_type().is_gnu_sparse();
        let data = if is_sparse { 0 } else { entry.size() };
        self.0.entry.set(data.saturating_add(HEADERS));
    }

    /// Whether there was too little, so that what looks damaged is cut off.
    pub(crate) fn over(&self) -> Option<Over> {
        match (self.0.archive.get(), self.0.entry.get()) {
            (0, _) => Some(Over::Archive),
            (_, 0) => Some(Over::Headers),
            _ => None,
        }
    }
}

/// The bytes of an archive, which end in an error where its room does.
pub(crate) struct Portions<R> {
    bytes: R,
    room: Room,
}

impl<R> Portions<R> {
    pub(crate) fn new(bytes: R, room: &Room) -> Self {
        let room = room.clone();
        Portions { bytes, room }
    }
}

impl<R: Read> Read for Portions<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Left { archive, entry } = &*self.room.0;
        let room = archive.get().min(entry.get());
        let most = into.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        if most == 0 && !into.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.bytes.read(&mut into[..most])?;
        for left in [archive, entry] {
            left.set(left.get() - read as u64);
        }
        Ok(read)
    }
}
