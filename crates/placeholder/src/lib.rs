//! Reads placeholders: the parts of a Kubernetes manifest that stand for a secret value.
//!
//! A placeholder is written in one of three forms, each optionally followed by alternatives and
//! modifiers:
//!
//! | form | spelling | live |
//! |---|---|---|
//! | inline | `<path:PATH#KEY>`, `<path:PATH#KEY#VERSION>` | always |
//! | reference | `<op://vault/item/[section/]field>` | always |
//! | generic | `<KEY>` | in a resource with the annotation `avp.kubernetes.io/path` |
//!
//! The grammar is that of argocd-vault-plugin (AVP), without its accidents: a placeholder never
//! crosses `<`, `>` or the end of a line, and text that looks like a placeholder but is none is
//! reported instead of being passed on in silence.
//!
//! Everything here is pure: text goes in, data comes out. Modifiers are parsed, not run.
//!
//! ```
//! use manifill_placeholder::{Grammar, Reference, scan};
//!
//! let text = "user=<path:vaults/Prod/items/Db#user | trim> and <b>more</b>";
//! let found: Vec<_> = scan(text, Grammar::default()).collect::<Result<_, _>>()?;
//! assert_eq!(found.len(), 1);
//! assert_eq!(&text[found[0].span.clone()], "<path:vaults/Prod/items/Db#user | trim>");
//! let Reference::Path { path, key, version } = &found[0].alternatives[0] else { panic!() };
//! assert_eq!((path.text.as_str(), key.text.as_str()), ("vaults/Prod/items/Db", "user"));
//! assert!(version.is_none());
//! assert_eq!(found[0].modifiers[0].kind.name(), "trim");
//! # Ok::<(), manifill_placeholder::PlaceholderError>(())
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod argument;
mod backend;
mod base64;
mod body;
pub mod buried;
mod derive;
pub mod encoded;
mod error;
mod escape;
pub mod escaped;
mod grammar;
pub mod layered;
mod modifier;
mod op;
mod piece;
mod placeholder;
mod scan;
mod scanner;
mod segments;

pub use backend::split_backend;
pub use base64::{decode_bytes, decode_text, encode, is_base64};
pub use body::is_name;
pub use derive::{DeriveForm, MAX_DERIVED};
pub use error::{PlaceholderError, PlaceholderErrorKind};
pub use grammar::{Grammar, OPENERS};
pub use modifier::{
    Argument, MAX_INDENT, MAX_MODIFIERS, MODIFIERS, Modifier, ModifierKind, ModifierSpec,
};
pub use op::{OpQuery, OpReference};
pub use piece::Part;
pub use placeholder::{Placeholder, Reference};
pub use scan::{Scan, may_contain, parse, scan, unclosed_opener};

/// A range of bytes of the scanned text.
pub type Span = std::ops::Range<usize>;

#[cfg(test)]
mod tests;
