//! What a function does.

use std::path::PathBuf;

use manifill::{Door, Options};
use manifill_check::AllowedField;

/// What a function does.
#[derive(Debug)]
pub(crate) enum Role {
    /// Fills the items.
    Fill(Fill),
    /// Adds items.
    Generate(Generate),
    /// Looks for what is left in the items, but for these fields.
    Guard(Vec<AllowedField>),
}

impl Default for Role {
    fn default() -> Self {
        Role::Fill(Fill::default())
    }
}

/// How items are filled.
#[derive(Debug, Default)]
pub(crate) struct Fill {
    pub(crate) strict: bool,
    pub(crate) escaped: bool,
    /// The kinds that values may go to; any, if there is none.
    pub(crate) only_kinds: Vec<String>,
    /// The fields of other kinds that they may go to, too.
    pub(crate) allowed: Vec<AllowedField>,
}

impl Fill {
    pub(crate) fn options(&self) -> Options {
        Options::new()
            .with_strict(self.strict)
            .with_escaped(self.escaped)
            .with_door(Door::Function)
    }
}

/// What items are made of.
#[derive(Debug, Default)]
pub(crate) struct Generate {
    pub(crate) fill: Fill,
    /// Files and folders below the folder in which the function runs.
    pub(crate) files: Vec<PathBuf>,
    /// Texts with the names that they have in messages.
    pub(crate) manifests: Vec<(String, String)>,
}
