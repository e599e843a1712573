//! JSON text with placeholders in it.

use manifill_manifest::Span;
use manifill_vault::SecretValue;

/// Whether a text is one JSON value.
pub(crate) fn is_json(text: &str) -> bool {
    SecretValue::from_json(text).is_some()
}

/// The text with letters for placeholders inside of strings and numbers for the others, and of each
/// placeholder whether it is inside of a string.
pub(crate) fn stand_ins(
    text: &str,
    placeholders: impl Iterator<Item = Span>,
) -> Option<(String, Vec<bool>)> {
    let mut out = String::with_capacity(text.len());
    let mut all = Vec::new();
    let (mut at, mut inside, mut escaped) = (0, false, false);
    for range in placeholders {
        let between = text.get(at..range.start)?;
        for byte in between.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if inside => escaped = true,
                b'"' => inside = !inside,
                _ => {}
            }
        }
        out.push_str(between);
        out.push(if inside { 'x' } else { '0' });
        all.push(inside);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some((out, all))
}

#[cfg(test)]
mod tests {
    use super::stand_ins;

    #[test]
    fn placeholders_are_letters_or_values() {
        let is_json = |text: &str| {
            let ranges = text.match_indices("<x>").map(|(at, _)| at..at + 3);
            stand_ins(text, ranges).is_some_and(|(text, _)| super::is_json(&text))
        };
        assert!(is_json(r#"{"a": "\"<x>", "b": <x>, "c": [<x>, "d"]}"#));
        assert!(!is_json(r#"{"a": "" <x>}"#));
        assert!(!is_json("{a: <x>}"));
    }
}
