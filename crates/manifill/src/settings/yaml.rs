//! YAML and JSON as a tree that knows where each part stands.
//!
//! A typed reader would stop at the first mistake and could not say where a value stood that only
//! later proves wrong; here every mistake gets its line and column. Nothing of the text enters an
//! error.

use std::collections::HashMap;

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::error::{ConfigError, Position};

/// What aliases may blow a file up to; a settings file has some hundred nodes.
const MOST_NODES: usize = 100_000;

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
    fn size(&self) -> usize {
        1 + match &self.content {
            Content::Null | Content::Text(_) => 0,
            Content::List(items) => items.iter().map(Node::size).sum(),
            Content::Map(entries) => entries.iter().map(|entry| entry.value.size()).sum(),
        }
    }

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
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        nodes: 0,
    };
    let mut root = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(root),
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
            event => {
                let node = reader.node(event, &span)?;
                if root.is_some() {
                    return Err(ConfigError::new("a settings file holds one document").at(node.at));
                }
                root = Some(node);
            }
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), ConfigError> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => {
                Err(ConfigError::new("this is not valid YAML").at(position(error.marker())))
            }
            None => Err(ConfigError::new("this is not valid YAML")),
        }
    }

    /// The node that starts with an event.
    fn node(&mut self, event: Event<'t>, span: &Span) -> Result<Node, ConfigError> {
        let at = position(&span.start);
        self.count(1, at)?;
        let (anchor, content) = match event {
            Event::Alias(anchor) => return self.alias(anchor, at),
            Event::Scalar(text, style, anchor, _) => (anchor, scalar(&text, style, span)),
            Event::SequenceStart(_, anchor, _) => (anchor, self.list()?),
            Event::MappingStart(_, anchor, _) => (anchor, self.map()?),
            _ => return Err(ConfigError::new("this is not valid YAML").at(at)),
        };
        let node = Node { at, content };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<Node, ConfigError> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(ConfigError::new("an alias here stands inside its own anchor").at(at));
        };
        let node = Node {
            at,
            content: node.content.clone(),
        };
        self.count(node.size(), at)?;
        Ok(node)
    }

    fn list(&mut self) -> Result<Content, ConfigError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Content::List(items)),
                (event, span) => items.push(self.node(event, &span)?),
            }
        }
    }

    fn map(&mut self) -> Result<Content, ConfigError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Content::Map(entries)),
                (event, span) => self.node(event, &span)?,
            };
            let at = key.at;
            let Content::Text(name) = key.content else {
                return Err(ConfigError::new("a key must be text").at(at));
            };
            if !seen.insert(name.clone()) {
                return Err(ConfigError::new("the key {} stands here twice")
                    .with_name(name)
                    .at(at));
            }
            let (event, span) = self.next()?;
            let value = self.node(event, &span)?;
            entries.push(Entry {
                key: name,
                at,
                value,
            });
        }
    }

    fn count(&mut self, nodes: usize, at: Position) -> Result<(), ConfigError> {
        self.nodes += nodes;
        if self.nodes > MOST_NODES {
            return Err(ConfigError::new("the file is too large for a settings file").at(at));
        }
        Ok(())
    }
}

fn scalar(text: &str, style: ScalarStyle, span: &Span) -> Content {
    let plain = style == ScalarStyle::Plain;
    // The parser reports nothing as a plain `~` without width.
    if plain && (span.is_empty() || matches!(text, "" | "~" | "null" | "Null" | "NULL")) {
        Content::Null
    } else {
        Content::Text(text.to_owned())
    }
}

fn position(marker: &Marker) -> Position {
    Position {
        line: marker.line().max(1),
        column: marker.col() + 1,
    }
}
