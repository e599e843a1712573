//! Whether a text shows something to fill, before anything is parsed or rendered.

use manifill_placeholder::buried;

use super::directives::{OPENERS, is_path_annotation};

/// Whether a text shows a placeholder with a path, or the annotation that names one, as it is,
/// escaped, or in base64. It may be a template or values of a chart.
pub(crate) fn shows_placeholder(text: &str) -> bool {
    let bytes = text.as_bytes();
    shows(bytes)
        || buried::find(bytes, buried::OF_REFERENCES, &shows)
            .next()
            .is_some()
}

fn shows(bytes: &[u8]) -> bool {
    let starts = |byte: &u8| b"<%&\\a".contains(byte);
    let found = |(at, _): (usize, &u8)| {
        let rest = &bytes[at..];
        is_path_annotation(rest) || opens(rest)
    };
    bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| starts(byte))
        .any(found)
}

/// Whether a placeholder begins here, behind `<` or an escape of it.
fn opens(bytes: &[u8]) -> bool {
    const BRACKETS: [&[u8]; 6] = [b"<", b"%3c", b"&lt;", b"\\u003c", b"\\x3c", b"\\U0000003c"];
    let bracket = BRACKETS.iter().find(|bracket| {
        let head = bytes.get(..bracket.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(bracket))
    });
    let Some(bracket) = bracket else {
        return false;
    };
    let rest = &bytes[bracket.len()..];
    OPENERS.iter().any(|opener| {
        let word = opener.split(':').next().unwrap_or(opener);
        let colon = rest.strip_prefix(word.as_bytes());
        colon.is_some_and(|rest| matches!(rest, [b':', ..] | [b'%', b'3', b'a' | b'A', ..]))
    })
}

#[cfg(test)]
mod tests {
    use manifill_placeholder::encode;

    use super::shows_placeholder;

    #[test]
    fn every_spelling_is_seen() {
        let mut texts = vec![
            "<path:a#b>".to_owned(),
            "x <op://v/i/f>".to_owned(),
            "avp.kubernetes.io/path: a".to_owned(),
            "\"\\u003Cpath:a#b\\u003e\"".to_owned(),
            "\"\\x3cop://v/i/f>\"".to_owned(),
            "%3Cpath%3Aa%23b%3E".to_owned(),
            "%3cop%3a%2F%2Fv".to_owned(),
            "&lt;path:a#b&gt;".to_owned(),
        ];
        // In each of the three places that a base64 group has, and in each other.
        for before in ["", "x", "xy", "user: ", "long text before it, "] {
            for opener in ["<path:a/b#c>", "<op://v/i/f>"] {
                let once = encode(format!("{before}{opener}").as_bytes());
                let twice = encode(format!("{{\"auth\":\"{once}\"}}").as_bytes());
                let folded = format!(
                    "data:\n  a: |\n    {}\n    {}\n  other: x\n",
                    &once[..8],
                    &once[8..]
                );
                texts.extend([
                    format!("data: {{a: {once}}}"),
                    format!("a: {twice}\nb: c"),
                    folded,
                ]);
            }
        }
        for text in texts {
            assert!(shows_placeholder(&text), "{text}");
        }
    }

    #[test]
    fn nothing_else_is() {
        let certificate = encode(&[b"certificate".as_slice(); 40].concat());
        for text in [
            "kind: Secret\nstringData: {a: <user>}\n",
            "kind: Secret\nmetadata: {labels: {manifill.dev/readable: \"true\"}}\n",
            "a: <pathology> <path > < path: <operator> <op >",
            "a: %3Cb%3E &lt;br&gt; \\u003cb\\u003e",
            "path: /a\nsecretName: longwordswithoutanymeaning",
            &certificate,
            "",
        ] {
            assert!(!shows_placeholder(text), "{text}");
        }
    }
}
