//! Which characters may stand unescaped, and the one escape dialect.
//!
//! Written text must read the same for JSON, YAML 1.1 and YAML 1.2 readers, so only escapes
//! that all three know are used: `\" \\ \n \r \t \b \f`, and `\u` with four digits. Characters
//! above U+FFFF stay as they are, because their escapes differ between JSON (surrogate pairs) and
//! YAML (`\U`).

use manifill_yaml::line_end;

use std::fmt::Write as _;

/// Whether every reader takes this character as text when it is not escaped.
///
/// Excluded are the control characters, the byte-order mark, U+FFFE and U+FFFF, and the line
/// separators of YAML 1.1 (U+0085, U+2028, U+2029). Tab and line breaks are excluded too: where
/// they are allowed depends on the style.
pub(crate) fn is_plain_text(c: char) -> bool {
    !matches!(
        c,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}'
    )
}

/// Appends `text` in double quotes, which JSON, YAML 1.1 and YAML 1.2 read alike.
///
/// JSON that is printed for a program is another matter: there Go escapes what HTML would take for
/// markup, and nothing that only YAML would take for a line break.
///
/// ```
/// let mut out = String::new();
/// manifill_manifest::push_quoted(&mut out, "a\"\n\u{85}é");
/// assert_eq!(out, r#""a\"\n\u0085é""#);
/// ```
pub fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    push_escaped(out, text);
    out.push('"');
}

/// Appends `text` as [`push_quoted`] does, without the quotes: a long text can be written in pieces.
///
/// ```
/// let mut out = String::new();
/// manifill_manifest::push_escaped(&mut out, "a\"b");
/// assert_eq!(out, r#"a\"b"#);
/// ```
pub fn push_escaped(out: &mut String, text: &str) {
    let mut done = 0;
    for (at, c) in text.char_indices() {
        if c != '"' && c != '\\' && is_plain_text(c) {
            continue;
        }
        out.push_str(&text[done..at]);
        done = at + c.len_utf8();
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            // Writing to a string cannot fail; every excluded character is below U+10000.
            _ => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
        }
    }
    out.push_str(&text[done..]);
}

/// `text` in double quotes.
pub(crate) fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// `text` in single quotes, if it can stand there on one line.
pub(crate) fn single_quoted(text: &str) -> Option<String> {
    text.chars()
        .all(is_plain_text)
        .then(|| format!("'{}'", text.replace('\'', "''")))
}

/// The position of a character that YAML 1.1 readers take as a line break and YAML 1.2 readers
/// as text.
pub(crate) fn line_separator(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(0xc2, 0xe2, bytes).find(|&at| {
        matches!(
            bytes[at..],
            [0xc2, 0x85, ..] | [0xe2, 0x80, 0xa8 | 0xa9, ..]
        )
    })
}

/// The length of the line break at the start of `bytes`, 0 if there is none.
pub(crate) fn line_break(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// The first byte from `at` on that is neither blank nor tab.
pub(crate) fn skip_blanks(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()
}

/// The first byte from `at` on that belongs to neither white space nor a comment.
///
/// `at` must follow white space, a line start or an indicator for a `#` there to be a comment.
pub(crate) fn skip_space_and_comments(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
            Some(b'#') if at == 0 || bytes[at - 1].is_ascii_whitespace() => {
                at = line_end(text, at);
            }
            _ => return at,
        }
    }
}
