//! What to do about a key that a secret has not: what else its text may have been meant as.

use manifill_placeholder::{Grammar, Placeholder, Reference, parse};
use manifill_vault::Secret;

use crate::diagnostic::DiagnosticKind;
use crate::plan::HIDDEN;

/// The key that stands in the path of an annotation, where that leads nowhere.
pub(super) fn key_in_path(kind: DiagnosticKind, path: &str) -> Option<&str> {
    let (_, key) = path.rsplit_once('#')?;
    (kind == DiagnosticKind::NotFound).then_some(key)
}

/// A placeholder whose key is missing.
pub(super) struct MissingKey<'a> {
    pub(super) key: &'a str,
    pub(super) secret: &'a Secret,
    /// The placeholder as it may be shown, without its modifiers.
    pub(super) head: &'a str,
    pub(super) path: &'a str,
    /// Whether whoever reads it can say `--strict`, and has not.
    pub(super) may_be_strict: bool,
}

impl MissingKey<'_> {
    /// What the key shows by itself; a key of a similar name is then not meant.
    pub(super) fn slip(&self) -> Option<String> {
        if self.head == HIDDEN {
            return None;
        }
        let head = self.key.get(.."path:".len());
        if head.is_some_and(|head| head.eq_ignore_ascii_case("path:")) {
            return Some("write <path:PATH#KEY>".to_owned());
        }
        let (name, version) = self.key.split_once('#')?;
        let name = name.trim();
        let known = self.secret.names().any(|known| known == name);
        known.then(|| format!(
            "the annotation avp.kubernetes.io/secret-version asks for a version; so does <path:PATH#{name}#{}>",
            version.trim()
        ))
    }

    /// What to do if a generic placeholder was none; `None` for others.
    pub(super) fn hint(&self, placeholder: Option<&Placeholder>) -> Option<String> {
        let is_key = |one: &Reference| matches!(one, Reference::Key { .. });
        if !placeholder?.alternatives.iter().any(is_key) {
            return None;
        }
        let shown = if self.head == HIDDEN {
            "…"
        } else {
            self.head
        };
        let names = match self.secret.names().len() {
            0 => "",
            _ => "use one of the names above, or, ",
        };
        let text = format!("<{}>", self.head);
        let strict = Grammar::new().with_annotated(true).with_strict(true);
        let spared = self.head != HIDDEN && self.may_be_strict && parse(&text, strict).is_err();
        let spare = if spared { "use --strict, or " } else { "" };
        Some(format!(
            "`<{shown}>` is read as a field of `{}`; {names}if it is only text, {spare}write the placeholders as <path:PATH#KEY> and take the annotation away",
            self.path
        ))
    }
}
