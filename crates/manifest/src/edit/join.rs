//! Several inputs as one stream.

use crate::chars::double_quoted;
use crate::document::{Document, ParseOptions};
use crate::edit::write;
use crate::read::scalar::Scalar;
use crate::read::split::{documents, is_marker};

const BOM: &str = "\u{feff}";

/// Joins several inputs into one stream of documents.
///
/// One input is returned as it is. Between several stands `---` unless one is there already; the
/// byte-order marks of later inputs are dropped, and the values of a JSON stream are separated by
/// `---` as well. An input that ends in a block scalar without a final line break would say
/// something else with one, so that scalar is rewritten in quotes (rule R2).
///
/// ```
/// assert_eq!(manifill_manifest::join(&["kind: A", "kind: B\n"]), "kind: A\n---\nkind: B\n");
/// ```
pub fn join(parts: &[&str]) -> String {
    if let [only] = parts {
        return (*only).to_owned();
    }
    let mut out = String::with_capacity(parts.iter().map(|part| part.len() + 5).sum());
    for part in parts {
        for span in documents(part) {
            let text = &part[span];
            let text = if out.is_empty() {
                text
            } else {
                text.strip_prefix(BOM).unwrap_or(text)
            };
            if text.is_empty() {
                continue;
            }
            separate(&mut out, text);
            match finished(text) {
                Some(finished) => out.push_str(&finished),
                None => out.push_str(text),
            }
        }
    }
    out
}

/// Ends the last line and adds `---` where it is needed.
fn separate(out: &mut String, next: &str) {
    if out.is_empty() {
        return;
    }
    if !out.ends_with(['\n', '\r']) {
        out.push('\n');
    }
    let first = next
        .split(['\n', '\r'])
        .find(|line| !line.trim_matches([' ', '\t']).is_empty() && !line.starts_with('#'))
        .unwrap_or_default();
    let last = out
        .trim_end_matches(['\n', '\r'])
        .rsplit(['\n', '\r'])
        .next()
        .unwrap_or_default();
    let ended = is_marker(last.as_bytes());
    if first.starts_with('%') {
        // Directives are allowed only behind an ended document.
        if !(ended && last.starts_with("...")) {
            out.push_str("...\n");
        }
    } else if !(is_marker(first.as_bytes()) || ended && last.starts_with("---")) {
        out.push_str("---\n");
    }
}

/// The document with its last scalar in quotes, if a line break behind it would become a part of
/// it.
fn finished(text: &str) -> Option<String> {
    if text.ends_with(['\n', '\r']) || memchr::memchr2(b'|', b'>', text.as_bytes()).is_none() {
        return None;
    }
    let document = parse(text)?;
    let scalar = last_block(&document, text)?;
    let ended = format!("{text}\n");
    if last_block(&parse(&ended)?, &ended)?.value == scalar.value {
        return None;
    }
    let splice = write::whole(text, &scalar, double_quoted(scalar.value));
    let mut out = text.to_owned();
    out.replace_range(splice.range, &splice.text);
    Some(out)
}

fn parse(text: &str) -> Option<Document> {
    let span = 0..text.len();
    Document::parse(text, span, &ParseOptions::default(), |_, _| true).ok()
}

/// The last value of a document, if it is a block scalar.
fn last_block<'a>(document: &'a Document, text: &'a str) -> Option<Scalar<'a>> {
    let scalar = document.scalars(text).next_back()?;
    scalar.style.is_block().then_some(scalar)
}
