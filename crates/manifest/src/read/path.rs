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

/// A step of a field path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step<'a> {
    /// Into the value of a key.
    Key(Cow<'a, str>),
    /// Into an item of a list.
    Item,
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

    /// The steps to a scalar of the document `text`, the last one first.
    pub(crate) fn up<'s>(
        &'s self,
        text: &'s str,
        scalar: usize,
    ) -> impl Iterator<Item = Step<'s>> + 's {
        self.steps(scalar).filter_map(move |part| match part {
            Part::Root => None,
            Part::Key(start, end) => Some(Step::Key(name(text, start, end))),
            Part::Item(_) => Some(Step::Item),
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
                Part::Item(number) => push_item(&mut out, number as usize),
                Part::Key(start, end) => {
                    push_key(&mut out, &name(text, start, end));
                }
            }
        }
        out
    }
}

/// Adds the step to an item of a list.
pub(crate) fn push_item(out: &mut String, number: usize) {
    // Writing to a string cannot fail.
    let _ = write!(out, "[{number}]");
}

/// Adds the step to the value of a key.
pub(crate) fn push_key(out: &mut String, name: &str) {
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

/// The bytes of keys that are read as they stand, in double quotes or without.
const WORD: [bool; 256] = {
    let mut words = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        words[byte] =
            (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'-' | b'.' | b'/');
        byte += 1;
    }
    words
};

/// Reads a key; one that cannot be read alone (an alias, a block scalar) is shown as written.
fn name(text: &str, start: u32, end: u32) -> Cow<'_, str> {
    let text = text.get(start as usize..end as usize).unwrap_or_default();
    // Nearly all keys, which need no parser.
    let is_word = |text: &str| text.bytes().all(|byte| WORD[usize::from(byte)]);
    if is_word(text) {
        return Cow::Borrowed(text);
    }
    let quoted = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    if let Some(inside) = quoted.filter(|inside| is_word(inside)) {
        return Cow::Borrowed(inside);
    }
    match Events::new(text).next() {
        Ok(Some(event)) => match event.kind {
            Kind::Scalar(value, _) => value,
            _ => Cow::Borrowed(text),
        },
        _ => Cow::Borrowed(text),
    }
}
