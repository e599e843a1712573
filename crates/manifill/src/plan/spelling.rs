//! How placeholders are spelled in their text, as far as it may be shown (rule R9).
//!
//! A plan does not keep this, since only reports need it.

use manifill_placeholder::{self as placeholder, Grammar, Placeholder, escaped};

use super::planned::{PlannedField, shown};
use super::planned_placeholder::PlannedPlaceholder;

/// A part of a placeholder's spelling. `text` is the text it stands in.
pub(crate) fn spelling(
    text: &str,
    field: &PlannedField,
    planned: &PlannedPlaceholder,
    strict: bool,
    part: impl Fn(&Placeholder) -> String,
) -> String {
    let grammar = Grammar::new()
        .with_annotated(field.annotated)
        .with_strict(strict);
    let text = text.get(planned.range()).unwrap_or_default();
    let found = match planned.escape() {
        None => placeholder::parse(text, grammar).ok(),
        Some(_) => escaped::scan_escaped(text, grammar)
            .next()
            .and_then(Result::ok)
            .map(|(found, _)| found),
    };
    let spelled = found.map_or_else(|| "…".to_owned(), |found| part(&found));
    shown(spelled, field.base64)
}
