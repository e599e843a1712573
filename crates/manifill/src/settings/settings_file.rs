//! The settings file: found by `-c` or `MANIFILL_CONFIG`, never searched for.

use std::path::{Path, PathBuf};
use std::time::Instant;

use manifill_vault::files::{self, Unread};

use super::checkout::{Checkout, Owner};
use super::error::ConfigError;
use super::flat::{self, Flat};
use super::sources::Sources;
use super::yaml::{self, Content, Entry};

/// More than this is no file of settings.
const MOST: u64 = 16 << 20;

/// A settings file that could be read.
pub(super) struct SettingsFile {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its name as it was given, for messages.
    pub(super) name: String,
    /// Whether it lies in the checkout, so that the app's author wrote it.
    pub(super) by_author: bool,
    pub(super) shape: Shape,
}

pub(super) enum Shape {
    /// AVP's names and values.
    Flat(Flat),
    /// `backends`, `default`, `policy`.
    Sections(Vec<Entry>),
}

/// Reads the settings file.
pub(super) fn read(
    given: &Path,
    sources: &Sources,
    checkout: &Checkout,
    deadline: Instant,
) -> Result<SettingsFile, ConfigError> {
    let path = sources.absolute(given);
    let owner = checkout.owner(&path, given.is_relative());
    let shape = match owner {
        Owner::EscapesCheckout => Err(ConfigError::new(
            "the settings file leads out of the app's repository",
        )
        .with_hint("give the operator's file by its absolute path")),
        Owner::Author | Owner::Operator => {
            let unread = |unread: Unread| {
                ConfigError::new(unread.message()).with_name(path.display().to_string())
            };
            let text = text(&path, deadline).map_err(unread);
            text.and_then(|text| shape(&text, given))
        }
    };
    Ok(SettingsFile {
        shape: shape.map_err(|error| error.in_file(given))?,
        path,
        name: given.display().to_string(),
        by_author: owner == Owner::Author,
    })
}

/// The text of a file, or why there is none.
pub(super) fn text(path: &Path, deadline: Instant) -> Result<String, Unread> {
    let mut bytes = files::read(path, MOST, deadline)?;
    String::from_utf8(std::mem::take(&mut *bytes)).map_err(|_| Unread::NotText)
}

fn shape(text: &str, path: &Path) -> Result<Shape, ConfigError> {
    let extension = flat::extension(path);
    if !matches!(extension.as_str(), "yaml" | "yml" | "json") {
        return Flat::parse(text, &extension).map(Shape::Flat);
    }
    let Some(root) = yaml::parse(text)? else {
        return Ok(Shape::Flat(Flat::default()));
    };
    match root.content {
        Content::Map(entries) if entries.iter().any(|entry| flat::is_section(&entry.key)) => {
            Ok(Shape::Sections(entries))
        }
        _ => Flat::from_tree(root).map(Shape::Flat),
    }
}
