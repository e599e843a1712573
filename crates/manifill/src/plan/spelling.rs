//! How placeholders are spelled in their text, as far as it may be shown (rule R9).
//!
//! A plan does not keep this, since only reports need it.

use std::borrow::Cow;

use manifill_placeholder::{self as placeholder, Grammar, Placeholder, encoded, escaped};

use super::planned::{PlannedField, shown};
use super::planned_placeholder::PlannedPlaceholder;

/// A part of a placeholder's spelling. `text` is the text it stands in, or the one round so many of
/// the strings that it stands in, see [`PlannedPlaceholder::layers`].
pub(crate) fn spelling(
    text: &str,
    depth: usize,
    field: &PlannedField,
    planned: &PlannedPlaceholder,
    strict: bool,
    part: impl Fn(&Placeholder) -> String,
) -> String {
    let found = parsed(text, depth, field, planned, strict);
    let spelled = found.map_or_else(|| "…".to_owned(), |found| part(&found));
    shown(spelled, field.base64 || !planned.layers().is_empty())
}

/// The placeholder as it was planned; of its words nothing is hidden.
pub(crate) fn parsed(
    text: &str,
    depth: usize,
    field: &PlannedField,
    planned: &PlannedPlaceholder,
    strict: bool,
) -> Option<Placeholder> {
    let mut text = Cow::Borrowed(text);
    for layer in planned.layers().get(depth..).unwrap_or_default() {
        text = encoded::decode_string(text.get(layer.clone())?)?.0.into();
    }
    let text = text.get(planned.range())?;
    let grammar = Grammar::new()
        .with_annotated(field.annotated)
        .with_strict(strict);
    match planned.escape() {
        None => placeholder::parse(text, grammar).ok(),
        Some(_) => {
            let found = escaped::scan_escaped(text, grammar).next()?;
            found.ok().map(|(found, _)| found)
        }
    }
}
