//! Makes edits and checks the result by parsing it.

use crate::document::{Document, Removable, Scalar};
use crate::edit::{Change, Edit};
use crate::error::{ErrorKind, ManifestError};
use crate::fingerprint::{Fingerprint, hash_event, hash_scalar};
use crate::json::is_value;
use crate::parse::{Event, Events, Kind, Style, Tag};
use crate::remove::Removals;
use crate::write::{self, Splice};
use crate::{chars, remove};
use std::collections::{HashMap, HashSet};

const MISMATCH: &str = "the edit did not read back; nothing was written";

/// What stands in a scalar's place afterwards, for the check.
enum Outcome {
    /// One scalar with this hash.
    Scalar(u64),
    /// The events of this JSON text.
    Json(String),
}

pub(crate) fn apply(
    document: &Document,
    source: &str,
    text: &str,
    edits: &[Edit],
) -> Result<String, ManifestError> {
    let Some(first) = edits.first() else {
        return Ok(text.to_owned());
    };
    let base = document.span().start;
    if let Some(at) = chars::line_separator(text) {
        return Err(ManifestError::new(
            ErrorKind::LineSeparator,
            "U+0085, U+2028 and U+2029 are line breaks for some YAML readers and text for others",
            base + at,
        )
        .with_hint(Some(
            "write it as `\\u2028` (or `\\u0085`, `\\u2029`) in double quotes",
        )));
    }
    // While every edit is a fill no event changes its position, and what is expected can be
    // reckoned on the way.
    let simple = edits
        .iter()
        .all(|edit| matches!(edit.change, Change::Fill(_)));
    let mut expected = document.fingerprint;
    let mut splices = Vec::with_capacity(edits.len());
    let mut outcomes = HashMap::new();
    let mut removed = HashSet::new();
    for edit in edits {
        let scalar = scalar(document, edit.scalar)?;
        let outcome = match &edit.change {
            Change::Fill(fills) => {
                check_tag(scalar, None)?;
                let written = write::fill(source, scalar, fills)?;
                splices.extend(written.splices);
                let hash = hash_scalar(&written.value, false, scalar.props);
                if simple {
                    expected.replace(scalar.event, scalar.hash(), hash);
                    continue;
                }
                Outcome::Scalar(hash)
            }
            Change::Typed(json) => {
                check_tag(scalar, Some(json))?;
                splices.push(write::whole(source, scalar, json.clone()));
                typed(scalar, json)?
            }
            Change::Remove => {
                if scalar.removable != Removable::MapValue {
                    return Err(ManifestError::new(
                        ErrorKind::NotRemovable,
                        "only map entries can be removed, and this is not one",
                        scalar.span.start,
                    ));
                }
                removed.insert(scalar.event);
                continue;
            }
        };
        if outcomes.insert(scalar.event, (outcome, scalar)).is_some() {
            return Err(twice(scalar));
        }
    }
    let removals = match removed.is_empty() {
        true => Removals::default(),
        false => remove::plan(text, &removed).map_err(|error| error.shifted(base))?,
    };
    if let Some((_, scalar)) = outcomes
        .values()
        .find(|(_, scalar)| removed.contains(&scalar.event))
    {
        return Err(twice(scalar));
    }
    splices.extend(removals.splices.into_iter().map(|splice| Splice {
        range: base + splice.range.start..base + splice.range.end,
        text: splice.text,
    }));
    let result = splice(source, text, base, splices)
        .ok_or_else(|| ManifestError::internal("edits overlap", base))?;
    if !simple {
        expected = expect(text, &outcomes, &removals.events)?;
    }
    // The position of a parser error in the result means nothing to the user.
    let at = document
        .scalars
        .get(first.scalar)
        .map_or(base, |one| one.span.start);
    match Fingerprint::of(&result) {
        Ok(found) if found == expected => Ok(result),
        _ => Err(ManifestError::internal(MISMATCH, at)),
    }
}

fn scalar(document: &Document, number: usize) -> Result<&Scalar, ManifestError> {
    document.scalars.get(number).ok_or_else(|| {
        ManifestError::internal(
            "an edit names no scalar of the document",
            document.span.start,
        )
    })
}

fn twice(scalar: &Scalar) -> ManifestError {
    ManifestError::internal("a scalar has two edits", scalar.span.start)
}

/// Refuses text, or a typed value, where the tag that stands before the scalar says that it is
/// something else: some readers would refuse it, others read another value.
fn check_tag(scalar: &Scalar, typed: Option<&str>) -> Result<(), ManifestError> {
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
    match fits {
        true => Ok(()),
        false => Err(ManifestError::new(
            ErrorKind::Type,
            "the value is not what its tag says:",
            scalar.span.start,
        )
        .with_name(name)
        .with_hint(Some("leave the tag out; a value has its type without it"))),
    }
}

fn typed(scalar: &Scalar, json: &str) -> Result<Outcome, ManifestError> {
    let bad =
        || ManifestError::internal("a typed value is not one line of JSON", scalar.span.start);
    if json.contains(['\n', '\r']) || !is_value(json) {
        return Err(bad());
    }
    let mut events = Events::new(json);
    let first = events.next().map_err(|_| bad())?.ok_or_else(bad)?;
    match first.kind {
        Kind::Scalar(value, style) => {
            let hash = hash_scalar(&value, style == Style::Plain, scalar.props);
            match events.next() {
                Ok(None) => Ok(Outcome::Scalar(hash)),
                _ => Err(bad()),
            }
        }
        _ => Ok(Outcome::Json(json.to_owned())),
    }
}

/// Puts the document together; `None` if splices overlap.
fn splice(source: &str, text: &str, base: usize, mut splices: Vec<Splice>) -> Option<String> {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let added: usize = splices.iter().map(|splice| splice.text.len()).sum();
    let mut out = String::with_capacity(text.len() + added);
    let mut at = base;
    for splice in &splices {
        out.push_str(source.get(at..splice.range.start)?);
        out.push_str(&splice.text);
        at = splice.range.end;
    }
    out.push_str(source.get(at..base + text.len())?);
    Some(out)
}

/// The fingerprint that the result must have, read from the whole document: events are added or
/// go away, so that all positions behind them change.
fn expect(
    text: &str,
    outcomes: &HashMap<u32, (Outcome, &Scalar)>,
    removed: &[std::ops::RangeInclusive<u32>],
) -> Result<Fingerprint, ManifestError> {
    let mut expected = Fingerprint::default();
    let mut removed = removed.iter().peekable();
    let mut events = Events::new(text);
    let mut position = 0;
    while let Some(event) = events.next()? {
        while removed.next_if(|range| *range.end() < position).is_some() {}
        let gone = removed
            .peek()
            .is_some_and(|range| range.contains(&position));
        match outcomes.get(&position) {
            _ if gone => {}
            None => expected.push(hash_event(&event, text)),
            Some((Outcome::Scalar(hash), _)) => expected.push(*hash),
            Some((Outcome::Json(json), _)) => push_json(&mut expected, &event, json)?,
        }
        position += 1;
    }
    Ok(expected)
}

/// Adds the events of a JSON text; its first node has the anchor and tag of the scalar.
fn push_json(
    expected: &mut Fingerprint,
    place: &Event<'_>,
    json: &str,
) -> Result<(), ManifestError> {
    let mut events = Events::new(json);
    let mut first = true;
    while let Some(mut event) = events.next()? {
        if first {
            event.anchor = place.anchor.clone();
            event.tag = place.tag;
            event.tag_number = place.tag_number;
            first = false;
        }
        expected.push(hash_event(&event, json));
    }
    Ok(())
}
