//! One number for all events of a document.
//!
//! A document's fingerprint is the sum over its events of a hash of position and content. Being
//! a sum, it can be corrected for an edited scalar without reading the document again: that is
//! how the result of an edit is checked with one parse only.

use crate::error::ManifestError;
use crate::parse::{Event, Events, Kind, Style, Tag};
use std::hash::{Hash, Hasher};

/// The sum over all events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fingerprint(u64);

/// The sum over the events seen so far.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    sum: u64,
    count: u32,
}

impl Sum {
    /// Adds the next event.
    pub(crate) fn push(&mut self, hash: u64) {
        self.sum = self.sum.wrapping_add(mix(self.count, hash));
        self.count = self.count.wrapping_add(1);
    }

    /// The number for the events so far, if these are all.
    pub(crate) fn finish(&self) -> Fingerprint {
        Fingerprint(self.sum.wrapping_add(mix(self.count, END)))
    }
}

impl Fingerprint {
    /// Replaces the hash of the event at a position.
    pub(crate) fn replace(&mut self, position: u32, old: u64, new: u64) {
        self.0 = self
            .0
            .wrapping_sub(mix(position, old))
            .wrapping_add(mix(position, new));
    }

    /// Reads a document only for its fingerprint.
    pub(crate) fn of(text: &str) -> Result<Self, ManifestError> {
        let mut events = Events::new(text);
        let mut all = Sum::default();
        while let Some(event) = events.next()? {
            all.push(hash_event(&event, text));
        }
        Ok(all.finish())
    }
}

/// What the end of a document counts as.
const END: u64 = 9;

/// The hash of an event.
///
/// Of the style only "plain or not" counts, since that alone changes the meaning; aliases and
/// anchors count by name, so that taking away an unused anchor changes nothing else.
pub(crate) fn hash_event(event: &Event<'_>, text: &str) -> u64 {
    let anchor = event.anchor.as_ref().map(|(_, name)| name.as_ref());
    let props = hash_props(anchor, event.tag, event.tag_number);
    match &event.kind {
        Kind::Scalar(value, style) => hash_scalar(value, *style == Style::Plain, props),
        Kind::Alias(_) => {
            let name = text.get(event.span.clone()).unwrap_or_default();
            hash_text(3, name)
        }
        Kind::List => hash_text(props ^ 4, ""),
        Kind::Map => hash_text(props ^ 5, ""),
        Kind::ListEnd => 6,
        Kind::MapEnd => 7,
    }
}

/// The hash of a node's anchor and tag.
pub(crate) fn hash_props(anchor: Option<&str>, tag: Tag, number: u32) -> u64 {
    let anchor = anchor.map_or(0, |name| hash_text(8, name));
    if tag == Tag::None {
        return anchor;
    }
    let mut hasher = TagHasher(anchor);
    (tag, number).hash(&mut hasher);
    hasher.finish()
}

/// The hash of a scalar event.
pub(crate) fn hash_scalar(value: &str, plain: bool, props: u64) -> u64 {
    hash_text(props.rotate_left(8) ^ u64::from(plain), value)
}

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hashes text eight bytes at a time.
pub(crate) fn hash_text(seed: u64, text: &str) -> u64 {
    let mut state = seed ^ (text.len() as u64).wrapping_mul(FACTOR);
    let mut chunks = text.as_bytes().chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = finish(state ^ u64::from_le_bytes(word));
    }
    let rest = chunks.remainder().iter().rev();
    let word = rest.fold(0, |word, byte| word << 8 | u64::from(*byte));
    finish(state ^ word)
}

fn mix(position: u32, hash: u64) -> u64 {
    finish(hash ^ u64::from(position).wrapping_add(1).wrapping_mul(FACTOR))
}

fn finish(state: u64) -> u64 {
    let state = (state ^ (state >> 32)).wrapping_mul(FACTOR);
    let state = (state ^ (state >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state ^ (state >> 32)
}

struct TagHasher(u64);

impl Hasher for TagHasher {
    fn finish(&self) -> u64 {
        finish(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = finish(self.0 ^ u64::from(byte).wrapping_add(0x100));
        }
    }
}
