//! Scalars: what is kept of each, and how it is shown.

use crate::Span;
use crate::chars::skip_blanks;
use crate::read::fingerprint::hash_scalar;
use manifill_yaml::line_end;
use manifill_yaml::{Style, Tag};
use smallvec::SmallVec;

/// A value of a map or list that the caller asked to keep.
#[derive(Debug, Clone)]
pub struct Scalar<'a> {
    /// Its bytes: with the quotes, or from the header of a block scalar to its last line, without
    /// anchor and tag.
    pub span: Span,
    /// How it is written.
    pub style: Style,
    /// What it says.
    pub value: &'a str,
    /// The object it belongs to, by number; an anchored scalar belongs to the object that holds
    /// the anchor.
    pub resource: usize,
    /// Whether it can be removed, and with it what.
    pub removable: Removable,
    /// Whether an alias stands for it somewhere else.
    pub aliased: bool,
    pub(crate) event: u32,
    pub(crate) tag: Tag,
    /// The hash of its anchor and tag.
    pub(crate) props: u64,
}

impl Scalar<'_> {
    /// For plain text that is followed by a blank and `#` on the same line: the comment, which
    /// may have been meant as text.
    pub fn comment_after(&self, source: &str) -> Option<Span> {
        if self.style != Style::Plain {
            return None;
        }
        let start = skip_blanks(source, self.span.end);
        (start > self.span.end && source.as_bytes().get(start) == Some(&b'#'))
            .then(|| start..line_end(source, start))
    }

    /// The type that the tag before it asks for, as YAML calls it: `str`, `int`, `float`, `bool`,
    /// `null`, `seq` or `map`.
    ///
    /// ```
    /// use manifill_manifest::{Document, ParseOptions};
    ///
    /// let source = "kind: A\na: !!int <x>\nb: <y>\n";
    /// let keep = |_: &_, value: &str| value.contains('<');
    /// let document = Document::parse(source, 0..source.len(), &ParseOptions::default(), keep)?;
    /// let types: Vec<_> = document.scalars(source).map(|one| one.tagged_type()).collect();
    /// assert_eq!(types, [Some("int"), None]);
    /// # Ok::<(), manifill_manifest::ManifestError>(())
    /// ```
    pub fn tagged_type(&self) -> Option<&'static str> {
        Some(match self.tag {
            Tag::Str => "str",
            Tag::Int => "int",
            Tag::Float => "float",
            Tag::Bool => "bool",
            Tag::Null => "null",
            Tag::List => "seq",
            Tag::Map => "map",
            _ => return None,
        })
    }

    pub(crate) fn hash(&self) -> u64 {
        hash_scalar(self.value, self.style == Style::Plain, self.props)
    }
}

/// What holds a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Removable {
    /// A map: [`Replacement::Remove`](crate::Replacement::Remove) takes the whole entry away.
    MapValue,
    /// A list, whose elements cannot be removed (AVP rule 23).
    ListItem,
    /// Nothing: it is the document.
    Root,
}

impl Removable {
    /// A stable word for reports, such as `map-value`.
    pub fn as_str(self) -> &'static str {
        match self {
            Removable::MapValue => "map-value",
            Removable::ListItem => "list-item",
            Removable::Root => "root",
        }
    }
}

/// The scalars of a document. There can be very many, of very many documents: what most of them
/// lack is kept elsewhere, and the only scalar of a document needs no list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scalars {
    all: SmallVec<[PackedScalar; 1]>,
    extras: Box<[Extras]>,
}

/// A scalar; positions count from the document's start.
#[derive(Debug, Clone)]
struct PackedScalar {
    start: u32,
    stop: u32,
    event: u32,
    resource: u32,
    /// One more than the index in [`Scalars::extras`], or 0.
    more: u32,
    style: Style,
    tag: Tag,
    removable: Removable,
    aliased: bool,
}

const _: () = assert!(size_of::<PackedScalar>() <= 24);

/// What few scalars have.
#[derive(Debug, Clone)]
struct Extras {
    /// The text, if it is not what is written.
    text: Option<Box<str>>,
    props: u64,
}

impl Scalars {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// A scalar of the document that begins at `base` of the source.
    pub(crate) fn get<'a>(
        &'a self,
        number: usize,
        source: &'a str,
        base: usize,
    ) -> Option<Scalar<'a>> {
        let record = self.all.get(number)?;
        let span = base + record.start as usize..base + record.stop as usize;
        let more = (record.more as usize)
            .checked_sub(1)
            .and_then(|more| self.extras.get(more));
        let text = more.and_then(|more| more.text.as_deref());
        Some(Scalar {
            value: text.unwrap_or_else(|| written(source, span.clone(), record.style)),
            span,
            style: record.style,
            resource: record.resource as usize,
            removable: record.removable,
            aliased: record.aliased,
            event: record.event,
            tag: record.tag,
            props: more.map_or(0, |more| more.props),
        })
    }
}

/// Collects the scalars of a document.
#[derive(Default)]
pub(crate) struct Collector {
    all: SmallVec<[PackedScalar; 1]>,
    extras: Vec<Extras>,
}

impl Collector {
    /// Collects up to this many scalars without moving those it has.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.all.reserve_exact(count);
    }

    /// Adds the next scalar, whose positions count from the start of its document, with its text
    /// if that is not what is written.
    pub(crate) fn push(&mut self, scalar: &Scalar<'_>, text: Option<Box<str>>) {
        let mut more = 0;
        if text.is_some() || scalar.props != 0 {
            self.extras.push(Extras {
                text,
                props: scalar.props,
            });
            more = self.extras.len() as u32;
        }
        self.all.push(PackedScalar {
            start: scalar.span.start as u32,
            stop: scalar.span.end as u32,
            event: scalar.event,
            resource: scalar.resource as u32,
            more,
            style: scalar.style,
            tag: scalar.tag,
            removable: scalar.removable,
            aliased: scalar.aliased,
        });
    }

    /// The scalars, without memory in reserve.
    pub(crate) fn finish(mut self) -> Scalars {
        self.all.shrink_to_fit();
        Scalars {
            all: self.all,
            extras: self.extras.into_boxed_slice(),
        }
    }
}

/// The text of a scalar as it stands in the document, without quotes.
pub(crate) fn written(text: &str, span: Span, style: Style) -> &str {
    let inner = match style {
        Style::SingleQuoted | Style::DoubleQuoted => span.start + 1..span.end.saturating_sub(1),
        _ => span,
    };
    text.get(inner).unwrap_or_default()
}
