//! One document: its objects and the scalars worth looking at.

use crate::Span;
use crate::edit::edits::Edit;
use crate::edit::scalar_index::ScalarIndex;
use crate::error::ManifestError;
use crate::read::collect::collect;
use crate::read::duplicates::{self, RepeatedKey};
use crate::read::path::{Paths, Step};
use crate::read::resource::{self, AnnotationRules, Resource};
use crate::read::scalar::Scalar;
use crate::read::split::readable;
use crate::read::tree::Tree;

/// How strictly a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
#[must_use]
pub struct ParseOptions {
    /// Whether a key that a map has twice is an error. Without it the last one wins, as it does
    /// for Kubernetes, and both are kept as they are.
    pub strict: bool,
    /// Which annotations the objects show; without any, none.
    pub annotations: AnnotationRules,
    /// How often the text names such an annotation, wherever: if more often than its objects have
    /// them, those are looked for that stand where they do nothing.
    pub mentions: usize,
    /// Keys that hold this character are shown as [`Document::marked_keys`].
    pub key_mark: Option<char>,
}

impl ParseOptions {
    /// The default options.
    pub fn new() -> Self {
        ParseOptions::default()
    }

    /// Sets whether a key that a map has twice is an error.
    pub fn with_strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Sets which character a key holds if it is to be shown.
    pub fn with_key_mark(mut self, mark: Option<char>) -> Self {
        self.key_mark = mark;
        self
    }

    /// Sets how often the text names an annotation.
    pub fn with_mentions(mut self, mentions: usize) -> Self {
        self.mentions = mentions;
        self
    }

    /// Sets which annotations the objects show.
    pub fn with_annotations(mut self, annotations: AnnotationRules) -> Self {
        self.annotations = annotations;
        self
    }
}

/// A parsed document: its objects, and those scalars that the caller asked to keep.
///
/// It holds no copy of the source; the methods that need the source take it again, and it must be
/// the same text.
#[derive(Debug, Clone)]
pub struct Document {
    index: ScalarIndex,
    resources: Vec<Resource>,
    paths: Paths,
    marked_keys: Vec<(usize, Span)>,
    /// Boxed, since hardly any document has one.
    repeated_key: Option<Box<RepeatedKey>>,
}

impl Document {
    /// Parses the document at `span` of `source`.
    ///
    /// `keep` is asked about every value of a map or list, at any depth, whether to keep it; it
    /// gets the object the value belongs to and the decoded text. Keys are never asked about, nor
    /// are aliases: the text stands where the anchor is.
    ///
    /// ```
    /// use manifill_manifest::{Replacement, Document, Edit, TextEdit, ParseOptions};
    ///
    /// let source = "kind: Secret\nstringData: {key: <password>} # mine\n";
    /// let options = ParseOptions::default();
    /// let document = Document::parse(source, 0..source.len(), &options, |resource, value| {
    ///     resource.kind == "Secret" && value.contains('<')
    /// })?;
    /// assert_eq!(document.field_path(source, 0), "stringData.key");
    ///
    /// let fill = TextEdit { range: 0..10, text: "it's".into() };
    /// let edit = Edit { scalar: 0, change: Replacement::Text([fill].into_iter().collect()) };
    /// assert_eq!(
    ///     document.apply(source, &[edit])?,
    ///     "kind: Secret\nstringData: {key: \"it's\"} # mine\n"
    /// );
    /// # Ok::<(), manifill_manifest::ManifestError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Text that is not YAML, a line that begins with `---` and goes on, a document without `kind`
    /// or with a second `kind` or `apiVersion` at its top, limits of nesting and merging, and with
    /// [`ParseOptions::strict`] duplicate keys.
    pub fn parse(
        source: &str,
        span: Span,
        options: &ParseOptions,
        keep: impl Fn(&Resource, &str) -> bool,
    ) -> Result<Self, ManifestError> {
        let text = slice(source, &span)?;
        let base = span.start;
        Self::read(text, span, options, true, keep)
            // What comes of a line such as `---x` can be any mistake.
            .map_err(|error| duplicates::glued(text).unwrap_or(error).shifted(base))
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
    /// assert_eq!(document.scalar(source, 0).unwrap().value, "nginx");
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
        Self::read(text, span, options, false, keep).map_err(|error| error.shifted(base))
    }

    fn read(
        text: &str,
        span: Span,
        options: &ParseOptions,
        is_manifest: bool,
        keep: impl Fn(&Resource, &str) -> bool,
    ) -> Result<Self, ManifestError> {
        let readable = readable(text);
        let tree = Tree::parse_readable(&readable, text.len())
            .map_err(|error| error.within(text.len()))?;
        let repeated_key = duplicates::find(&tree, is_manifest)?;
        let objects = if is_manifest {
            resource::read
        } else {
            resource::read_any
        };
        let mut resources = objects(&tree, span.start, &options.annotations)?;
        if options.mentions > resources.own_annotations() {
            resources.find_strays(&tree, span.start, &options.annotations)?;
        }
        if options.strict {
            if let Some(key) = repeated_key {
                return Err(key.refused("this map has a key twice:"));
            }
        }
        let mut paths = Paths::default();
        let fingerprint = tree.fingerprint;
        let mut marked_keys = Vec::new();
        let mark = options.key_mark.map(|mark| (mark, &mut marked_keys));
        let scalars = collect(text, tree, &resources, &mut paths, keep, mark);
        for (_, key) in &mut marked_keys {
            *key = span.start + key.start..span.start + key.end;
        }
        paths.shrink();
        Ok(Self {
            index: ScalarIndex {
                start: span.start,
                // A longer text has no tree.
                length: text.len() as u32,
                fingerprint,
                scalars: scalars.finish(),
            },
            resources: resources.found,
            paths,
            marked_keys,
            repeated_key: repeated_key.map(|key| Box::new(key.shifted(span.start))),
        })
    }

    /// The objects of the document: itself, then the items of a `kind: List` at any depth.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Where the keys stand that hold the character of [`ParseOptions::key_mark`], each with the
    /// number of its object.
    pub fn marked_keys(&self) -> &[(usize, Span)] {
        &self.marked_keys
    }

    /// The first key that a map has more than once; the last of its values counts.
    ///
    /// ```
    /// use manifill_manifest::{Document, ParseOptions};
    ///
    /// let source = "kind: A\ndata: {a: 1, \"a\": 2}\n";
    /// let options = ParseOptions::default();
    /// let document = Document::parse(source, 0..source.len(), &options, |_, _| false)?;
    /// let key = document.repeated_key().unwrap();
    /// assert_eq!((key.name.as_str(), key.first, key.offset, key.others), ("a", 15, 21, 0));
    /// # Ok::<(), manifill_manifest::ManifestError>(())
    /// ```
    pub fn repeated_key(&self) -> Option<&RepeatedKey> {
        self.repeated_key.as_deref()
    }

    /// What editing the document needs.
    pub fn as_index(&self) -> &ScalarIndex {
        &self.index
    }

    /// What editing the document needs, and nothing else: a caller that keeps many documents has
    /// no use for the memory of the rest.
    pub fn into_index(self) -> ScalarIndex {
        self.index
    }

    /// How many scalars were kept.
    pub fn scalar_count(&self) -> usize {
        self.index.scalars.len()
    }

    /// A kept scalar by its number.
    pub fn scalar<'a>(&'a self, source: &'a str, number: usize) -> Option<Scalar<'a>> {
        self.index.scalar(source, number)
    }

    /// The scalars that were kept, in source order.
    pub fn scalars<'a>(&'a self, source: &'a str) -> impl DoubleEndedIterator<Item = Scalar<'a>> {
        (0..self.scalar_count()).filter_map(move |number| self.scalar(source, number))
    }

    /// The bytes of the document in its source.
    pub fn span(&self) -> Span {
        self.index.span()
    }

    /// The path of a scalar: `stringData.apiKey`, `spec.containers[0].env[2].value`, and
    /// `data["a.b"]` for keys that are not plain words. Empty for the document itself.
    pub fn field_path(&self, source: &str, scalar: usize) -> String {
        self.paths.write(self.text(source), scalar)
    }

    /// The steps from a scalar up to its object, the last one first.
    ///
    /// ```
    /// use manifill_manifest::{Document, ParseOptions, Step};
    ///
    /// let source = "kind: List\nitems:\n  - kind: A\n    \"data\":\n      a: [x]\n";
    /// let options = ParseOptions::default();
    /// let document = Document::parse(source, 0..source.len(), &options, |_, value| value == "x")?;
    /// let steps: Vec<Step<'_>> = document.steps(source, 0).collect();
    /// assert_eq!(steps, [Step::Item, Step::Key("a".into()), Step::Key("data".into())]);
    /// # Ok::<(), manifill_manifest::ManifestError>(())
    /// ```
    pub fn steps<'s>(
        &'s self,
        source: &'s str,
        scalar: usize,
    ) -> impl Iterator<Item = Step<'s>> + 's {
        let up = || self.paths.up(self.text(source), scalar);
        let within = match self.resources.as_slice() {
            [_] => usize::MAX,
            resources => {
                let found = self.scalar(source, scalar);
                // Each List that the object is an item of has the two steps `items` and `[n]`.
                let list = |resource: usize| resources.get(resource)?.list;
                let first = found.and_then(|found| list(found.resource));
                let lists = std::iter::successors(first, |&above| list(above)).count();
                match lists {
                    0 => usize::MAX,
                    lists => up().count().saturating_sub(2 * lists),
                }
            }
        };
        up().take(within)
    }

    fn text<'s>(&self, source: &'s str) -> &'s str {
        source.get(self.span()).unwrap_or_default()
    }

    /// The byte of the source at which a byte of a scalar's decoded value is written.
    ///
    /// Exact for plain, quoted and literal text, through escapes and indentation; where lines
    /// were folded, exact for everything but blanks.
    pub fn locate(&self, source: &str, scalar: usize, offset: usize) -> usize {
        self.locate_all(source, scalar, &[offset])
            .first()
            .copied()
            .unwrap_or(self.index.start)
    }

    /// [`Document::locate`] for many ascending offsets of one scalar, in one pass.
    pub fn locate_all(&self, source: &str, scalar: usize, offsets: &[usize]) -> Vec<usize> {
        self.index.locate_all(source, scalar, offsets)
    }

    /// Makes all `edits` and returns the new text of the document.
    ///
    /// Bytes outside the touched scalars (and, for [`Replacement::Remove`](crate::Replacement::Remove),
    /// outside the removed entries) stay as they are. The result is parsed again and compared with
    /// what was intended before it is returned.
    ///
    /// # Errors
    ///
    /// [`ManifestErrorKind::LineSeparator`](crate::ManifestErrorKind::LineSeparator), [`ManifestErrorKind::AliasedAnchor`](crate::ManifestErrorKind::AliasedAnchor) and
    /// [`ManifestErrorKind::NotRemovable`](crate::ManifestErrorKind::NotRemovable) for documents and entries that cannot be edited safely;
    /// [`ManifestErrorKind::Type`](crate::ManifestErrorKind::Type) for a value that is not what the tag before it says;
    /// [`ManifestErrorKind::Internal`](crate::ManifestErrorKind::Internal) for edits that do not fit the document (ranges that overlap or lie
    /// outside the value, [`Replacement::Json`](crate::Replacement::Json) text that is not one line of JSON)
    /// and if the result does not read back.
    pub fn apply(&self, source: &str, edits: &[Edit]) -> Result<String, ManifestError> {
        let text = slice(source, &self.span())?;
        let mut edits: Vec<&Edit> = edits.iter().collect();
        edits.sort_by_key(|edit| edit.scalar);
        let mut editor = self.index.edit(source, String::with_capacity(text.len()));
        for edit in edits {
            editor.change(edit.scalar, &edit.change)?;
        }
        editor.finish()
    }
}

fn slice<'a>(source: &'a str, span: &Span) -> Result<&'a str, ManifestError> {
    source
        .get(span.clone())
        .ok_or_else(|| ManifestError::internal("the source is not the one that was split", 0))
}
