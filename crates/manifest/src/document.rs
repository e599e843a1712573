//! One document: its objects and the scalars worth looking at.

use crate::Span;
use crate::chars::{line_end, skip_blanks};
use crate::edit::Edit;
use crate::error::{ErrorKind, ManifestError};
use crate::fingerprint::{Fingerprint, hash_scalar};
use crate::parse::{Style, Tag};
use crate::path::{Part, Paths};
use crate::resource::{self, Resource, Resources};
use crate::tree::{Data, Node, Tree};
use crate::{apply, block, raw};
use std::collections::HashMap;
use std::ops::Range;

/// How strictly a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ParseOptions {
    /// Whether a key that a map has twice is an error. Without it the last one wins, as it does
    /// for Kubernetes, and both are kept as they are.
    pub strict: bool,
}

/// A parsed document: its objects, and those scalars that the caller asked to keep.
///
/// It holds no copy of the source; the methods that need the source take it again, and it must be
/// the same text.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) span: Span,
    resources: Vec<Resource>,
    pub(crate) scalars: Vec<Scalar>,
    paths: Paths,
    pub(crate) fingerprint: Fingerprint,
}

/// A value of a map or list that the caller asked to keep.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// Its bytes: with the quotes, or from the header of a block scalar to its last line, without
    /// anchor and tag.
    pub span: Span,
    /// How it is written.
    pub style: Style,
    /// What it says.
    pub value: String,
    /// The object it belongs to, by number; an anchored scalar belongs to the object that holds
    /// the anchor.
    pub resource: usize,
    /// Whether it can be removed, and with it what.
    pub removable: Removable,
    /// Whether an alias stands for it somewhere else.
    pub aliased: bool,
    pub(crate) part: Part,
    pub(crate) parent: u32,
    pub(crate) event: u32,
    pub(crate) tag: Tag,
    pub(crate) props: u64,
}

impl Scalar {
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

    pub(crate) fn hash(&self) -> u64 {
        hash_scalar(&self.value, self.style == Style::Plain, self.props)
    }
}

/// What holds a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Removable {
    /// A map: [`Change::Remove`](crate::Change::Remove) takes the whole entry away.
    MapValue,
    /// A list, whose elements cannot be removed (AVP rule 23).
    ListItem,
    /// Nothing: it is the document.
    Root,
}

impl Document {
    /// Parses the document at `span` of `source`.
    ///
    /// `keep` is asked about every value of a map or list, at any depth, whether to keep it; it
    /// gets the object the value belongs to and the decoded text. Keys are never asked about, nor
    /// are aliases: the text stands where the anchor is.
    ///
    /// ```
    /// use manifill_manifest::{Change, Document, Edit, Fill, ParseOptions};
    ///
    /// let source = "kind: Secret\nstringData: {key: <password>} # mine\n";
    /// let options = ParseOptions::default();
    /// let document = Document::parse(source, 0..source.len(), &options, |resource, value| {
    ///     resource.kind == "Secret" && value.contains('<')
    /// })?;
    /// assert_eq!(document.field_path(source, 0), "stringData.key");
    ///
    /// let fill = Fill { range: 0..10, text: "it's".into() };
    /// let edit = Edit { scalar: 0, change: Change::Fill(vec![fill]) };
    /// assert_eq!(
    ///     document.apply(source, &[edit])?,
    ///     "kind: Secret\nstringData: {key: \"it's\"} # mine\n"
    /// );
    /// # Ok::<(), manifill_manifest::ManifestError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Text that is not YAML, a document without `kind`, limits of nesting and merging, and with
    /// [`ParseOptions::strict`] duplicate keys.
    pub fn parse(
        source: &str,
        span: Span,
        options: &ParseOptions,
        keep: impl Fn(&Resource, &str) -> bool,
    ) -> Result<Self, ManifestError> {
        let text = slice(source, &span)?;
        let base = span.start;
        Self::read(text, span, options, resource::read, keep).map_err(|error| error.shifted(base))
    }

    /// [`Document::parse`] for YAML that need not be a manifest, such as the values of a Helm
    /// chart: a document without `kind` is one object whose kind is empty.
    ///
    /// ```
    /// use manifill_manifest::{Document, ParseOptions};
    ///
    /// let source = "image: nginx # pinned\n";
    /// let options = ParseOptions::default();
    /// assert!(Document::parse(source, 0..source.len(), &options, |_, _| true).is_err());
    /// let document = Document::parse_any(source, 0..source.len(), &options, |_, _| true)?;
    /// assert_eq!(document.scalars()[0].value, "nginx");
    /// assert_eq!(document.resources()[0].kind, "");
    /// # Ok::<(), manifill_manifest::ManifestError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Document::parse`], but for the missing `kind`.
    pub fn parse_any(
        source: &str,
        span: Span,
        options: &ParseOptions,
        keep: impl Fn(&Resource, &str) -> bool,
    ) -> Result<Self, ManifestError> {
        let text = slice(source, &span)?;
        let base = span.start;
        Self::read(text, span, options, resource::read_any, keep)
            .map_err(|error| error.shifted(base))
    }

    fn read(
        text: &str,
        span: Span,
        options: &ParseOptions,
        objects: fn(&Tree<'_>, usize) -> Result<Resources, ManifestError>,
        keep: impl Fn(&Resource, &str) -> bool,
    ) -> Result<Self, ManifestError> {
        let tree = Tree::parse(text)?;
        let resources = objects(&tree, span.start)?;
        if options.strict {
            refuse_duplicates(&tree)?;
        }
        let mut document = Self {
            fingerprint: tree.fingerprint,
            span,
            resources: resources.found,
            scalars: Vec::new(),
            paths: Paths::default(),
        };
        document.collect(text, &tree, &resources.ranges, keep);
        document.shrink();
        Ok(document)
    }

    /// The objects of the document: itself, then the items of a `kind: List` at any depth.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Drops the annotations of the objects, which nothing but steering needs: a caller that
    /// keeps many documents has no use for their memory.
    pub fn without_annotations(mut self) -> Self {
        for resource in &mut self.resources {
            resource.annotations = Vec::new();
            resource.odd_annotations = Vec::new();
        }
        self
    }

    /// The scalars that were kept, in source order.
    pub fn scalars(&self) -> &[Scalar] {
        &self.scalars
    }

    /// The bytes of the document in its source.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// The path of a scalar: `stringData.apiKey`, `spec.containers[0].env[2].value`, and
    /// `data["a.b"]` for keys that are not plain words. Empty for the document itself.
    pub fn field_path(&self, source: &str, scalar: usize) -> String {
        match self.scalars.get(scalar) {
            Some(scalar) => {
                let text = source.get(self.span.clone()).unwrap_or_default();
                self.paths.write(text, scalar.parent, &scalar.part)
            }
            None => String::new(),
        }
    }

    /// The byte of the source at which a byte of a scalar's decoded value is written.
    ///
    /// Exact for plain, quoted and literal text, through escapes and indentation; where lines
    /// were folded, exact for everything but blanks.
    pub fn locate(&self, source: &str, scalar: usize, offset: usize) -> usize {
        self.locate_all(source, scalar, &[offset])
            .first()
            .copied()
            .unwrap_or(self.span.start)
    }

    /// [`Document::locate`] for many ascending offsets of one scalar, in one pass.
    pub fn locate_all(&self, source: &str, scalar: usize, offsets: &[usize]) -> Vec<usize> {
        match self.scalars.get(scalar) {
            Some(scalar) => raw::locate(source, scalar, offsets),
            None => vec![self.span.start; offsets.len()],
        }
    }

    /// Makes all `edits` and returns the new text of the document.
    ///
    /// Bytes outside the touched scalars (and, for [`Change::Remove`](crate::Change::Remove),
    /// outside the removed entries) stay as they are. The result is parsed again and compared with
    /// what was intended before it is returned.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LineSeparator`], [`ErrorKind::AliasedAnchor`] and
    /// [`ErrorKind::NotRemovable`] for documents and entries that cannot be edited safely;
    /// [`ErrorKind::Type`] for a value that is not what the tag before it says;
    /// [`ErrorKind::Internal`] for edits that do not fit the document (ranges that overlap or lie
    /// outside the value, [`Change::Typed`](crate::Change::Typed) text that is not one line of JSON)
    /// and if the result does not read back.
    pub fn apply(&self, source: &str, edits: &[Edit]) -> Result<String, ManifestError> {
        let text = slice(source, &self.span)?;
        apply::apply(self, source, text, edits)
    }

    /// Gives back what the lists hold in reserve: a caller may keep very many small documents.
    fn shrink(&mut self) {
        self.scalars.shrink_to_fit();
        self.paths.shrink();
        self.resources.shrink_to_fit();
        for resource in &mut self.resources {
            resource.annotations.shrink_to_fit();
            resource.odd_annotations.shrink_to_fit();
        }
    }

    fn collect(
        &mut self,
        text: &str,
        tree: &Tree<'_>,
        ranges: &[(Range<u32>, usize)],
        keep: impl Fn(&Resource, &str) -> bool,
    ) {
        let mut open: Vec<Frame> = Vec::new();
        let mut inside: Vec<(u32, usize)> = Vec::new();
        let mut ranges = ranges.iter().peekable();
        let mut at = 0;
        while let Some(node) = tree.nodes.get(at as usize) {
            while open.last().is_some_and(|frame| frame.end <= at) {
                open.pop();
            }
            while inside.last().is_some_and(|(end, _)| *end <= at) {
                inside.pop();
            }
            while let Some((range, number)) = ranges.next_if(|(range, _)| range.start <= at) {
                inside.push((range.end, *number));
            }
            let part = match open.last_mut() {
                None => Part::Root,
                Some(frame) if frame.is_map => {
                    if frame.key.is_none() {
                        frame.key = Some(at);
                        at = node.next;
                        continue;
                    }
                    let key = frame
                        .key
                        .take()
                        .and_then(|key| tree.nodes.get(key as usize));
                    let span = key.map_or(0..0, Node::span);
                    Part::Key(span.start as u32, span.end as u32)
                }
                Some(frame) => {
                    frame.count += 1;
                    Part::Item(frame.count - 1)
                }
            };
            match &node.data {
                Data::List | Data::Map => open.push(Frame {
                    end: node.next,
                    is_map: matches!(node.data, Data::Map),
                    key: None,
                    count: 0,
                    part,
                    step: None,
                }),
                Data::Alias(_) => {}
                Data::Scalar(value, style) => {
                    let resource = inside.last().map_or(0, |(_, number)| *number);
                    if keep(&self.resources[resource], value) {
                        let removable = match open.last() {
                            None => Removable::Root,
                            Some(frame) if frame.is_map => Removable::MapValue,
                            Some(_) => Removable::ListItem,
                        };
                        let parent = self.paths.enter(&mut open);
                        let span = whole_span(text, node, *style);
                        self.scalars.push(Scalar {
                            span: shift(span, self.span.start),
                            style: *style,
                            value: value.as_ref().to_owned(),
                            resource,
                            removable,
                            aliased: tree.aliased.contains(&at),
                            part,
                            parent,
                            event: node.event,
                            tag: node.tag,
                            props: tree.props(node),
                        });
                    }
                }
            }
            at += 1;
        }
    }
}

/// A collection that the walk over the nodes is inside of.
pub(crate) struct Frame {
    end: u32,
    is_map: bool,
    key: Option<u32>,
    count: u32,
    pub(crate) part: Part,
    /// Its entry in [`Paths`], once a kept scalar needs it.
    pub(crate) step: Option<u32>,
}

fn slice<'a>(source: &'a str, span: &Span) -> Result<&'a str, ManifestError> {
    source
        .get(span.clone())
        .ok_or_else(|| ManifestError::internal("the source is not the one that was split", 0))
}

fn shift(span: Span, by: usize) -> Span {
    span.start + by..span.end + by
}

/// The span of a scalar, block scalars with their header.
fn whole_span(text: &str, node: &Node<'_>, style: Style) -> Span {
    let span = node.span();
    if !style.is_block() {
        return span;
    }
    let header = block::find_header(text, node.before as usize, span.start);
    header..span.end
}

/// Refuses maps that have a key twice; `a` and `"a"` are the same key.
fn refuse_duplicates(tree: &Tree<'_>) -> Result<(), ManifestError> {
    for (at, node) in tree.nodes.iter().enumerate() {
        if !matches!(node.data, Data::Map) {
            continue;
        }
        let mut seen = HashMap::new();
        for key in tree.children(at as u32).step_by(2) {
            let Some(name) = tree.text(key).filter(|_| !tree.is_merge(key)) else {
                continue;
            };
            let offset = tree.nodes[key as usize].span().start;
            if let Some(first) = seen.insert(name, offset) {
                return Err(ManifestError::new(
                    ErrorKind::DuplicateKey,
                    "this map has a key twice:",
                    offset,
                )
                .with_name(name)
                .with_other(first));
            }
        }
    }
    Ok(())
}
