//! YAML for manifill: events with the bytes they stand at, and one composer.
//!
//! [`Events`] gives the nodes of a text with their spans, anchors and tags; whoever edits YAML in
//! place builds on it. [`compose`] makes values of them for readers of data: how a scalar is read
//! is theirs to say, as a [`Schema`]; places, duplicate keys, depth and aliases that multiply a
//! text are the same for all.
//!
//! The parser behind it is granit, and no other crate knows it. No text of a source ever gets into
//! an error.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod compose;
mod error;
mod events;
mod lines;
mod syntax;

/// Bytes of a text.
pub type Span = std::ops::Range<usize>;

pub use compose::{ComposeError, Composed, Key, Position, Problem, Scalar, Schema, compose};
pub use error::{YamlError, YamlErrorKind};
pub use events::{Event, Events, Kind, Style, Tag};
pub use lines::{line_end, line_start};
