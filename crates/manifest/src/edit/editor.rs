//! Makes changes one behind the other and checks the result by parsing it.

use crate::chars;
use crate::edit::edits::{Replacement, TextEdits};
use crate::edit::output::Output;
use crate::edit::remove::{self, Removals};
use crate::edit::scalar_index::ScalarIndex;
use crate::edit::write;
use crate::error::{ManifestError, ManifestErrorKind};
use crate::read::fingerprint::{Fingerprint, Sum, hash_event, hash_scalar};
use crate::read::json::is_value;
use crate::read::scalar::{Removable, Scalar};
use crate::read::split::readable;
use manifill_yaml::{Event, Events, Kind, Style, Tag};
use std::fmt;

const MISMATCH: &str = "the edit did not read back; nothing was written";

/// Makes the changes of one document.
///
/// What is written goes straight to the new text; of a change that is made nothing is kept. The
/// text can hold secrets, so `Debug` does not show it.
pub struct Editor<'d> {
    index: &'d ScalarIndex,
    out: Output<'d>,
    /// Where the document begins in the new text.
    start: usize,
    /// What the new text must read as, but for the changes that are still to come.
    expected: Fingerprint,
    /// Changes that make more or fewer events of the document. All positions behind them change,
    /// so they are made, and checked, when the others are: JSON that fills parts of the new text,
    /// with the events of the scalars that stand there, and the events whose entries go away.
    typed: TextEdits,
    typed_events: Vec<u32>,
    removed: Vec<u32>,
    /// Where the first scalar that was changed stands.
    first: Option<usize>,
    /// The first scalar that can still be changed.
    next: usize,
    failed: Option<ManifestError>,
}

impl fmt::Debug for Editor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Editor")
            .field("document", &self.index.span())
            .finish_non_exhaustive()
    }
}

impl<'d> Editor<'d> {
    pub(crate) fn new(index: &'d ScalarIndex, source: &'d str, text: String) -> Self {
        Self {
            index,
            start: text.len(),
            out: Output {
                source,
                text,
                copied: index.span().start,
            },
            expected: index.fingerprint,
            typed: TextEdits::new(),
            typed_events: Vec::new(),
            removed: Vec::new(),
            first: None,
            next: 0,
            failed: None,
        }
    }

    /// Changes a scalar. They are changed in their order, each once.
    ///
    /// # Errors
    ///
    /// [`ManifestErrorKind::NotRemovable`] for an entry that cannot be removed; [`ManifestErrorKind::Type`] for a
    /// value that is not what the tag before it says; [`ManifestErrorKind::Internal`] for a change that
    /// does not fit the document. The other scalars can still be tried, for their errors.
    pub fn change(&mut self, number: usize, change: &Replacement) -> Result<(), ManifestError> {
        let made = self.make(number, change);
        if let Err(error) = &made {
            self.failed.get_or_insert_with(|| error.clone());
        }
        made
    }

    fn make(&mut self, number: usize, change: &Replacement) -> Result<(), ManifestError> {
        let source = self.out.source;
        let base = self.index.span().start;
        let scalar = self.index.scalar(source, number).ok_or_else(|| {
            ManifestError::internal("an edit names no scalar of the document", base)
        })?;
        if number < self.next {
            let message = "a scalar has two edits, or they are not in its order";
            return Err(ManifestError::internal(message, scalar.span.start));
        }
        self.next = number + 1;
        self.first.get_or_insert(scalar.span.start);
        match change {
            Replacement::Text(fills) => {
                check_tag(&scalar, None)?;
                let value = write::fill(&mut self.out, &scalar, fills)?;
                self.expect(&scalar, hash_scalar(&value, false, scalar.props));
            }
            Replacement::Bare(fills) => {
                check_tag(&scalar, None)?;
                if let Some(value) = write::fill_bare(&mut self.out, &scalar, fills)? {
                    self.expect(&scalar, hash_scalar(&value, true, scalar.props));
                } else {
                    let value = write::fill(&mut self.out, &scalar, fills)?;
                    self.expect(&scalar, hash_scalar(&value, false, scalar.props));
                }
            }
            Replacement::Json(json) => {
                check_tag(&scalar, Some(json))?;
                let splice = write::whole(source, &scalar, json.clone());
                if let Some(hash) = typed(&scalar, json)? {
                    self.out.splice(&splice)?;
                    self.expect(&scalar, hash);
                } else {
                    self.out.copy(splice.range.start)?;
                    let start = self.out.text.len() - self.start;
                    let range = start..start + splice.range.len();
                    self.typed_events.push(scalar.event);
                    self.typed.push(range, &splice.text);
                }
            }
            Replacement::Remove if scalar.removable == Removable::MapValue => {
                self.removed.push(scalar.event);
            }
            Replacement::Remove => {
                return Err(ManifestError::new(
                    ManifestErrorKind::NotRemovable,
                    "only map entries can be removed, and this is not one",
                    scalar.span.start,
                ));
            }
        }
        Ok(())
    }

    fn expect(&mut self, scalar: &Scalar<'_>, hash: u64) {
        self.expected.replace(scalar.event, scalar.hash(), hash);
    }

    /// The text that was handed over with the new text of the document behind it.
    ///
    /// # Errors
    ///
    /// The first error of a change; [`ManifestErrorKind::LineSeparator`] and [`ManifestErrorKind::AliasedAnchor`]
    /// for documents and entries that cannot be edited safely; [`ManifestErrorKind::Internal`] if the
    /// result does not read back.
    pub fn finish(mut self) -> Result<String, ManifestError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let span = self.index.span();
        self.out.copy(span.end)?;
        let Some(first) = self.first else {
            return Ok(self.out.text);
        };
        let text = &self.out.source[span.clone()];
        if let Some(at) = chars::line_separator(text) {
            return Err(ManifestError::new(
                ManifestErrorKind::LineSeparator,
                "U+0085, U+2028 and U+2029 are line breaks for some YAML readers and text for others",
                span.start + at,
            )
            .with_hint(Some(
                "write it as `\\u2028` (or `\\u0085`, `\\u2029`) in double quotes",
            )));
        }
        // The position of a parser error in the result means nothing to the user.
        let mismatch = || ManifestError::internal(MISMATCH, first);
        let written = &self.out.text[self.start..];
        if self.typed.is_empty() && self.removed.is_empty() {
            let read = Fingerprint::of(written).map_err(|_| mismatch())?;
            return if read == self.expected {
                Ok(self.out.text)
            } else {
                Err(mismatch())
            };
        }
        let removals = self.removals(text, written)?;
        let (read, expected) = self.read(written, &removals).map_err(|_| mismatch())?;
        let finished = self.splice(written, &removals).map_err(|_| mismatch())?;
        let found = Fingerprint::of(&finished).map_err(|_| mismatch())?;
        if read != self.expected || found != expected {
            return Err(mismatch());
        }
        self.out.text.truncate(self.start);
        self.out.text.push_str(&finished);
        Ok(self.out.text)
    }

    /// What to cut from the new text of the document `text`. Its events are still those of the
    /// document, but a filled block above an entry can have another header.
    fn removals(&self, text: &str, written: &str) -> Result<Removals, ManifestError> {
        if self.removed.is_empty() {
            return Ok(Removals::default());
        }
        remove::plan(written, &self.removed).map_err(|error| {
            // What is wrong is told where it stands in the source.
            let found = remove::plan(text, &self.removed).err().unwrap_or(error);
            found.shifted(self.index.span().start)
        })
    }

    /// What the new text reads as now, and as what it must read when all changes are made.
    fn read(
        &self,
        written: &str,
        removals: &Removals,
    ) -> Result<(Fingerprint, Fingerprint), ManifestError> {
        let (mut now, mut then) = (Sum::default(), Sum::default());
        let mut typed = self.typed_events.iter().zip(self.typed.iter()).peekable();
        let mut removed = removals.events.iter().peekable();
        let written = &*readable(written);
        let mut events = Events::new(written);
        let mut position = 0;
        while let Some(event) = events.next()? {
            let hash = hash_event(&event, written);
            now.push(hash);
            while removed.next_if(|range| *range.end() < position).is_some() {}
            let gone = removed
                .peek()
                .is_some_and(|range| range.contains(&position));
            match typed.next_if(|(event, _)| **event == position) {
                _ if gone => {}
                None => then.push(hash),
                Some((_, (_, json))) => push_json(&mut then, &event, json)?,
            }
            position += 1;
        }
        Ok((now.finish(), then.finish()))
    }

    /// Makes the changes in the new text that make more or fewer events.
    fn splice(&self, written: &str, removals: &Removals) -> Result<String, ManifestError> {
        let mut typed = self.typed.iter().peekable();
        let mut out = Output {
            source: written,
            text: String::with_capacity(written.len()),
            copied: 0,
        };
        for cut in &removals.splices {
            while let Some((range, json)) =
                typed.next_if(|(range, _)| range.start < cut.range.start)
            {
                out.replace(&range)?.push_str(json);
            }
            out.splice(cut)?;
        }
        for (range, json) in typed {
            out.replace(&range)?.push_str(json);
        }
        out.copy(written.len())?;
        Ok(out.text)
    }
}

/// Refuses text, or a typed value, where the tag that stands before the scalar says that it is
/// something else: some readers would refuse it, others read another value.
fn check_tag(scalar: &Scalar<'_>, typed: Option<&str>) -> Result<(), ManifestError> {
    let first = typed.and_then(|json| json.bytes().next()).unwrap_or(b'"');
    let is_number = matches!(first, b'-' | b'0'..=b'9');
    let (fits, name) = match scalar.tag {
        // What another program's tag wants is for that program to say.
        Tag::None | Tag::Other => (true, ""),
        // Digits, `true` and `false` are read as text, which was asked for.
        Tag::Str => (!matches!(first, b'{' | b'[' | b'n'), "!!str"),
        Tag::Int => {
            let fraction = typed.is_some_and(|json| json.contains(['.', 'e', 'E']));
            (is_number && !fraction, "!!int")
        }
        Tag::Float => (is_number, "!!float"),
        Tag::Bool => (matches!(first, b't' | b'f'), "!!bool"),
        Tag::Null => (first == b'n', "!!null"),
        Tag::List => (first == b'[', "!!seq"),
        Tag::Map => (first == b'{', "!!map"),
        // A text that is base64 or a date need not be meant as such.
        Tag::Binary => (false, "!!binary"),
        Tag::Timestamp => (false, "!!timestamp"),
        Tag::Merge => (false, "!!merge"),
        // For YAML 1.2 a sign that this is text; libyaml takes it for no tag, quotes or not.
        Tag::Bare => (false, "!"),
        Tag::Rare => (false, "!!…"),
    };
    if fits {
        Ok(())
    } else {
        Err(ManifestError::new(
            ManifestErrorKind::Type,
            "the value is not what its tag says:",
            scalar.span.start,
        )
        .with_name(name)
        .with_hint(Some("leave the tag out; a value has its type without it")))
    }
}

/// Checks that a typed value is one line of JSON; the hash of a scalar, `None` for a collection.
fn typed(scalar: &Scalar<'_>, json: &str) -> Result<Option<u64>, ManifestError> {
    let bad =
        || ManifestError::internal("a typed value is not one line of JSON", scalar.span.start);
    if json.contains(['\n', '\r']) || !is_value(json) {
        return Err(bad());
    }
    let mut events = Events::new(json);
    let first = events.next().map_err(|_| bad())?.ok_or_else(bad)?;
    match first.kind {
        Kind::Scalar(value, style) => match events.next() {
            Ok(None) => Ok(Some(hash_scalar(
                &value,
                style == Style::Plain,
                scalar.props,
            ))),
            _ => Err(bad()),
        },
        _ => Ok(None),
    }
}

/// Adds the events of a JSON text; its first node has the anchor and tag of the scalar.
fn push_json(expected: &mut Sum, place: &Event<'_>, json: &str) -> Result<(), ManifestError> {
    let mut events = Events::new(json);
    let mut first = true;
    while let Some(mut event) = events.next()? {
        if first {
            event.anchor = place.anchor.clone();
            event.tag = place.tag;
            event.tag_name.clone_from(&place.tag_name);
            first = false;
        }
        expected.push(hash_event(&event, json));
    }
    Ok(())
}
