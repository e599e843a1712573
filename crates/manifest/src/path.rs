//! Field paths such as `spec.containers[0].env[2].value`.
//!
//! Only the steps above kept scalars are stored, each once, as positions; names are read from the
//! document when a path is asked for.

use crate::document::Frame;
use crate::parse::{Events, Kind};
use std::fmt::Write as _;

/// The last step to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Root,
    /// Start and end of the key in the document.
    Key(u32, u32),
    Item(u32),
}

/// The steps to the collections that hold kept scalars.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths {
    steps: Vec<(u32, Part)>,
}

/// Stands for the document itself.
const TOP: u32 = u32::MAX;

impl Paths {
    /// The step of the innermost open collection; steps not yet stored are added.
    pub(crate) fn enter(&mut self, open: &mut [Frame]) -> u32 {
        let mut parent = TOP;
        for frame in open {
            let step = match (frame.step, frame.part) {
                (Some(step), _) => step,
                (None, Part::Root) => TOP,
                (None, part) => {
                    self.steps.push((parent, part));
                    self.steps.len() as u32 - 1
                }
            };
            frame.step = Some(step);
            parent = step;
        }
        parent
    }

    pub(crate) fn shrink(&mut self) {
        self.steps.shrink_to_fit();
    }

    /// Writes the path of the node that is `part` of the collection `parent` of the document
    /// `text`.
    pub(crate) fn write(&self, text: &str, parent: u32, part: &Part) -> String {
        let mut parts = vec![*part];
        let mut at = parent;
        while let Some((above, part)) = self.steps.get(at as usize) {
            parts.push(*part);
            at = *above;
        }
        let mut out = String::new();
        for part in parts.iter().rev() {
            match *part {
                Part::Root => {}
                Part::Item(number) => {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "[{number}]");
                }
                Part::Key(start, end) => push_key(&mut out, text, start as usize, end as usize),
            }
        }
        out
    }
}

fn push_key(out: &mut String, text: &str, start: usize, end: usize) {
    let name = decode(text.get(start..end).unwrap_or_default());
    let word = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if word {
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(&name);
    } else {
        out.push('[');
        out.push_str(&crate::chars::double_quoted(&name));
        out.push(']');
    }
}

/// Reads a key; one that cannot be read alone (an alias, a block scalar) is shown as written.
fn decode(text: &str) -> String {
    match Events::new(text).next() {
        Ok(Some(event)) => match event.kind {
            Kind::Scalar(value, _) => value.into_owned(),
            _ => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}
