//! Decides on bytes alone that a document holds nothing to fill.

use crate::read::split::{content_start, is_marker};
use aho_corasick::{AhoCorasick, packed};
use memchr::{memchr, memchr_iter, memmem};

/// What the bytes of a document must not hold if it is to be passed over, made ready for the search:
/// once, for all documents.
///
/// They are looked for in one pass.
#[derive(Debug, Clone)]
pub struct Telltales {
    search: Search,
}

/// The search for several texts at once.
#[derive(Debug, Clone)]
enum Search {
    /// Looks at many bytes at once. An automaton does the same where the processor can, but making
    /// one takes 0.9 million instructions, as many as it takes to search half a megabyte.
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
}

impl Search {
    fn new(texts: &[String]) -> Self {
        match packed::Searcher::new(texts) {
            Some(search) => Search::Packed(search),
            None => Search::Automaton(
                // Building fails if the patterns take gigabytes.
                AhoCorasick::new(texts).unwrap_or_else(|_| unreachable!("few short patterns")),
            ),
        }
    }

    fn finds_any(&self, bytes: &[u8]) -> bool {
        match self {
            Search::Packed(search) => search.find(bytes).is_some(),
            Search::Automaton(search) => search.is_match(bytes),
        }
    }
}

impl Telltales {
    /// `openers` are what placeholders begin with behind their bracket, `annotations` what the names
    /// of the annotations begin with that matter, `others` what else must not be passed over.
    ///
    /// Openers are also found behind an escaped bracket, such as in `%3Cpath` and `&lt;path`, by
    /// their word alone: what follows it may be escaped as well.
    pub fn new(openers: &[&str], annotations: &[&str], others: &[&str]) -> Self {
        let escaped = |bracket| {
            let spell = move |opener: &&str| format!("{bracket}{}", word(opener));
            openers.iter().map(spell)
        };
        let plain = openers.iter().map(|opener| format!("<{opener}"));
        let texts = annotations
            .iter()
            .chain(others)
            .map(|&text| text.to_owned());
        let all: Vec<String> = plain
            .chain(escaped("%3C"))
            .chain(escaped("%3c"))
            .chain(escaped("&lt;"))
            .chain(escaped("&#60;"))
            .chain(escaped("&#x3c;"))
            .chain(escaped("&#x3C;"))
            .chain(texts)
            .collect();
        Telltales {
            search: Search::new(&all),
        }
    }
}

/// Whether a document may hold something to fill, so that it must be parsed.
///
/// `false` is certain: the document has a `kind:` at column 0 whose value is a plain word other
/// than `Secret`, `List` and `ResourceList`, no `binaryData` at column 0, and no place for a placeholder or for an
/// annotation that steers filling. All of these are looked for in every spelling that YAML allows: an escape that could
/// spell a bracket or a slash, an escaped line break, a document in braces or with an unusual
/// start, a complex or quoted `kind` count as "may hold" (rule R1). A `kind:` deeper in the
/// document, as in every custom resource definition, does not count. Documents without any content
/// count as "may hold" as well: they have no `kind`, and [`crate::is_blank`] tells them.
///
/// ```
/// use manifill_manifest::{Telltales, may_need_filling};
/// let telltales = Telltales::new(&["path:"], &["example.com/"], &["PHBhdGg6"]);
/// let may = |document| may_need_filling(document, &telltales);
/// assert!(!may("kind: ConfigMap\ndata: {a: b < c}\n"));
/// assert!(may("kind: ConfigMap\ndata: {a: <path:x#y>}\n"));
/// assert!(may("kind: ConfigMap\nmetadata: {annotations: {example.com/fill: x}}\n"));
/// assert!(may("kind: ConfigMap\ndata: {a: PHBhdGg6eCN5Pg==}\n"));
/// assert!(may("kind: Secret\n"));
/// ```
pub fn may_need_filling(document: &str, telltales: &Telltales) -> bool {
    let bytes = document.as_bytes();
    telltales.search.finds_any(bytes)
        || holds_telling_escape(bytes)
        || has_lone_return(bytes)
        || !has_harmless_start(document)
        || !has_harmless_top(document)
}

/// The letters and digits that an opener begins with.
fn word(opener: &str) -> &str {
    let end = opener.find(|c: char| !c.is_ascii_alphanumeric());
    &opener[..end.unwrap_or(opener.len())]
}

/// Escapes that could spell `<`, `>` or `/`, or join two lines into one word.
fn holds_telling_escape(bytes: &[u8]) -> bool {
    memchr_iter(b'\\', bytes).any(|at| {
        matches!(
            bytes.get(at + 1),
            Some(b'x' | b'u' | b'U' | b'/' | b'\n' | b'\r')
        )
    })
}

/// A carriage return without a line feed is a line break too, one that the searches here miss.
fn has_lone_return(bytes: &[u8]) -> bool {
    memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n'))
}

/// Whether the document begins with a block map at column 0, as far as the first line tells.
fn has_harmless_start(document: &str) -> bool {
    let head = &document[..content_start(document)];
    // Anything after `---` on its line could be a tag, an anchor or the whole value.
    let marked = head.rfind("---").is_none_or(|at| head[at..].contains('\n'));
    let mut body = &document[head.len()..];
    while body.starts_with('#') {
        let end = memchr(b'\n', body.as_bytes()).map_or(body.len(), |at| at + 1);
        body = &body[end..];
        let blanks = body.len() - body.trim_start_matches([' ', '\t', '\r', '\n']).len();
        body = &body[blanks..];
    }
    let commented_marker = is_marker(body.as_bytes());
    marked
        && !commented_marker
        && body
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'"' | b'\'' | b'_' | b'.'))
}

/// Whether the lines at column 0 show one `kind`, a plain word other than `Secret`, `List` and
/// `ResourceList`, at most one `apiVersion`, no `binaryData`, and nothing that could be another spelling of them or a
/// slip for `---`.
///
/// What stands in base64 within base64 shows none of the spellings that are looked for; so
/// `binaryData`, where it is filled, is looked into as a Secret is.
///
/// Explicit keys may stand on several lines, and an alias may stand for the key. A line such as
/// `---x` or `----` glues two documents together, as a second `kind` does (rule R2).
fn has_harmless_top(document: &str) -> bool {
    let bytes = document
        .strip_prefix('\u{feff}')
        .unwrap_or(document)
        .as_bytes();
    let (mut kinds, mut versions) = (0, 0);
    let after = memchr_iter(b'\n', bytes).map(|at| at + 1);
    for start in std::iter::once(0).chain(after) {
        let line = &bytes[start..];
        match line.first() {
            Some(b'k') => match line.strip_prefix(b"kind").map(kind_at) {
                None | Some(Key::Other) => {}
                Some(Key::Harmless) => kinds += 1,
                Some(Key::Doubtful) => return false,
            },
            Some(b'a') if line.starts_with(b"apiVersion:") => versions += 1,
            Some(b'b') if line.starts_with(b"binaryData") => return false,
            Some(b'-') if line.starts_with(b"---") && !is_marker(line) => return false,
            Some(b'?' | b'*') => return false,
            Some(b'"' | b'\'' | b'!' | b'&') => {
                let end = memchr(b'\n', line).unwrap_or(line.len());
                let holds = |key: &[u8]| memmem::find(&line[..end], key).is_some();
                if holds(b"kind") || holds(b"binaryData") {
                    return false;
                }
            }
            _ => {}
        }
    }
    kinds == 1 && versions <= 1
}

/// What a line that begins with `kind` says.
enum Key {
    /// `kinds: x`, `kind-of: x`
    Other,
    Harmless,
    Doubtful,
}

/// Reads a line behind `kind`.
fn kind_at(rest: &[u8]) -> Key {
    let end = memchr(b'\n', rest).unwrap_or(rest.len());
    let Some(value) = rest[..end].strip_prefix(b":") else {
        return match rest.first() {
            Some(b) if !b.is_ascii_whitespace() => Key::Other,
            _ => Key::Doubtful,
        };
    };
    if value.first().is_some_and(|b| !b.is_ascii_whitespace()) {
        return Key::Doubtful;
    }
    let value = value.trim_ascii();
    let length = value
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let (word, tail) = value.split_at(length);
    let comment = tail.trim_ascii_start();
    let ended = tail.is_empty() || (comment.len() < tail.len() && comment.starts_with(b"#"));
    if ended && names_other_kind(word) {
        Key::Harmless
    } else {
        Key::Doubtful
    }
}

/// Whether a plain word is the name of a kind that needs no look inside.
///
/// Words that YAML 1.1 may read as something else than text (`Yes`, `5`) are left to the parser, and
/// so are the kinds of kustomize's own files, which a caller may want to tell.
fn names_other_kind(word: &[u8]) -> bool {
    const OTHERS: [&[u8]; 9] = [
        b"yes", b"no", b"on", b"off", b"true", b"false", b"null", b"y", b"n",
    ];
    word.first().is_some_and(u8::is_ascii_uppercase)
        && word != b"Secret"
        && !matches!(
            word,
            b"List" | b"ResourceList" | b"Kustomization" | b"Component"
        )
        && !OTHERS.iter().any(|other| word.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::{AhoCorasick, Search};

    #[test]
    fn both_searches_find_the_same() {
        let texts = ["<path:", "manifill.dev/", "PHBhdGg6"].map(str::to_owned);
        let packed = Search::new(&texts);
        let automaton = Search::Automaton(AhoCorasick::new(&texts).unwrap());
        let filler = "kind: Pod\na: <pat h: manifill.de / PHBhdG\n".repeat(3);
        for place in [0, 1, 31, 32, 33, 64, filler.len()] {
            for (text, holds) in [
                ("", false),
                ("<path", false),
                ("<path:", true),
                ("PHBhdGg6", true),
            ] {
                let (before, after) = filler.split_at(place);
                for long in [format!("{before}{text}{after}"), text.to_owned()] {
                    assert_eq!(packed.finds_any(long.as_bytes()), holds, "{long:?}");
                    assert_eq!(automaton.finds_any(long.as_bytes()), holds, "{long:?}");
                }
            }
        }
    }

    fn may_need_filling(text: &str) -> bool {
        let annotations = ["avp.kubernetes.io/", "manifill.dev/"];
        let telltales = super::Telltales::new(&["path:", "op://"], &annotations, &["PHBhdGg6"]);
        super::may_need_filling(text, &telltales)
    }

    #[test]
    fn skips_documents_that_show_their_harmless_kind() {
        for text in [
            "kind: ConfigMap\n",
            "---\napiVersion: v1\nkind: Deployment # c\nspec: {}\n",
            "---\n# c\n\nkind: A\r\n",
            "\u{feff}kind: Pod\n",
            "apiVersion: v1\nkind: CustomResourceDefinition\nspec:\n  names:\n    kind: Secret\n",
            "kind: Pod\nx: a < b > c \\d \"\\n\" %3D &lt;br\n",
            "kinds: x\nkind: Pod\n",
            "kind: CustomResourceDefinition\nspec:\n  binaryData: {}\n",
        ] {
            assert!(!may_need_filling(text), "{text:?}");
        }
    }

    #[test]
    fn parses_whatever_could_be_a_site() {
        for text in [
            "kind: Pod\na: <path:x#y>\n",
            "kind: Pod\na: <op://v/i/f>\n",
            "kind: Pod\na: \"\\u003cpath:x#y\\u003e\"\n",
            "kind: Pod\na: \"\\x3cpath:x#y>\"\n",
            "kind: Pod\na: \"<op:\\/\\/v/i/f>\"\n",
            "kind: Pod\na: \"<pa\\\n  th:x#y>\"\n",
            "kind: Pod\na: %3Cpath%3Ax\n",
            "kind: Pod\na: %3cop://\n",
            "kind: Pod\na: &lt;path:x#y&gt;\n",
            "kind: Pod\nmetadata: {annotations: {avp.kubernetes.io/path: x}}\n",
            "kind: Pod\nmetadata: {annotations: {manifill.dev/backend: x}}\n",
            "kind: Pod\na: Basic PHBhdGg6eCN5Pg==\n",
        ] {
            assert!(may_need_filling(text), "{text:?}");
        }
    }

    #[test]
    fn parses_secrets_lists_and_doubtful_kinds() {
        for text in [
            "kind: Secret\n",
            "kind: List\n",
            "kind: ResourceList\n",
            "kind: Kustomization\n",
            "kind: Component\n",
            "---\n\u{feff}kind: Pod\n",
            "kind: \"Secret\"\n",
            "kind: 'Pod'\n",
            "\"kind\": Secret\nkind: Pod\n",
            "kind: Pod\nkind: Secret\n",
            "kind: Pod\nkind: Pod\n",
            "apiVersion: v1\nkind: Pod\nmetadata: {}\napiVersion: v1\n",
            "kind: Pod\n? kind\n: Secret\n",
            "kind: !!str Secret\n",
            "x: &k kind\n*k : Secret\nkind: Pod\n",
            "?\n  kind\n: Secret\nkind: Pod\n",
            "&k kind: Secret\nkind: Pod\n",
            "kind: *a\n",
            "kind : Pod\n",
            "kind:Pod\n",
            "kind:\n  Secret\n",
            "kind: Pod\n!!str kind: Secret\n",
            "kind: Secret\r\n",
            "apiVersion: v1\n",
            " kind: Pod\n",
            "kind: yes\n",
            "kind: No\n",
            "kind: 5\n",
            "kind:\n",
            "{kind: Pod}\n",
            "--- {kind: Pod}\n",
            "--- &a\nkind: Pod\n",
            "[kind: Pod]\n",
            "- kind: Pod\n",
            "",
            "kind: Pod\ra: b\n",
            "kind: Pod\n---x\nkind: Pod\n",
            "kind: Pod\n----\nkind: Pod\n",
            "kind: ConfigMap\nbinaryData: {a: eA==}\n",
            "kind: ConfigMap\nbinaryData :\n  a: eA==\n",
            "kind: ConfigMap\n'binaryData': {a: eA==}\n",
            "kind: ConfigMap\n&a binaryData: {a: eA==}\n",
        ] {
            assert!(may_need_filling(text), "{text:?}");
        }
    }
}
