//! Splits a source into documents without parsing it.
//!
//! YAML forbids a line that begins with `---` or `...` and a blank inside every scalar, so
//! cutting the text at such lines is exact under YAML 1.1 and 1.2, and costs a memory scan.

use crate::Span;
use crate::chars::skip_blanks;
use crate::read::json;
use manifill_yaml::line_end;
use memchr::memmem;
use std::borrow::Cow;
use std::iter::Peekable;

const BOM: &str = "\u{feff}";

/// Finds the documents of a source.
///
/// The spans cover the whole source. A document begins with its own `---` line if it has one;
/// comments and directives above the first `---` belong to the first document. What follows a
/// `...` line is a document of its own if it holds anything. Where a document is a stream of
/// JSON objects with only white space between them, each object is a document; text in braces
/// that is not JSON stays one YAML document.
///
/// ```
/// let source = "kind: A\n--- # next\nkind: B\n";
/// let documents = manifill_manifest::split(source);
/// assert_eq!(&source[documents[1].clone()], "--- # next\nkind: B\n");
/// ```
pub fn split(source: &str) -> Vec<Span> {
    documents(source).collect()
}

/// The documents of a source that say something: those of [`split`] without the
/// [blank](is_blank) ones, of which a few bytes can make very many.
///
/// ```
/// let source = "---\n---\nkind: A\n--- # next\n";
/// assert!(manifill_manifest::contents(source).eq([4..16]));
/// ```
pub fn contents(source: &str) -> impl Iterator<Item = Span> + Send + '_ {
    documents(source).filter(|span| !is_blank(&source[span.clone()]))
}

/// The documents of a source, found as they are asked for.
pub(crate) fn documents(source: &str) -> impl Iterator<Item = Span> + Send + '_ {
    let mut cuts = Cuts {
        source,
        start: 0,
        open: true,
        markers: markers(source),
    };
    std::iter::from_fn(move || cuts.next()).flat_map(|span| Pieces::new(source, span))
}

/// Where `---` and `...` cut a source.
struct Cuts<'s, M: Iterator<Item = usize>> {
    source: &'s str,
    start: usize,
    /// Whether text since `start` may stand above a `---` of the same document.
    open: bool,
    markers: Peekable<M>,
}

impl<M: Iterator<Item = usize>> Cuts<'_, M> {
    fn next(&mut self) -> Option<Span> {
        let source = self.source;
        while let Some(marker) = self.markers.next() {
            let cut = if source[marker..].starts_with("---") {
                let above = self.open && lead(&source[self.start..marker]) != Lead::Content;
                self.open = false;
                (!above).then_some(marker)
            } else {
                let after = next_line(source, marker);
                let until = self.markers.peek().copied().unwrap_or(source.len());
                let cut = match lead(source.get(after..until).unwrap_or_default()) {
                    Lead::Empty => false,
                    Lead::Directives => source[until..].starts_with("---"),
                    Lead::Content => true,
                };
                self.open |= cut;
                cut.then_some(after)
            };
            if let Some(cut) = cut.filter(|cut| *cut > self.start) {
                return Some(std::mem::replace(&mut self.start, cut)..cut);
            }
        }
        let rest = self.start..source.len();
        self.start = source.len();
        (!rest.is_empty()).then_some(rest)
    }
}

/// A document, or the objects of one that is a JSON stream.
struct Pieces {
    start: usize,
    /// Where the objects but the first begin.
    cuts: std::vec::IntoIter<usize>,
    end: usize,
}

impl Pieces {
    fn new(source: &str, span: Span) -> Self {
        let text = &source[span.clone()];
        let head = content_start(text);
        let objects = if text[head..].starts_with('{') {
            json::objects(&text[head..]).unwrap_or_default()
        } else {
            Vec::new()
        };
        let cuts = objects.into_iter().skip(1);
        let cuts: Vec<usize> = cuts.map(|next| span.start + head + next.start).collect();
        Pieces {
            start: span.start,
            cuts: cuts.into_iter(),
            end: span.end,
        }
    }
}

impl Iterator for Pieces {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let end = self.cuts.next().unwrap_or(self.end);
        let piece = std::mem::replace(&mut self.start, end)..end;
        (!piece.is_empty()).then_some(piece)
    }
}

/// Whether a document says nothing: white space, comments, markers, or a lone null.
///
/// Such documents are kept as they are and are no error.
pub fn is_blank(document: &str) -> bool {
    let mut text = document.strip_prefix(BOM).unwrap_or(document);
    let mut nulls = 0;
    while !text.is_empty() {
        let line = &text[..line_end(text, 0)];
        text = text[line.len()..].trim_start_matches(['\n', '\r']);
        let mut rest = line;
        if is_marker(line.as_bytes()) {
            rest = &line[3..];
        } else if line.starts_with('%') && nulls == 0 {
            continue;
        }
        let rest = rest.trim_matches([' ', '\t']);
        let word = match rest.find('#') {
            Some(at) if at == 0 || rest[..at].ends_with([' ', '\t']) => &rest[..at],
            _ => rest,
        };
        match word.trim_end_matches([' ', '\t']) {
            "" => {}
            "~" | "null" | "Null" | "NULL" if nulls == 0 => nulls += 1,
            _ => return false,
        }
    }
    true
}

/// Where the content of a document begins: after a byte-order mark, its `---` and white space.
pub(crate) fn content_start(document: &str) -> usize {
    let body = document.strip_prefix(BOM).unwrap_or(document);
    let body = body.trim_start_matches([' ', '\t', '\n', '\r']);
    let body = if is_marker(body.as_bytes()) && body.starts_with('-') {
        body[3..].trim_start_matches([' ', '\t', '\n', '\r'])
    } else {
        body
    };
    document.len() - body.len()
}

/// The starts of all lines that begin with `---` or `...`, in order.
fn markers(source: &str) -> Peekable<impl Iterator<Item = usize> + Send + '_> {
    let bytes = source.as_bytes();
    let first = if source.starts_with(BOM) {
        BOM.len()
    } else {
        0
    };
    let first = is_marker(&bytes[first..]).then_some(first);
    // Few files have lone carriage returns; for the others the search is over before it begins.
    let returns = match memchr::memchr(b'\r', bytes) {
        Some(_) => bytes,
        None => &[],
    };
    let search = |bytes, needle: &'static [u8; 4]| memmem::find_iter(bytes, needle).peekable();
    let mut found = [
        search(bytes, b"\n---"),
        search(bytes, b"\n..."),
        search(returns, b"\r---"),
        search(returns, b"\r..."),
    ];
    let next = move || {
        let nearest = found
            .iter_mut()
            .filter_map(|search| Some((search.peek().copied()?, search)))
            .min_by_key(|(at, _)| *at)?;
        nearest.1.next().map(|at| at + 1)
    };
    let inner = std::iter::from_fn(next).filter(move |&at| is_marker(&bytes[at..]));
    first.into_iter().chain(inner).peekable()
}

/// Whether a line begins with a document marker.
pub(crate) fn is_marker(line: &[u8]) -> bool {
    (line.starts_with(b"---") || line.starts_with(b"..."))
        && matches!(line.get(3), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

/// The first line that begins with `---` and goes on, as in `---apiVersion: v1`: kubectl refuses it
/// wherever it stands (rule R2), while for YAML it is text, and the documents on both sides are one.
pub(crate) fn glued_marker(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let glued = |at: &usize| bytes[*at..].starts_with(b"---") && !is_marker(&bytes[*at..]);
    let first = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let after = |found: usize| found + 1;
    Some(first).filter(glued).or_else(|| {
        let lines = memmem::find_iter(bytes, b"\n---").map(after).find(glued);
        let returns = memchr::memchr(b'\r', bytes).and_then(|from| {
            let found = memmem::find_iter(&bytes[from..], b"\r---");
            found.map(|at| from + after(at)).find(glued)
        });
        lines.into_iter().chain(returns).min()
    })
}

/// A document as the parser has to read it, so that it says what it does for Kubernetes' tools
/// (rule R2); each byte stays where it is.
///
/// A line break is added at the end if the document may end in a block scalar without one: the
/// tools read manifests by lines, and for YAML the value would be another one. A byte-order mark
/// behind `---`, where two files were joined, becomes line breaks.
pub(crate) fn readable(document: &str) -> Cow<'_, str> {
    // Nearly all documents begin with a word, behind their marker or without one.
    let body = document.strip_prefix("---\n").unwrap_or(document);
    let word = body
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric());
    let start = if word { 0 } else { content_start(document) };
    let marked = start > 0 && document[start..].starts_with(BOM);
    let open = !document.ends_with(['\n', '\r'])
        && memchr::memchr2(b'|', b'>', document.as_bytes()).is_some();
    if !marked && !open {
        return Cow::Borrowed(document);
    }
    let mut text = String::with_capacity(document.len() + 1);
    text.push_str(&document[..start]);
    if marked {
        text.push_str("\n\n\n");
        text.push_str(&document[start + BOM.len()..]);
    } else {
        text.push_str(&document[start..]);
    }
    if open {
        text.push('\n');
    }
    Cow::Owned(text)
}

fn next_line(text: &str, at: usize) -> usize {
    let end = line_end(text, at);
    end + crate::chars::line_break(&text.as_bytes()[end..])
}

#[derive(PartialEq, Clone, Copy)]
enum Lead {
    Empty,
    Directives,
    Content,
}

/// What the text before a `---` holds.
fn lead(text: &str) -> Lead {
    let mut found = Lead::Empty;
    let mut at = if text.starts_with(BOM) { BOM.len() } else { 0 };
    while at < text.len() {
        let first = skip_blanks(text, at);
        match text.as_bytes().get(first) {
            None | Some(b'#' | b'\n' | b'\r') => {}
            Some(b'%') if first == at => found = Lead::Directives,
            Some(_) => return Lead::Content,
        }
        at = next_line(text, first);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{contents, is_blank, split};

    fn texts(source: &str) -> Vec<&str> {
        let spans = split(source);
        let mut at = 0;
        for span in &spans {
            assert_eq!(span.start, at, "spans tile the source");
            at = span.end;
        }
        assert_eq!(at, source.len());
        spans.into_iter().map(|span| &source[span]).collect()
    }

    #[test]
    fn cuts_at_marker_lines_only() {
        assert_eq!(texts(""), Vec::<&str>::new());
        assert_eq!(
            texts("a: |\n  ---\n  x\n---\nb: 1\n----\nc: 2\n--- d\n"),
            ["a: |\n  ---\n  x\n", "---\nb: 1\n----\nc: 2\n", "--- d\n"]
        );
        assert_eq!(texts("---\na\n---"), ["---\na\n", "---"]);
        assert_eq!(texts("a: 1\r\n---\r\nb: 2"), ["a: 1\r\n", "---\r\nb: 2"]);
        assert_eq!(texts("a: 1\r---\rb: 2"), ["a: 1\r", "---\rb: 2"]);
    }

    #[test]
    fn keeps_what_stands_above_the_first_marker() {
        assert_eq!(
            texts("\u{feff}# c\n%YAML 1.1\n---\na: 1\n---\nb: 2\n"),
            ["\u{feff}# c\n%YAML 1.1\n---\na: 1\n", "---\nb: 2\n"]
        );
        assert_eq!(texts("---\n---\na: 1\n"), ["---\n", "---\na: 1\n"]);
    }

    #[test]
    fn honours_the_end_marker() {
        assert_eq!(texts("a: 1\n...\n# c\n"), ["a: 1\n...\n# c\n"]);
        assert_eq!(texts("a: 1\n...\nb: 2\n"), ["a: 1\n...\n", "b: 2\n"]);
        assert_eq!(
            texts("a: 1\n...\n%TAG ! x\n---\nb: 2\n"),
            ["a: 1\n...\n", "%TAG ! x\n---\nb: 2\n"]
        );
        assert_eq!(
            texts("a: 1\n...\n# c\n---\nb: 2\n"),
            ["a: 1\n...\n# c\n", "---\nb: 2\n"]
        );
    }

    #[test]
    fn contents_are_the_documents_that_are_not_blank() {
        let source = "# c\n---\n---\nkind: A\n---\n...\n---\r\nnull\r\n---\r\n{\"b\":1}{}\n---\n";
        let said = split(source)
            .into_iter()
            .filter(|span| !is_blank(&source[span.clone()]));
        assert!(contents(source).eq(said));
        assert_eq!(contents(source).count(), 3);
        assert_eq!(contents(&"---\n".repeat(1000)).count(), 0);
    }

    #[test]
    fn cuts_json_streams_and_falls_back_to_yaml() {
        assert_eq!(
            texts("{\"a\":1}\n{\"b\":\"---\"} {}\n"),
            ["{\"a\":1}\n", "{\"b\":\"---\"} ", "{}\n"]
        );
        assert_eq!(texts("{kind: A, b: c}\n"), ["{kind: A, b: c}\n"]);
        assert_eq!(
            texts("{\"a\":1}\n---\n{\"b\":1}{}"),
            ["{\"a\":1}\n", "---\n{\"b\":1}", "{}"]
        );
    }

    #[test]
    fn knows_blank_documents() {
        for text in [
            "",
            " \n\t\n",
            "# c\n---\n",
            "---\n# only\n",
            "---\nnull\n",
            "--- ~ # c\n...\n",
            "\u{feff}---\r\n",
            "%YAML 1.1\n---\n",
            "NULL",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in [
            "---\na: 1\n",
            "--- a",
            "nullx",
            "null\nnull",
            "~#",
            "{}",
            "----",
        ] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
