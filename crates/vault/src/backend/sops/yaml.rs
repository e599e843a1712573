//! YAML as sops reads it: one or more documents, with the types of go-yaml 3.

use base64::Engine as _;
use manifill_yaml::{ComposeError, Key, Position, Problem, Scalar, Schema, Style, Tag, compose};
use zeroize::Zeroizing;

use super::tree::{Entries, Leaf, Misread, NO_MAP, Node, TOO_DEEP, TWICE};
use super::types;
use crate::SecretValue;

const NO_TAG: &str = "of the tags, only !!str and !!binary are read here";

fn at(at: Position, problem: &'static str) -> Misread {
    Misread {
        problem,
        line: at.line,
        column: at.column,
    }
}

impl From<ComposeError> for Misread {
    fn from(error: ComposeError) -> Self {
        let problem = match error.problem {
            Problem::TooDeep => TOO_DEEP,
            Problem::KeyForm => "a key must be text",
            Problem::Twice(_) => TWICE,
            Problem::Refused(words) => words,
            _ => "this is not YAML",
        };
        at(error.at, problem)
    }
}

/// Reads the documents of a file; empty ones are left out, as sops does.
pub(super) fn read(text: &str) -> Result<Vec<Entries>, Misread> {
    let mut documents = Vec::new();
    for document in compose(text, &Written)? {
        match document.value {
            Node::Map(entries) => documents.push(entries),
            Node::Leaf(Leaf::Null) => {}
            _ => return Err(at(document.at, NO_MAP)),
        }
    }
    Ok(documents)
}

/// What sops writes: no aliases, so that anchors do not matter.
struct Written;

impl Schema for Written {
    type Value = Node;

    const NO_ALIASES: Option<&'static str> = Some("sops writes no aliases");

    fn scalar(&self, scalar: Scalar<'_>, _: Position) -> Result<Node, &'static str> {
        let Scalar { text, style, .. } = scalar;
        Ok(Node::Leaf(match scalar.tag {
            Tag::Str => types::text(text),
            Tag::Binary => binary(text).ok_or("this is not base64")?,
            Tag::None if style == Style::Plain => types::plain(text),
            Tag::None => types::text(text),
            _ => return Err(NO_TAG),
        }))
    }

    fn list(&self, items: Vec<Node>, _: Position) -> Node {
        Node::List(items)
    }

    fn map(&self, entries: Vec<(Key, Node)>, _: Position) -> Node {
        Node::Map(
            entries
                .into_iter()
                .map(|(key, node)| (key.text, node))
                .collect(),
        )
    }

    fn collection(&self, tag: Tag, is_map: bool) -> Result<(), &'static str> {
        match (tag, is_map) {
            (Tag::None, _) | (Tag::Map, true) | (Tag::List, false) => Ok(()),
            _ => Err(NO_TAG),
        }
    }
}

/// sops writes text that is not UTF-8 in base64, and hashes what it stands for.
fn binary(text: &str) -> Option<Leaf> {
    let text: String = text.split_ascii_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .ok()?;
    Some(match String::from_utf8(bytes) {
        Ok(text) => types::text(&text),
        Err(error) => Leaf::Typed {
            hashed: Zeroizing::new(error.as_bytes().to_vec()),
            value: SecretValue::bytes(error.into_bytes()),
        },
    })
}
