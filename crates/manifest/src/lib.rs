//! Reads Kubernetes manifests with byte spans and writes values into them without touching any
//! other byte.
//!
//! Text goes in and text comes out; there is no I/O. A source is cut into documents by [`split`],
//! documents that cannot hold anything to fill are told by [`may_need_filling`] on their bytes alone,
//! and the others are read by [`Document::parse`], which keeps the scalars that the caller wants.
//! [`Document::apply`] writes new values in place: comments, order, quotes, anchors, line endings
//! and everything else stay, and the result is parsed again before it is returned.
//!
//! What a written value looks like is decided by what *every* reader reads alike: Go's YAML
//! libraries, libyaml and PyYAML (YAML 1.1), and the readers of YAML 1.2 and JSON. A filled value
//! is always a string for all of them; [`Replacement::Json`] writes numbers, bools, null, lists and
//! maps as JSON on one line.
//!
//! [`read`] gives the values of YAML with the types that Kubernetes sees.
//!
//! # Limits
//!
//! Collections may be nested 255 deep in block and 255 in flow style, keys on one line may be
//! 1,024 characters long, a document 4 GiB. Aliases and merge keys may not multiply a document.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod chars;
mod document;
mod edit;
mod error;
mod read;
mod value;

/// Bytes of a source.
pub type Span = std::ops::Range<usize>;

pub use chars::{push_escaped, push_quoted};
pub use document::{Document, ParseOptions};
pub use edit::editor::Editor;
pub use edit::edits::{Edit, Replacement, TextEdit, TextEdits};
pub use edit::entry::{NewEntry, set_entries};
pub use edit::items::add_items;
pub use edit::join::join;
pub use edit::new_value::NewValue;
pub use edit::room::Room;
pub use edit::scalar_index::ScalarIndex;
pub use error::{ManifestError, ManifestErrorKind};
pub use manifill_yaml::Style;
pub use read::duplicates::RepeatedKey;
pub use read::field::FieldPath;
pub use read::lines::LineIndex;
pub use read::path::Step;
pub use read::prefilter::{Telltales, may_need_filling};
pub use read::resource::{Annotation, AnnotationRules, OddAnnotation, Resource};
pub use read::scalar::{Removable, Scalar};
pub use read::split::{contents, is_blank, split};
pub use read::strays::{Stray, StrayPlace};
pub use value::objects::read_objects;
pub use value::reader::{read, read_one, read_one_within, read_within};
pub use value::types::Value;
