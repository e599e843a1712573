//! Several inputs as one stream.

use crate::read::split::{content_start, documents, is_marker};

const BOM: &str = "\u{feff}";

/// Joins several inputs into one stream of documents.
///
/// One input is returned as it is. Between several stands `---` unless one is there already; the
/// byte-order marks of later inputs and behind `---` are dropped, and the values of a JSON stream are separated by
/// `---` as well. An input without a final line break gets one and nothing else: a block scalar at
/// its end reads as if it had one anyway (rule R2).
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
            let start = content_start(text);
            match text[start..].strip_prefix(BOM).filter(|_| start > 0) {
                Some(content) => {
                    out.push_str(&text[..start]);
                    out.push_str(content);
                }
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
