//! One number for all events of a document.
//!
//! A document's fingerprint is the sum over its events of a hash of position and content. Being
//! a sum, it can be corrected for an edited scalar without reading the document again: that is
//! how the result of an edit is checked with one parse only. It guards against mistakes of this
//! program: that a text could be made on purpose to have the fingerprint of another one is no
//! concern, since the hash has a key that is drawn anew in every process.

use crate::error::ManifestError;
use crate::read::split::readable;
use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use manifill_yaml::{Event, Events, Kind, Style, Tag};
use std::hash::{BuildHasher as _, Hasher as _};

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
        let text = &*readable(text);
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
    let props = hash_props(anchor, event.tag, tag_number(event));
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
        Kind::Document => 10,
    }
}

/// What tells the tags apart that have no name of their own here.
pub(crate) fn tag_number(event: &Event<'_>) -> u32 {
    let number = |name: &(String, String)| hash_text(hash_text(1, &name.0), &name.1) as u32;
    event.tag_name.as_deref().map_or(0, number)
}

/// The hash of a node's anchor and tag.
pub(crate) fn hash_props(anchor: Option<&str>, tag: Tag, number: u32) -> u64 {
    let anchor = anchor.map_or(0, |name| hash_text(8, name));
    match tag {
        Tag::None => anchor,
        tag => state().hash_one((anchor, tag, number)),
    }
}

/// The hash of a scalar event.
pub(crate) fn hash_scalar(value: &str, plain: bool, props: u64) -> u64 {
    hash_text(props.rotate_left(8) ^ u64::from(plain), value)
}

fn hash_text(seed: u64, text: &str) -> u64 {
    let mut hasher = state().build_hasher();
    hasher.write_u64(seed);
    hasher.write(text.as_bytes());
    hasher.finish()
}

fn mix(position: u32, hash: u64) -> u64 {
    let mut hasher = state().build_hasher();
    hasher.write_u64(u64::from(position));
    hasher.write_u64(hash);
    hasher.finish()
}

/// The hash has a key of its own in every process: whoever writes manifests or values cannot
/// compute it, and no fingerprint leaves the process.
fn state() -> SeedableRandomState {
    SeedableRandomState::with_seed(0, SharedSeed::global_random())
}
