//! Text that was probably meant as a placeholder and is left in (rule R3).

use manifill_manifest::Resource;
use manifill_placeholder as placeholder;
use memchr::memchr_iter;

use super::directives::{OPENERS, is_annotated};
use crate::diagnostic::DiagnosticKind;
use crate::input::Options;
use crate::pending::PendingDiagnostic;

/// A text that is looked at, and what it stands in.
pub(super) struct Leftovers<'t> {
    pub(super) text: &'t str,
    /// Whether it was found in base64, so that nothing of it is shown (rule R9).
    pub(super) decoded: bool,
    pub(super) kind: &'t str,
    pub(super) annotated: bool,
    /// The path annotation of its resource, which takes a reference without brackets.
    pub(super) path: Option<&'t str>,
}

/// Whether a value without brackets is looked at nevertheless.
pub(super) fn may_be(resource: &Resource, value: &str) -> bool {
    value.trim_ascii_end().ends_with('>') && (is_annotated(resource) || is_open(value.trim_ascii()))
        || holds_references(&resource.kind) && bare_reference(value).is_some()
}

/// Whether anything may be told of a text.
pub(super) fn may_hold(resource: &Resource, text: &str) -> bool {
    text.contains('<') || may_be(resource, text)
}

impl Leftovers<'_> {
    /// What is told of the text, each with its byte.
    pub(super) fn find(&self, options: Options) -> Vec<(usize, PendingDiagnostic)> {
        let mut found = Vec::new();
        let trimmed = self.text.trim_ascii();
        let start = self.text.len() - self.text.trim_ascii_start().len();
        if let Some(finding) = self.whole(trimmed, options) {
            found.push((start, finding));
        }
        if !self.annotated {
            let slips = memchr_iter(b'<', self.text.as_bytes())
                .filter_map(|at| Some((at, slip(&self.text[at + 1..])?)));
            found.extend(slips);
        }
        found
    }

    fn whole(&self, text: &str, options: Options) -> Option<PendingDiagnostic> {
        let may_be_bare = text.starts_with(['o', '{']) && holds_references(self.kind);
        let bare = may_be_bare.then(|| bare_reference(text)).flatten();
        if let Some(reference) = bare.filter(|it| self.path.is_none_or(|path| path.trim() != *it)) {
            return Some(
                warning("a reference without brackets is not filled")
                    .with_hint(format!("write <{reference}>")),
            );
        }
        if !text.starts_with('<') && !text.ends_with('>') {
            return None;
        }
        if is_open(text) {
            let word = text.strip_suffix('>')?;
            return Some(half(text, word));
        }
        let inside = text.strip_prefix('<').and_then(|it| it.strip_suffix('>'));
        if !self.annotated && self.kind == "Secret" && !options.allow_unresolved {
            inside.filter(|name| placeholder::is_name(name))?;
            let shown = if self.decoded { "<‹…›>" } else { text };
            let message = format!(
                "`{shown}` is not filled, since the Secret has no annotation avp.kubernetes.io/path"
            );
            let finding = PendingDiagnostic::error(DiagnosticKind::Placeholder, message);
            return Some(finding.with_hint("set that annotation, or write <path:PATH#KEY>"));
        }
        if self.annotated && inside.is_none() && !self.decoded {
            let word = text.strip_prefix('<').or(text.strip_suffix('>'))?;
            let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
            if placeholder::is_name(word) && word.chars().all(is_word) {
                return Some(half(text, word));
            }
        }
        None
    }
}

/// Whether this is a whole reference without its first bracket: `path:a#b>`, `op://a/b/c>`.
fn is_open(text: &str) -> bool {
    let inside = text
        .strip_suffix('>')
        .filter(|it| !it.contains(['<', '>', '\n']));
    inside.is_some_and(|it| {
        bare_reference(it).is_some() || it.starts_with(OPENERS[0]) && it.contains('#')
    })
}

fn half(text: &str, word: &str) -> PendingDiagnostic {
    warning(format!("`{text}` is half a placeholder and is not filled"))
        .with_hint(format!("write <{word}>"))
}

fn warning(message: impl Into<String>) -> PendingDiagnostic {
    PendingDiagnostic::warning(DiagnosticKind::Placeholder, message)
}

/// An opener with a slip, behind its bracket.
fn slip(rest: &str) -> Option<PendingDiagnostic> {
    if OPENERS.iter().any(|opener| rest.starts_with(opener)) {
        return None;
    }
    let first = rest.as_bytes().first()?;
    if !matches!(first, b' ' | b'\t' | b'p' | b'P' | b'o' | b'O') {
        return None;
    }
    let text = rest.trim_start_matches([' ', '\t']);
    let spaces = rest.len() - text.len();
    let opener = OPENERS.iter().find(|opener| {
        let start = text.as_bytes().get(..opener.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(opener.as_bytes()))
    })?;
    let written = &rest[..spaces + opener.len()];
    (written != *opener).then(|| {
        warning(format!("`<{written}` does not begin a placeholder"))
            .with_hint(format!("write <{opener}"))
    })
}

/// Kinds whose values other tools fill with bare references.
fn holds_references(kind: &str) -> bool {
    matches!(kind, "Secret" | "ConfigMap")
}

/// A value that is `op://a/b/c`, or that in double braces, as other tools of 1Password want it.
pub(super) fn bare_reference(value: &str) -> Option<&str> {
    let text = value.trim_ascii();
    let braced = text.strip_prefix("{{").and_then(|it| it.strip_suffix("}}"));
    let text = braced.unwrap_or(text).trim_ascii();
    let segments = text.strip_prefix(OPENERS[1])?.split('/');
    let mut count = 0;
    for segment in segments {
        if segment.is_empty() || segment.contains(['\n', '<', '>']) {
            return None;
        }
        count += 1;
    }
    matches!(count, 3 | 4).then_some(text)
}

/// What is told of a key with a placeholder.
pub(super) fn in_key(key: &str, annotated: bool) -> Option<PendingDiagnostic> {
    let reference = |at: usize| {
        OPENERS
            .iter()
            .any(|opener| key[at + 1..].starts_with(opener))
    };
    let inside = key.strip_prefix('<').and_then(|it| it.strip_suffix('>'));
    let generic = annotated && inside.is_some_and(placeholder::is_name);
    (generic || memchr_iter(b'<', key.as_bytes()).any(reference)).then(|| {
        warning("a placeholder in a key is not filled").with_hint("placeholders stand in values")
    })
}
