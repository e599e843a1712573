//! Texts that are no manifests: where their values stand, and how a value is written there.
//!
//! Each format is a file that reads a text into [`Slots`], the values that may hold placeholders, and
//! writes a new value in the place of one. What was written is read again, for JSON and TOML by the
//! reader of a library, and has to be what was meant; if it is not, nothing is written. YAML is the
//! business of `manifill_manifest`.

mod decoded;
mod dotenv;
mod format;
mod json;
mod opener;
mod properties;
mod slot;
mod slots;
mod toml;
mod unreadable;

pub use format::Format;
pub(crate) use slot::Style;
pub(crate) use slots::{Slots, read};
