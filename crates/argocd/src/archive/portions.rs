//! A stream that is read in portions, so that a reader that takes in as much as the stream itself says
//! ends where it would take too much.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// How much may be read until more is allowed, in bytes.
#[derive(Clone)]
pub(super) struct Room(Rc<Cell<u64>>);

impl Room {
    pub(super) fn new(bytes: u64) -> Self {
        Room(Rc::new(Cell::new(bytes)))
    }

    /// Allows so many bytes from here on.
    pub(super) fn set(&self, bytes: u64) {
        self.0.set(bytes);
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.0.get() == 0
    }
}

/// A stream that ends in an error where its room does.
pub(super) struct Portions<R> {
    stream: R,
    room: Room,
}

impl<R> Portions<R> {
    pub(super) fn new(stream: R, room: &Room) -> Self {
        Portions {
            stream,
            room: room.clone(),
        }
    }

    pub(super) fn into_inner(self) -> R {
        self.stream
    }
}

impl<R: Read> Read for Portions<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = self.room.0.get();
        let most = into.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        if most == 0 && !into.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.stream.read(&mut into[..most])?;
        self.room.set(room - read as u64);
        Ok(read)
    }
}
