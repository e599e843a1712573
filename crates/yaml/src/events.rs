//! Events with the bytes they stand at.
//!
//! The parser's events become ours, and two things about block scalars are corrected: the end of
//! their span, and the line break that the parser adds at the end of a file without one.
//! Nesting is capped at 255 block and 255 flow collections and simple keys at 1,024 characters
//! (the parser's defaults; the Go readers have the same key limit).

use crate::error::{YamlError, YamlErrorKind};
use crate::lines::line_start;
use crate::{Span, syntax};
use granit_parser::{Event as Raw, Parser, ScalarStyle, StrInput};
use std::borrow::Cow;

/// How a scalar is written; YAML has these ways and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    pub fn is_block(self) -> bool {
        matches!(self, Self::Literal | Self::Folded)
    }
}

/// An explicit tag, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// No tag.
    None,
    /// `!!str`
    Str,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!binary`
    Binary,
    /// `!!timestamp`
    Timestamp,
    /// `!!merge`
    Merge,
    /// `!!seq`
    List,
    /// `!!map`
    Map,
    /// A lone `!`.
    Bare,
    /// Another tag of YAML's own.
    Rare,
    /// Any other tag.
    Other,
}

/// What an event is.
#[derive(Debug)]
pub enum Kind<'a> {
    /// A scalar, decoded.
    Scalar(Cow<'a, str>, Style),
    /// An alias, with the number of its anchor.
    Alias(usize),
    /// The start of a list.
    List,
    /// The start of a map.
    Map,
    /// The end of a list.
    ListEnd,
    /// The end of a map.
    MapEnd,
    /// The start of a document, in [streams](Events::stream) only.
    Document,
}

/// A node or the end of a collection.
#[derive(Debug)]
pub struct Event<'a> {
    /// What it is.
    pub kind: Kind<'a>,
    /// The node without anchor and tag; a block scalar without its header.
    pub span: Span,
    /// The end of the last token before the node, not counting indicators of block collections.
    pub before: usize,
    /// The number and name of the node's anchor.
    pub anchor: Option<(usize, Cow<'a, str>)>,
    /// The node's tag.
    pub tag: Tag,
    /// Handle and suffix of a [`Tag::Rare`] or [`Tag::Other`] tag.
    pub tag_name: Option<Box<(String, String)>>,
    /// Where the node's anchor or tag begins, if it has one.
    pub props: Option<usize>,
}

/// The events of a text, in its order.
///
/// ```
/// use manifill_yaml::{Events, Kind};
///
/// let mut events = Events::new("a: x\n");
/// let mut scalars = Vec::new();
/// while let Some(event) = events.next()? {
///     if let Kind::Scalar(text, _) = event.kind {
///         scalars.push((text, event.span));
///     }
/// }
/// assert_eq!(scalars, [("a".into(), 0..1), ("x".into(), 3..4)]);
/// # Ok::<(), manifill_yaml::YamlError>(())
/// ```
pub struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
    text: &'a str,
    last: usize,
    documents: usize,
    /// Whether several documents may follow each other.
    is_stream: bool,
}

impl std::fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

impl<'a> Events<'a> {
    /// Reads the one document of `text`; all positions count from its start.
    ///
    /// A block scalar at the end of a text without a last line break has none either, as for Go's
    /// readers and libyaml.
    pub fn new(text: &'a str) -> Self {
        Self::reading(text, false)
    }

    /// Reads `text` as a stream of documents, each of which begins with [`Kind::Document`].
    pub fn stream(text: &'a str) -> Self {
        Self::reading(text, true)
    }

    fn reading(text: &'a str, is_stream: bool) -> Self {
        let options = granit_parser::options! { emit_anchor_events: true, emit_comments: false };
        Self {
            parser: Parser::new_from_str_with_options(text, options),
            text,
            last: 0,
            documents: 0,
            is_stream,
        }
    }

    /// The next event, `None` at the end.
    ///
    /// # Errors
    /// Text that is not YAML, or is nested too deeply.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Event<'a>>, YamlError> {
        loop {
            // What the parser gives is large: it is looked at where it lies, and only what an event
            // keeps is taken out of it.
            let mut given = self.parser.next_event();
            let (raw, place) = match &mut given {
                None => return Ok(None),
                Some(Ok((raw, place))) => (raw, &*place),
                Some(Err(error)) => return Err(self.mistake(error)),
            };
            let mut span = place.byte_range().unwrap_or(self.last..self.last);
            let mut anchored = false;
            let mut found = (Tag::None, None);
            let kind = match raw {
                Raw::Scalar(value, style, anchor, tag) => {
                    anchored = *anchor != 0;
                    found = read_tag(tag.as_deref());
                    let style = match style {
                        ScalarStyle::SingleQuoted => Style::SingleQuoted,
                        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                        ScalarStyle::Literal => Style::Literal,
                        ScalarStyle::Folded => Style::Folded,
                        _ => Style::Plain,
                    };
                    let indentation = place.indent.unwrap_or(0);
                    let value = std::mem::take(value);
                    Kind::Scalar(self.correct(value, style, indentation, &mut span), style)
                }
                Raw::Alias(target) => Kind::Alias(*target),
                Raw::SequenceStart(_, anchor, tag) => {
                    anchored = *anchor != 0;
                    found = read_tag(tag.as_deref());
                    Kind::List
                }
                Raw::MappingStart(_, anchor, tag) => {
                    anchored = *anchor != 0;
                    found = read_tag(tag.as_deref());
                    Kind::Map
                }
                Raw::SequenceEnd => Kind::ListEnd,
                Raw::MappingEnd => Kind::MapEnd,
                Raw::DocumentStart(..) if self.is_stream => Kind::Document,
                Raw::DocumentStart(..) => {
                    self.documents += 1;
                    if self.documents > 1 {
                        return Err(YamlError::new(
                            YamlErrorKind::Syntax,
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
            let mut anchor = None;
            let before = self.last;
            // Block scalars without text have a place nevertheless: behind their header.
            let block = matches!(&kind, Kind::Scalar(_, style) if style.is_block());
            let mut props: Option<usize> = None;
            if anchored || place.tag_start.is_some() {
                let given = if anchored { self.anchor()? } else { None };
                let tag_at = place.tag_span().and_then(|tag| tag.byte_range());
                let anchor_at = given.as_ref().map(|(_, _, at)| at);
                for at in anchor_at.into_iter().chain(tag_at.as_ref()) {
                    self.reach(at, block);
                    props = Some(props.map_or(at.start, |first| first.min(at.start)));
                }
                anchor = given.map(|(id, name, _)| (id, name));
            }
            self.reach(&span, block);
            return Ok(Some(Event {
                kind,
                before,
                props,
                anchor,
                span,
                tag: found.0,
                tag_name: found.1,
            }));
        }
    }

    /// Moves the end of what was read behind a token, unless it is empty and not a block scalar's.
    fn reach(&mut self, token: &Span, block: bool) {
        if !token.is_empty() || block {
            self.last = self.last.max(token.end);
        }
    }

    #[cold]
    fn mistake(&self, error: &granit_parser::ScanError) -> YamlError {
        let offset = error.marker().byte_offset().unwrap_or(self.last);
        let unclosed = syntax::unclosed_quote(error.kind(), self.text, offset, self.last);
        let (offset, told) = match unclosed {
            Some(quote) => (quote, &granit_parser::ErrorKind::UnclosedQuotedScalar),
            None => (syntax::place(error.kind(), self.text, offset), error.kind()),
        };
        let kind = match error.kind() {
            granit_parser::ErrorKind::RecursionLimitExceeded => YamlErrorKind::Limit,
            _ => YamlErrorKind::Syntax,
        };
        YamlError {
            kind,
            message: syntax::message(told),
            offset,
            hint: syntax::hint(told, self.text, offset),
        }
    }

    /// The parser gives an anchor directly after its node.
    fn anchor(&mut self) -> Result<Option<(usize, Cow<'a, str>, Span)>, YamlError> {
        match self.parser.next_event() {
            Some(Ok((Raw::Anchor(id, name), span))) => {
                Ok(span.byte_range().map(|at| (id, name, at)))
            }
            Some(Err(error)) => Err(self.mistake(&error)),
            _ => Err(YamlError::new(
                YamlErrorKind::Internal,
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
        let unfinished =
            !self.is_stream && span.end == self.text.len() && tail.len() > blanks.min(indentation);
        match value {
            Cow::Owned(mut value) if unfinished && value.ends_with('\n') => {
                value.pop();
                Cow::Owned(value)
            }
            value => value,
        }
    }
}

/// The tag, and the name of one that nothing here knows.
fn read_tag(tag: Option<&granit_parser::Tag>) -> (Tag, Option<Box<(String, String)>>) {
    let Some(tag) = tag else {
        return (Tag::None, None);
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
    let name = matches!(known, Tag::Rare | Tag::Other).then(|| {
        let (handle, suffix) = tag.parts();
        Box::new((handle.to_owned(), suffix.to_owned()))
    });
    (known, name)
}
