//! Modifiers that make a value fit into a format inside a text, and the one that takes escapes out.

use manifill_placeholder::escaped::Escape;

use super::TransformErrorKind;
use super::bounded::Bounded;

/// Line breaks and the like that a one-line field keeps as two characters, as what they mean. What
/// follows any other backslash stays as it is: it may be a path of Windows.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let meant = match escape.as_bytes().get(1) {
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            _ => {
                out.push('\\');
                rest = &escape[1..];
                continue;
            }
        };
        out.push(meant);
        rest = &escape[2..];
    }
    out.push_str(rest);
    out
}

/// For the inside of a JSON string, spelled as `toJson` spells it.
pub(super) fn json(text: &str) -> Result<String, TransformErrorKind> {
    let mut out = Bounded::value();
    out.spell(text, |out, text| out.push_str(&Escape::Json.apply(text)))?;
    Ok(out.finish())
}

/// One word of a POSIX shell, always in quotes, so that it does not depend on the value whether
/// there are some.
pub(super) fn shell(text: &str) -> Result<String, TransformErrorKind> {
    if text.contains('\0') {
        return Err(TransformErrorKind::ShellNul);
    }
    let mut out = Bounded::value();
    out.push("'")?;
    out.spell(text, |out, text| out.push_str(&text.replace('\'', r"'\''")))?;
    out.push("'")?;
    Ok(out.finish())
}

/// For text and attributes of XML, in either kind of quotes.
///
/// Line breaks and tabs are written as references: XML readers change them where they stand as
/// they are.
pub(super) fn xml(text: &str) -> Result<String, TransformErrorKind> {
    let unheard = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(unheard) {
        return Err(TransformErrorKind::XmlCharacter);
    }
    let mut out = Bounded::value();
    out.spell(text, |out, text| {
        text.chars().for_each(|c| push_xml(out, c))
    })?;
    Ok(out.finish())
}

fn push_xml(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        // The last ones end a line, or need a reference, in XML 1.1.
        '\t' | '\n' | '\r' | '\u{7f}'..='\u{9f}' | '\u{2028}' => {
            out.push_str(&format!("&#{};", u32::from(c)));
        }
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use manifill_placeholder::escaped::Escape;
    use proptest::prelude::*;

    use super::*;

    /// What makes trouble in one of the formats, and what does not.
    fn texts() -> impl Strategy<Value = String> {
        let odd = proptest::sample::select(vec![
            "\"", "'", "\\", "\\n", "\n", "\r\n", "\t", "$", "`", "!", "&", "<", ">", "]]>",
            "&amp;", "%", "\u{1}", "\u{7f}", "\u{85}", "\u{2028}", "\u{feff}", "é", "😀", " ", "a",
            "$(id)", "''",
        ]);
        proptest::collection::vec(odd, 0..30).prop_map(|parts| parts.concat())
    }

    /// What an XML reader makes of text with references: of line breaks as they are, spaces.
    fn read_xml(xml: &str) -> String {
        let mut out = String::new();
        let mut rest = xml;
        while let Some(at) = rest.find('&') {
            out.push_str(&rest[..at]);
            let end = rest[at..].find(';').unwrap() + at;
            out.push(match &rest[at + 1..end] {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                reference => {
                    let number = reference.strip_prefix('#').unwrap();
                    char::from_u32(number.parse().unwrap()).unwrap()
                }
            });
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        out
    }

    proptest! {
        #[test]
        fn inside_quotes_any_text_is_json_again(text in prop_oneof![texts(), any::<String>()]) {
            let written = format!("\"{}\"", json(&text).unwrap());
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }

        #[test]
        fn unescape_takes_back_its_five_escapes(text in texts()) {
            let escaped = text
                .replace('\\', r"\\").replace('\n', r"\n").replace('\r', r"\r")
                .replace('\t', r"\t").replace('"', "\\\"");
            prop_assert_eq!(unescape(&escaped), text);
        }

        #[test]
        fn any_text_is_xml_again(text in texts()) {
            let written = match xml(&text) {
                Ok(written) => written,
                Err(error) => {
                    prop_assert_eq!(error, TransformErrorKind::XmlCharacter);
                    let odd = text.contains('\u{1}');
                    prop_assert!(odd);
                    return Ok(());
                }
            };
            let marks = ['<', '>', '"', '\'', '\n', '\r', '\t', '\u{85}'];
            prop_assert!(!written.contains(marks));
            prop_assert_eq!(read_xml(&written), text);
        }
    }

    proptest! {
        // Each case starts a shell.
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn a_shell_reads_any_text_as_one_word(text in texts()) {
            let script = format!("printf %s {}", shell(&text).unwrap());
            let said = Command::new("sh").args(["-c", &script]).output().unwrap();
            prop_assert_eq!(String::from_utf8(said.stdout).unwrap(), text);
        }
    }

    #[test]
    fn a_shell_word_is_always_quoted() {
        assert_eq!(shell("it's").unwrap(), r"'it'\''s'");
        assert_eq!(shell("plain").unwrap(), "'plain'");
        assert_eq!(shell("").unwrap(), "''");
        assert_eq!(shell("a\0b"), Err(TransformErrorKind::ShellNul));
    }

    #[test]
    fn other_backslashes_stay() {
        assert_eq!(unescape(r"C:\dir\x \u0041 \' \"), r"C:\dir\x \u0041 \' \");
        assert_eq!(
            unescape(r"-----BEGIN-----\nMII\r\n"),
            "-----BEGIN-----\nMII\r\n"
        );
        assert_eq!(unescape(r"\\n"), r"\n");
    }

    #[test]
    fn json_is_spelled_as_to_json_spells_it() {
        assert_eq!(json("a\"<é\n").unwrap(), Escape::Json.apply("a\"<é\n"));
        assert_eq!(json("p@ss\"w'0rd\\x$1").unwrap(), r#"p@ss\"w'0rd\\x$1"#);
    }
}
