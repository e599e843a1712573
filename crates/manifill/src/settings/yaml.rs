//! YAML and JSON as a tree that knows where each part stands.
//!
//! A typed reader would stop at the first mistake and could not say where a value stood that only
//! later proves wrong; here every mistake gets its line and column. Nothing of the text enters an
//! error.

use manifill_yaml::{ComposeError, Key, Problem, Scalar, Schema, Style, Tag, compose};

use super::error::{ConfigError, Position};
use super::unknown::{declared_name, glued};

/// A part of a settings file. It has no `Debug`, since it holds tokens.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) content: Content,
}

#[derive(Clone)]
pub(super) enum Content {
    /// `null`, `~` or nothing.
    Null,
    /// Text; numbers and booleans are the text that stands in the file.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file.
    Map(Vec<Entry>),
}

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Position,
    pub(super) value: Node,
}

impl Node {
    /// What kind of thing it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "empty",
            Content::Text(_) => "text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }
}

/// Reads a file that holds one document, or nothing.
pub(super) fn parse(text: &str) -> Result<Option<Node>, ConfigError> {
    let found = compose(text, &Settings);
    let mut documents = found.map_err(|error| told(error, text))?.into_iter();
    let root = documents.next().map(|one| one.value);
    if let Some(Content::Text(_)) = root.as_ref().map(|root| &root.content) {
        glued(text).map_or(Ok(()), Err)?;
    }
    match documents.next() {
        Some(second) => Err(ConfigError::new("a settings file holds one document").at(second.at)),
        None => Ok(root),
    }
}

/// What is wrong with a text; of one that is not YAML at all, the likely slip.
fn told(error: ComposeError, text: &str) -> ConfigError {
    let slip = matches!(error.problem, Problem::Syntax)
        .then(|| glued(text))
        .flatten();
    slip.unwrap_or_else(|| error.into())
}

impl From<ComposeError> for ConfigError {
    fn from(error: ComposeError) -> Self {
        let told = match error.problem {
            Problem::TooDeep => ConfigError::new("values are nested too deeply"),
            Problem::TooLarge => ConfigError::new("the file is too large for a settings file"),
            Problem::InsideItself => ConfigError::new("an alias here is inside its own anchor"),
            Problem::KeyForm => ConfigError::new("a key must be text"),
            Problem::Twice(key) => match declared_name(&key) {
                Some(name) => ConfigError::new("the key {} is set here twice").with_name(name),
                None => ConfigError::new("this key is set here twice"),
            },
            Problem::Refused(words) => ConfigError::new(words),
            _ => match error.reason {
                Some((reason, hint)) => {
                    let told = ConfigError::new("this is not valid YAML: {=}").with_name(reason);
                    hint.into_iter().fold(told, ConfigError::with_hint)
                }
                None => ConfigError::new("this is not valid YAML"),
            },
        };
        told.at(error.at)
    }
}

/// Text is what stands in the file, whatever YAML would make of it.
struct Settings;

impl Schema for Settings {
    type Value = Node;

    fn scalar(&self, scalar: Scalar<'_>, at: Position) -> Result<Node, &'static str> {
        let content = if is_null(scalar) {
            Content::Null
        } else {
            Content::Text(scalar.text.to_owned())
        };
        Ok(Node { at, content })
    }

    fn list(&self, items: Vec<Node>, at: Position) -> Node {
        let content = Content::List(items);
        Node { at, content }
    }

    fn map(&self, entries: Vec<(Key, Node)>, at: Position) -> Node {
        let entry = |(key, value): (Key, Node)| Entry {
            key: key.text,
            at: key.at,
            value,
        };
        let content = Content::Map(entries.into_iter().map(entry).collect());
        Node { at, content }
    }

    fn alias(&self, node: Node, at: Position) -> Node {
        Node { at, ..node }
    }

    fn collection(&self, _: Tag, _: bool) -> Result<(), &'static str> {
        Ok(())
    }

    fn key(&self, key: Scalar<'_>) -> Result<(), &'static str> {
        if is_null(key) {
            Err("a key must be text")
        } else {
            Ok(())
        }
    }
}

fn is_null(scalar: Scalar<'_>) -> bool {
    scalar.style == Style::Plain && matches!(scalar.text, "" | "~" | "null" | "Null" | "NULL")
}
