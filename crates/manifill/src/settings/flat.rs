//! AVP's settings files: flat `KEY: value` in one of many formats, chosen by the extension.

use std::collections::BTreeMap;
use std::path::Path;

use manifill_manifest::LineIndex;

use super::error::{ConfigError, Position};
use super::lines::{self, Line};
use super::unknown::{declared_name, variable};
use super::yaml::{Content, Node};

/// The extensions that AVP reads and this reads too (AVP rule 56).
const EXTENSIONS: &str = "yaml, yml, json, toml, env, dotenv, properties, props, prop or ini";

/// The keys that make a file one with named backends, in which unknown keys are errors.
pub(super) const SECTIONS: [&str; 3] = ["backends", "default", "policy"];

/// The settings of a flat file by name in upper case. Names are not case-sensitive (AVP rule 56).
#[derive(Default)]
pub(super) struct Flat {
    values: BTreeMap<String, (String, Position)>,
    /// Remarks about what was left out.
    pub(super) notes: Vec<(String, Position)>,
}

impl Flat {
    /// The value of a setting; an empty one counts as not set.
    pub(super) fn value(&self, name: &str) -> Option<(&str, Position)> {
        let (value, at) = self.values.get(name)?;
        Some((value.trim(), *at)).filter(|(value, _)| !value.is_empty())
    }

    /// The names that it gives values for, in upper case, with their places.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, Position)> {
        let values = self.values.iter();
        values.map(|(name, (_, at))| (name.as_str(), *at))
    }

    fn insert(&mut self, key: &str, value: impl Into<String>, at: Position) {
        self.values
            .insert(key.to_ascii_uppercase(), (value.into(), at));
    }

    fn ignore(&mut self, key: &str, at: Position) {
        let note = format!("{} is not one value and is ignored", shown(key));
        self.notes.push((note, at));
    }

    /// Remarks on values that a shell or Compose would expand.
    fn noting_variables(mut self) -> Self {
        let notes = self.values.iter().filter_map(|(key, (value, at))| {
            let shape = variable(value.trim())?;
            let note = format!(
                "the value of {} is `{shape}`, which is not expanded",
                shown(key)
            );
            Some((note, *at))
        });
        self.notes.extend(notes);
        self
    }

    /// A flat file from its tree; lists and maps are left out (AVP fails on them).
    pub(super) fn from_tree(root: Node) -> Result<Self, ConfigError> {
        let mut flat = Flat::default();
        let entries = match root.content {
            Content::Map(entries) => entries,
            Content::Null => return Ok(flat),
            Content::Text(_) | Content::List(_) => {
                return Err(
                    ConfigError::new("a settings file is a map of names to values").at(root.at),
                );
            }
        };
        for entry in entries {
            match entry.value.content {
                Content::Text(value) => flat.insert(&entry.key, value, entry.value.at),
                Content::Null => {}
                Content::List(_) | Content::Map(_) => flat.ignore(&entry.key, entry.at),
            }
        }
        Ok(flat.noting_variables())
    }

    /// Reads one of the formats that are not YAML or JSON.
    pub(super) fn parse(text: &str, extension: &str) -> Result<Self, ConfigError> {
        let (found, sections) = match extension {
            "env" | "dotenv" => (lines::dotenv(text)?, Vec::new()),
            "properties" | "props" | "prop" => (lines::properties(text)?, Vec::new()),
            "ini" => lines::ini(text)?,
            "toml" => toml(text)?,
            _ => return Err(unknown_extension(extension)),
        };
        let mut flat = Flat::default();
        for Line { key, value, at } in found {
            refuse_section(&key, at)?;
            flat.insert(&key, value, at);
        }
        for Line { key, at, .. } in sections {
            refuse_section(&key, at)?;
            flat.ignore(&key, at);
        }
        Ok(flat.noting_variables())
    }
}

/// Whether a key makes the file one with named backends; in any case of letters, so that `Policy`
/// is not taken for a setting that nobody knows.
pub(super) fn is_section(key: &str) -> bool {
    SECTIONS
        .iter()
        .any(|section| section.eq_ignore_ascii_case(key))
}

/// A policy that is read as nothing would allow everything, so these are errors and not ignored.
fn refuse_section(key: &str, at: Position) -> Result<(), ConfigError> {
    // `[backends.shared]` is spelled with a dot.
    let head = key.split_once('.').map_or(key, |(head, _)| head);
    if is_section(head) {
        Err(ConfigError::new("{} is read from YAML and JSON files only")
            .with_name(head)
            .at(at))
    } else {
        Ok(())
    }
}

/// A key as messages may show it: its name, if a backend declares it (rule R9).
fn shown(key: &str) -> String {
    match declared_name(key) {
        Some(name) => format!("`{name}`"),
        None => "this key".to_owned(),
    }
}

fn unknown_extension(extension: &str) -> ConfigError {
    match extension {
        "" => ConfigError::new("the name of a settings file must tell its format by an extension")
            .with_hint(EXTENSIONS),
        "hcl" | "tfvars" => ConfigError::new("settings files of format {} are not supported")
            .with_name(extension)
            .with_hint("write it as YAML"),
        _ => ConfigError::new("settings files of format {} are not known")
            .with_name(extension)
            .with_hint(EXTENSIONS),
    }
}

/// The extension that decides about the format; `.env` is all extension.
pub(super) fn extension(path: &Path) -> String {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    name.rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase())
        .unwrap_or_default()
}

/// The values of a TOML file and the names of its tables and lists.
fn toml(text: &str) -> Result<(Vec<Line>, Vec<Line>), ConfigError> {
    use toml::de::{DeTable, DeValue};

    let lines = LineIndex::new(text);
    let place = |offset: usize| {
        let (line, column) = lines.line_column(offset);
        Position { line, column }
    };
    let table = DeTable::parse(text).map_err(|error| {
        ConfigError::new("this is not valid TOML").at(error.span().map(|span| place(span.start)))
    })?;
    let (mut found, mut nested) = (Vec::new(), Vec::new());
    for (key, value) in table.into_inner() {
        let at = place(key.span().start);
        let source = text.get(value.span()).unwrap_or_default();
        let value = match value.into_inner() {
            DeValue::String(value) => Some(value.into_owned()),
            DeValue::Array(_) | DeValue::Table(_) => None,
            // Numbers, booleans and dates are the text that stands in the file.
            _ => Some(source.to_owned()),
        };
        let line = Line {
            key: key.into_inner().into_owned(),
            value: String::new(),
            at,
        };
        match value {
            Some(value) => found.push(Line { value, ..line }),
            None => nested.push(line),
        }
    }
    Ok((found, nested))
}
