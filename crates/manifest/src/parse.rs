//! The only file that knows the YAML parser.
//!
//! It turns the parser's events into ours and corrects two things about block scalars: the end
//! of their span, and the line break that the parser adds at the end of a file without one.
//! Nesting is capped at 255 block and 255 flow collections and simple keys at 1,024 characters
//! (the parser's defaults; the Go readers have the same key limit).

use crate::Span;
use crate::chars::line_start;
use crate::error::{ManifestError, ManifestErrorKind};
use crate::fingerprint::hash_text;
use crate::syntax;
use granit_parser::{Event as Raw, Parser, ScalarStyle, StrInput};
use std::borrow::Cow;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Style {
    /// Without quotes.
    Plain,
    /// Between `'`.
    SingleQuoted,
    /// Between `"`.
    DoubleQuoted,
    /// After `|`.
    Literal,
    /// After `>`.
    Folded,
}

impl Style {
    /// A stable word for reports, such as `plain`.
    pub fn as_str(self) -> &'static str {
        match self {
            Style::Plain => "plain",
            Style::SingleQuoted => "single-quoted",
            Style::DoubleQuoted => "double-quoted",
            Style::Literal => "literal",
            Style::Folded => "folded",
        }
    }
}

impl Style {
    /// Whether the scalar has a header line and indented lines below it.
    pub(crate) fn is_block(self) -> bool {
        matches!(self, Self::Literal | Self::Folded)
    }
}

/// An explicit tag, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Tag {
    None,
    Str,
    Int,
    Float,
    Bool,
    Null,
    Binary,
    Timestamp,
    Merge,
    List,
    Map,
    /// A lone `!`.
    Bare,
    /// Another tag of YAML's own.
    Rare,
    /// Any other tag.
    Other,
}

#[derive(Debug)]
pub(crate) enum Kind<'a> {
    Scalar(Cow<'a, str>, Style),
    /// Holds the number of the anchor.
    Alias(usize),
    List,
    Map,
    ListEnd,
    MapEnd,
}

/// A node or the end of a collection.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    pub(crate) kind: Kind<'a>,
    /// The node without anchor and tag; a block scalar without its header.
    pub(crate) span: Span,
    /// The end of the last token before the node, not counting indicators of block collections.
    pub(crate) before: usize,
    /// The number and name of the node's anchor.
    pub(crate) anchor: Option<(usize, Cow<'a, str>)>,
    pub(crate) tag: Tag,
    /// What tells [`Tag::Rare`] and [`Tag::Other`] tags apart.
    pub(crate) tag_number: u32,
    /// Where the node's anchor or tag begins, if it has one.
    pub(crate) props: Option<usize>,
}

/// The events of one document.
pub(crate) struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
    text: &'a str,
    last: usize,
    documents: usize,
}

impl<'a> Events<'a> {
    /// Reads `text`; all positions count from its start.
    pub(crate) fn new(text: &'a str) -> Self {
        let options = granit_parser::options! { emit_anchor_events: true, emit_comments: false };
        Self {
            parser: Parser::new_from_str_with_options(text, options),
            text,
            last: 0,
            documents: 0,
        }
    }

    /// The next node or end of a collection, `None` at the end of the document.
    pub(crate) fn next(&mut self) -> Result<Option<Event<'a>>, ManifestError> {
        loop {
            let Some((raw, span)) = self.raw()? else {
                return Ok(None);
            };
            let tag_at = span.tag_span().and_then(|tag| tag.byte_range());
            let indentation = span.indent.unwrap_or(0);
            let mut span = span.byte_range().unwrap_or(self.last..self.last);
            let mut anchored = false;
            let mut found = (Tag::None, 0);
            let kind = match raw {
                Raw::Scalar(value, style, anchor, tag) => {
                    anchored = anchor != 0;
                    found = read_tag(tag.as_deref());
                    let style = match style {
                        ScalarStyle::SingleQuoted => Style::SingleQuoted,
                        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                        ScalarStyle::Literal => Style::Literal,
                        ScalarStyle::Folded => Style::Folded,
                        _ => Style::Plain,
                    };
                    Kind::Scalar(self.correct(value, style, indentation, &mut span), style)
                }
                Raw::Alias(target) => Kind::Alias(target),
                Raw::SequenceStart(_, anchor, tag) => {
                    anchored = anchor != 0;
                    found = read_tag(tag.as_deref());
                    Kind::List
                }
                Raw::MappingStart(_, anchor, tag) => {
                    anchored = anchor != 0;
                    found = read_tag(tag.as_deref());
                    Kind::Map
                }
                Raw::SequenceEnd => Kind::ListEnd,
                Raw::MappingEnd => Kind::MapEnd,
                Raw::DocumentStart(..) => {
                    self.documents += 1;
                    if self.documents > 1 {
                        return Err(ManifestError::new(
                            ManifestErrorKind::Syntax,
                            "a second document begins without `---`",
                            span.start,
                        ));
                    }
                    if self.text[span.clone()].starts_with("---") {
                        self.last = span.end;
                    }
                    continue;
                }
                _ => continue,
            };
            let anchor = if anchored { self.anchor()? } else { None };
            let props = [anchor.as_ref().map(|(_, _, at)| at), tag_at.as_ref()];
            let before = self.last;
            // Block scalars without text have a place nevertheless: behind their header.
            let block = matches!(&kind, Kind::Scalar(_, style) if style.is_block());
            for at in props.into_iter().flatten().chain([&span]) {
                if !at.is_empty() || block {
                    self.last = self.last.max(at.end);
                }
            }
            return Ok(Some(Event {
                kind,
                before,
                props: props.into_iter().flatten().map(|at| at.start).min(),
                anchor: anchor.map(|(id, name, _)| (id, name)),
                span,
                tag: found.0,
                tag_number: found.1,
            }));
        }
    }

    fn raw(&mut self) -> Result<Option<(Raw<'a>, granit_parser::Span)>, ManifestError> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(pair)) => Ok(Some(pair)),
            Some(Err(error)) => {
                let offset = error.marker().byte_offset().unwrap_or(self.last);
                let offset = syntax::place(error.kind(), self.text, offset);
                let message = syntax::message(error.kind());
                let kind = match error.kind() {
                    granit_parser::ErrorKind::RecursionLimitExceeded => ManifestErrorKind::Limit,
                    _ => ManifestErrorKind::Syntax,
                };
                let hint = syntax::hint(error.kind(), self.text, offset);
                Err(ManifestError::new(kind, message, offset).with_hint(hint))
            }
        }
    }

    /// The parser gives an anchor directly after its node.
    fn anchor(&mut self) -> Result<Option<(usize, Cow<'a, str>, Span)>, ManifestError> {
        match self.raw()? {
            Some((Raw::Anchor(id, name), span)) => Ok(span.byte_range().map(|at| (id, name, at))),
            _ => Err(ManifestError::internal(
                "the parser gave no anchor",
                self.last,
            )),
        }
    }

    /// Corrects the span and value of scalars.
    fn correct(
        &self,
        value: Cow<'a, str>,
        style: Style,
        indentation: usize,
        span: &mut Span,
    ) -> Cow<'a, str> {
        if style == Style::Plain && span.start == span.end {
            return Cow::Borrowed("");
        }
        if !style.is_block() {
            return value;
        }
        // The span may reach into the indentation of the line that follows.
        let line = line_start(self.text, span.end);
        let tail = &self.text[line..span.end];
        if span.end < self.text.len() && tail.bytes().all(|b| matches!(b, b' ' | b'\t')) {
            span.end = line.max(span.start);
        }
        // Go and libyaml give no line break for a last line that has none; neither do we.
        let blanks = tail.bytes().take_while(|b| *b == b' ').count();
        let unfinished = span.end == self.text.len() && tail.len() > blanks.min(indentation);
        match value {
            Cow::Owned(mut value) if unfinished && value.ends_with('\n') => {
                value.pop();
                Cow::Owned(value)
            }
            value => value,
        }
    }
}

/// The tag, and the number that tells it apart.
fn read_tag(tag: Option<&granit_parser::Tag>) -> (Tag, u32) {
    let Some(tag) = tag else {
        return (Tag::None, 0);
    };
    let known = match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("str") => Tag::Str,
        Some("int") => Tag::Int,
        Some("float") => Tag::Float,
        Some("bool") => Tag::Bool,
        Some("null") => Tag::Null,
        Some("binary") => Tag::Binary,
        Some("timestamp") => Tag::Timestamp,
        Some("merge") => Tag::Merge,
        Some("seq") => Tag::List,
        Some("map") => Tag::Map,
        Some(_) => Tag::Rare,
        None if tag.parts() == ("", "!") => Tag::Bare,
        None => Tag::Other,
    };
    let number = match known {
        Tag::Rare | Tag::Other => {
            let (handle, suffix) = tag.parts();
            hash_text(hash_text(1, handle), suffix) as u32
        }
        _ => 0,
    };
    (known, number)
}
