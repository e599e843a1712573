//! Changes in, text out: values are written in place, entries are taken out or added, and every new
//! text is read again before it counts.

pub(crate) mod editor;
pub(crate) mod edits;
pub(crate) mod entry;
mod folded;
pub(crate) mod in_block;
pub(crate) mod items;
pub(crate) mod join;
mod layout;
pub(crate) mod new_value;
mod output;
mod place;
mod remove;
pub(crate) mod room;
pub(crate) mod scalar_index;
mod to_literal;
pub(crate) mod write;
