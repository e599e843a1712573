//! What to do about a mistake in a placeholder.

use std::borrow::Cow;

use manifill_placeholder::{MODIFIERS, PlaceholderError};
use strsim::levenshtein;

/// What to do about a mistake in a placeholder: as [`PlaceholderError::hint`], and of a misspelled
/// modifier the one that was meant.
///
/// ```
/// use manifill_placeholder::{Grammar, parse};
///
/// let error = parse("<path:db#user | base64encod>", Grammar::new()).unwrap_err();
/// assert_eq!(manifill::transform::hint(&error).as_deref(), Some("did you mean `base64encode`?"));
/// ```
pub fn hint(error: &PlaceholderError) -> Option<Cow<'static, str>> {
    match error.unknown_modifier().and_then(meant) {
        Some(name) => Some(format!("did you mean `{name}`?").into()),
        None => error.hint(),
    }
}

/// What people know from Helm, and what is here instead.
const HELM: [(&str, &str); 7] = [
    ("b64enc", "base64encode"),
    ("b64dec", "base64decode"),
    ("fromjson", "jsonParse"),
    ("fromyaml", "yamlParse"),
    ("urlquery", "urlencode"),
    ("quote", "toJson"),
    ("htpasswd", "bcrypt"),
];

/// The modifier that a misspelled name was meant to be.
fn meant(written: &str) -> Option<&'static str> {
    // Names are short; a long text is no misspelled name.
    if written.len() > 40 {
        return None;
    }
    let written = written.to_ascii_lowercase();
    if let Some((_, here)) = HELM.iter().find(|(there, _)| *there == written) {
        return Some(here);
    }
    let names = || MODIFIERS.iter().map(|spec| spec.name);
    names()
        .map(|name| (levenshtein(&written, &name.to_ascii_lowercase()), name))
        .filter(|(distance, name)| *distance <= name.len() / 3)
        .min()
        .map(|(_, name)| name)
        .or_else(|| names().find(|name| written.len() >= 4 && name.starts_with(&written)))
}

#[cfg(test)]
mod tests {
    use manifill_placeholder::{Grammar, parse};

    use super::*;

    #[test]
    fn a_misspelled_modifier_has_the_one_that_was_meant() {
        for (modifier, meant) in [
            ("base64Encode", "base64encode"),
            ("base64", "base64encode"),
            ("tojson", "toJson"),
            ("sha256", "sha256sum"),
            ("indnt 4", "indent"),
            ("b64enc", "base64encode"),
            ("fromJson", "jsonParse"),
            ("quote", "toJson"),
        ] {
            let error = parse(&format!("<path:a#b | {modifier}>"), Grammar::new()).unwrap_err();
            let expected = format!("did you mean `{meant}`?");
            assert_eq!(hint(&error), Some(expected.into()), "{modifier}");
        }
    }

    #[test]
    fn what_stands_for_a_function_of_helm_is_a_modifier() {
        for (_, here) in HELM {
            assert!(MODIFIERS.iter().any(|spec| spec.name == here), "{here}");
        }
    }

    #[test]
    fn what_is_near_to_none_gets_the_list_and_other_mistakes_their_own() {
        let error = parse("<path:a#b | frobnicate>", Grammar::new()).unwrap_err();
        assert!(
            hint(&error)
                .unwrap()
                .starts_with("modifiers are base64encode, ")
        );
        let error = parse("<path:a#b | trim x>", Grammar::new()).unwrap_err();
        assert_eq!(hint(&error), error.hint());
    }
}
