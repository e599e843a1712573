//! Field paths such as `spec.containers[0].env[2].value`.
//!
//! Only the steps above kept scalars are stored, each once, as positions; names are read from the
//! document when a path is asked for.

use manifill_yaml::{Events, Kind};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The last step to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Root,
    /// Start and end of the key in the document.
    Key(u32, u32),
    Item(u32),
}

/// The step to a collection that is still open.
pub(crate) struct OpenStep {
    part: Part,
    /// Its number in [`Paths`], once a kept scalar needs it.
    stored: Option<u32>,
}

impl From<Part> for OpenStep {
    fn from(part: Part) -> Self {
        OpenStep { part, stored: None }
    }
}

/// The steps to the kept scalars, and to the collections that hold them; each belongs to the step
/// above it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths {
    steps: Vec<(u32, Part)>,
    scalars: Vec<(u32, Part)>,
}

/// Stands for the document itself.
const TOP: u32 = u32::MAX;

impl Paths {
    /// Adds the next scalar; steps to the open collections that are not yet stored are added, too.
    pub(crate) fn push<'s>(&mut self, open: impl Iterator<Item = &'s mut OpenStep>, part: Part) {
        let mut parent = TOP;
        for above in open {
            let step = match (above.stored, above.part) {
                (Some(step), _) => step,
                (None, Part::Root) => TOP,
                (None, part) => {
                    self.steps.push((parent, part));
                    self.steps.len() as u32 - 1
                }
            };
            above.stored = Some(step);
            parent = step;
        }
        self.scalars.push((parent, part));
    }

    /// Makes room for the steps to this many scalars.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.scalars.reserve_exact(count);
    }

    /// Gives back what is in reserve.
    pub(crate) fn shrink(&mut self) {
        self.steps.shrink_to_fit();
        self.scalars.shrink_to_fit();
    }

    /// The steps to a scalar, the last one first.
    fn steps(&self, scalar: usize) -> impl Iterator<Item = Part> + '_ {
        let mut next = self.scalars.get(scalar);
        std::iter::from_fn(move || {
            let (above, part) = next?;
            next = self.steps.get(*above as usize);
            Some(*part)
        })
    }

    /// Writes the path of a scalar of the document `text`.
    pub(crate) fn write(&self, text: &str, scalar: usize) -> String {
        let mut parts: Vec<Part> = self.steps(scalar).collect();
        parts.reverse();
        let mut out = String::new();
        for part in parts {
            match part {
                Part::Root => {}
                Part::Item(number) => {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "[{number}]");
                }
                Part::Key(start, end) => {
                    push_key(&mut out, &name(text, start, end));
                }
            }
        }
        out
    }

    /// Whether there are steps to a scalar below the step that follows the first `skipped` ones,
    /// and that one is this key.
    pub(crate) fn is_below(&self, text: &str, scalar: usize, skipped: usize, key: &str) -> bool {
        let above = self.steps(scalar).count().checked_sub(skipped + 1);
        match above.and_then(|above| self.steps(scalar).nth(above).filter(|_| above > 0)) {
            Some(Part::Key(start, end)) => name(text, start, end) == key,
            _ => false,
        }
    }
}

fn push_key(out: &mut String, name: &str) {
    if !name.is_empty() && name.bytes().all(is_word) {
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(name);
    } else {
        out.push('[');
        out.push_str(&crate::chars::double_quoted(name));
        out.push(']');
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Reads a key; one that cannot be read alone (an alias, a block scalar) is shown as written.
fn name(text: &str, start: u32, end: u32) -> Cow<'_, str> {
    let text = text.get(start as usize..end as usize).unwrap_or_default();
    // Nearly all keys, which need no parser.
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Cow::Borrowed(text);
    }
    match Events::new(text).next() {
        Ok(Some(event)) => match event.kind {
            Kind::Scalar(value, _) => value,
            _ => Cow::Borrowed(text),
        },
        _ => Cow::Borrowed(text),
    }
}
