//! The frames of HTTP/2, as far as header blocks need it.

use std::io;

use super::block;

/// What a client says first: 24 bytes that are no frame.
const PREFACE: usize = 24;
/// The bytes before what a frame holds: its length, its type, its flags, its stream.
const HEAD: usize = 9;

const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;

const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

/// How long a frame may be unless the server allows more.
const LONGEST: usize = 16 << 10;
/// How long a header block may be: far more than any client of this protocol sends.
const MOST: usize = 64 << 10;

/// Where in a connection's bytes one is.
#[derive(Debug)]
pub(super) struct Frames {
    state: State,
    /// The frames of a header block that is not at its end, or the head of a frame.
    held: Vec<u8>,
    block: Block,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// So many bytes pass.
    Passes(usize),
    /// The head of a frame comes.
    Head { at: usize },
    /// So many bytes of a frame with headers come, which begins there.
    Headers { at: usize, left: usize },
}

/// A header block, from the frames that hold it.
#[derive(Debug, Default)]
struct Block {
    /// Flags and stream of the first frame.
    flags: u8,
    stream: [u8; 4],
    priority: Vec<u8>,
    bytes: Vec<u8>,
}

impl Frames {
    pub(super) fn new() -> Self {
        Frames {
            state: State::Passes(PREFACE),
            held: Vec::new(),
            block: Block::default(),
        }
    }

    /// Takes bytes of a client, and adds to `out` what the server is to get.
    ///
    /// # Errors
    /// If a header block is too long to be one.
    pub(super) fn take(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        while !bytes.is_empty() {
            let (at, wanted) = match self.state {
                State::Passes(left) => {
                    let (now, rest) = bytes.split_at(left.min(bytes.len()));
                    out.extend_from_slice(now);
                    bytes = rest;
                    self.state = match left - now.len() {
                        0 => State::Head { at: 0 },
                        left => State::Passes(left),
                    };
                    continue;
                }
                State::Head { at } => (at, at + HEAD - self.held.len()),
                State::Headers { at, left } => (at, left),
            };
            let (now, rest) = bytes.split_at(wanted.min(bytes.len()));
            self.held.extend_from_slice(now);
            bytes = rest;
            let left = wanted - now.len();
            self.state = match self.state {
                State::Headers { .. } if left > 0 => State::Headers { at, left },
                State::Headers { .. } => self.frame(at, out)?,
                state if left > 0 => state,
                _ => self.head(at, out)?,
            };
        }
        Ok(())
    }

    /// What comes behind the head of a frame, which is held.
    fn head(&mut self, at: usize, out: &mut Vec<u8>) -> io::Result<State> {
        let head = self.held.get(at..).unwrap_or_default();
        let &[a, b, c, kind, flags, ref stream @ ..] = head else {
            return Ok(State::Passes(0));
        };
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        let goes_on = at > 0 && kind == CONTINUATION && *stream == self.block.stream;
        if at == 0 && kind == HEADERS {
            self.block = Block {
                flags,
                stream: stream.try_into().unwrap_or_default(),
                ..Block::default()
            };
        } else if !goes_on {
            // Of what breaks the rules the server makes its own.
            out.append(&mut self.held);
            return Ok(passes(length));
        }
        if self.held.len() + length > MOST {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a header block is too long",
            ));
        }
        match length {
            0 => self.frame(at, out),
            left => Ok(State::Headers { at, left }),
        }
    }

    /// Takes a frame with headers, which is held from there on.
    fn frame(&mut self, at: usize, out: &mut Vec<u8>) -> io::Result<State> {
        let flags = self.held.get(at + 4).copied().unwrap_or_default();
        let body = self.held.get(at + HEAD..).unwrap_or_default();
        let is_whole = if at == 0 {
            self.block.begin(body)
        } else {
            self.block.bytes.extend_from_slice(body);
            true
        };
        if !is_whole {
            out.append(&mut self.held);
            return Ok(State::Head { at: 0 });
        }
        if flags & END_HEADERS == 0 {
            return Ok(State::Head {
                at: self.held.len(),
            });
        }
        match block::with_host(&self.block.bytes) {
            Some(bytes) => {
                self.block.write(&bytes, out);
                self.held.clear();
            }
            None => out.append(&mut self.held),
        }
        Ok(State::Head { at: 0 })
    }
}

fn passes(length: usize) -> State {
    match length {
        0 => State::Head { at: 0 },
        length => State::Passes(length),
    }
}

impl Block {
    /// Takes what its first frame holds, and says whether that can be.
    fn begin(&mut self, mut body: &[u8]) -> bool {
        if self.flags & PADDED != 0 {
            let Some((&padding, rest)) = body.split_first() else {
                return false;
            };
            let Some(end) = rest.len().checked_sub(usize::from(padding)) else {
                return false;
            };
            body = &rest[..end];
        }
        if self.flags & PRIORITY != 0 {
            let Some((priority, rest)) = body.split_at_checked(5) else {
                return false;
            };
            self.priority = priority.to_vec();
            body = rest;
        }
        self.bytes = body.to_vec();
        true
    }

    /// Writes the frames of another block in its place, without padding.
    fn write(&self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut parts = Vec::new();
        let mut rest = [self.priority.as_slice(), bytes].concat();
        while rest.len() > LONGEST {
            let end = rest.split_off(LONGEST);
            parts.push(std::mem::replace(&mut rest, end));
        }
        parts.push(rest);
        let last = parts.len() - 1;
        for (number, part) in parts.iter().enumerate() {
            let (kind, mut flags) = match number {
                0 => (HEADERS, self.flags & !PADDED & !END_HEADERS),
                _ => (CONTINUATION, 0),
            };
            if number == last {
                flags |= END_HEADERS;
            }
            let length = u32::try_from(part.len()).unwrap_or_default();
            out.extend_from_slice(&length.to_be_bytes()[1..]);
            out.extend_from_slice(&[kind, flags]);
            out.extend_from_slice(&self.stream);
            out.extend_from_slice(part);
        }
    }
}

#[cfg(test)]
mod tests;
