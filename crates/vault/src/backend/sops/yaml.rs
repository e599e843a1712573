//! YAML as sops reads it: one or more documents, with the types of go-yaml 3.

use std::collections::HashSet;

use base64::Engine as _;
use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};
use zeroize::Zeroizing;

use super::tree::{Entries, Leaf, MAX_DEPTH, Misread, NO_MAP, Node, TOO_DEEP, TWICE};
use super::types;
use crate::SecretValue;

/// What the tags that are written `!!` begin with.
const YAML: &str = "tag:yaml.org,2002:";

const NO_YAML: &str = "this is not YAML";
const NO_TAG: &str = "of the tags, only !!str and !!binary are read here";

fn at(marker: &Marker, problem: &'static str) -> Misread {
    Misread {
        problem,
        line: marker.line(),
        column: marker.col() + 1,
    }
}

/// Reads the documents of a file; empty ones are left out, as sops does.
pub(super) fn read(text: &str) -> Result<Vec<Entries>, Misread> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader(Parser::new_from_str(text));
    let mut documents = Vec::new();
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(documents),
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
            event => match reader.node(event, &span, 0)? {
                Node::Map(entries) => documents.push(entries),
                Node::Leaf(Leaf::Null) => {}
                _ => return Err(at(&span.start, NO_MAP)),
            },
        }
    }
}

struct Reader<'a>(Parser<'a, StrInput<'a>>);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Misread> {
        match self.0.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(at(
                error.marker(),
                match error.kind() {
                    ErrorKind::RecursionLimitExceeded => TOO_DEEP,
                    _ => NO_YAML,
                },
            )),
            None => Ok((Event::StreamEnd, Span::empty(Marker::default()))),
        }
    }

    /// The value that an event begins. Anchors are ignored: sops writes none, and with an alias
    /// the file was not written by sops.
    fn node(&mut self, event: Event<'a>, span: &Span, depth: usize) -> Result<Node, Misread> {
        if depth > MAX_DEPTH {
            return Err(at(&span.start, TOO_DEEP));
        }
        match event {
            Event::Scalar(text, style, _, tag) => scalar(&text, style, tag.as_deref())
                .map(Node::Leaf)
                .map_err(|problem| at(&span.start, problem)),
            Event::SequenceStart(_, _, tag) => {
                collection_tag(tag.as_deref(), "seq", span)?;
                self.list(depth)
            }
            Event::MappingStart(_, _, tag) => {
                collection_tag(tag.as_deref(), "map", span)?;
                self.map(depth)
            }
            Event::Alias(_) => Err(at(&span.start, "sops writes no aliases")),
            _ => Err(at(&span.start, NO_YAML)),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Node, Misread> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Node::List(items)),
                (event, span) => items.push(self.node(event, &span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Node, Misread> {
        let (mut entries, mut keys) = (Vec::new(), HashSet::new());
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(Node::Map(entries)),
                Event::Scalar(key, ..) => key.into_owned(),
                _ => return Err(at(&span.start, "a key must be text")),
            };
            if !keys.insert(key.clone()) {
                return Err(at(&span.start, TWICE));
            }
            let (event, span) = self.next()?;
            entries.push((key, self.node(event, &span, depth + 1)?));
        }
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Leaf, &'static str> {
    match tag {
        Some(tag) => match tag.suffix_in_namespace(YAML).as_deref() {
            Some("str") => Ok(types::text(text)),
            Some("binary") => binary(text).ok_or("this is not base64"),
            _ => Err(NO_TAG),
        },
        None if style == ScalarStyle::Plain => Ok(types::plain(text)),
        None => Ok(types::text(text)),
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

fn collection_tag(tag: Option<&Tag>, expected: &str, span: &Span) -> Result<(), Misread> {
    match tag.map(Tag::core_suffix) {
        None => Ok(()),
        Some(Some(suffix)) if suffix == expected => Ok(()),
        Some(_) => Err(at(&span.start, NO_TAG)),
    }
}
