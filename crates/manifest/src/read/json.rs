//! Finds the values of a JSON stream.

use crate::Span;

/// The values of a stream of JSON objects with white space between them, or `None` if the text
/// is anything else.
///
/// Kubernetes reads a file whose first byte is `{` as such a stream, AVP with it; text that is
/// not JSON (`{kind: A}`) is YAML instead.
pub(crate) fn objects(text: &str) -> Option<Vec<Span>> {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: 0,
    };
    let mut found = Vec::new();
    loop {
        scan.space();
        if scan.at == scan.bytes.len() {
            return Some(found);
        }
        let start = scan.at;
        if scan.peek() != Some(b'{') {
            return None;
        }
        scan.value()?;
        found.push(start..scan.at);
    }
}

/// Whether a text is one JSON value.
pub(crate) fn is_value(text: &str) -> bool {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: 0,
    };
    scan.value().is_some() && scan.at == text.len()
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// One value, with a stack of open brackets instead of recursion.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        let mut fresh = self.item(&mut open)?;
        while let Some(&bracket) = open.last() {
            self.space();
            let close = if bracket == b'{' { b'}' } else { b']' };
            if self.peek()? == close {
                self.at += 1;
                open.pop();
                fresh = false;
                continue;
            }
            if !fresh {
                self.take(b',')?;
                self.space();
            }
            if bracket == b'{' {
                self.string()?;
                self.space();
                self.take(b':')?;
                self.space();
            }
            fresh = self.item(&mut open)?;
        }
        Some(())
    }

    /// A string or word, or the opening bracket of a collection; the latter is told by `true`.
    fn item(&mut self, open: &mut Vec<u8>) -> Option<bool> {
        match self.peek()? {
            bracket @ (b'{' | b'[') => {
                self.at += 1;
                open.push(bracket);
                return Some(true);
            }
            b'"' => self.string()?,
            _ => self.word()?,
        }
        Some(false)
    }

    fn string(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += memchr::memchr2(b'"', b'\\', rest)?;
            if self.peek()? == b'"' {
                self.at += 1;
                return Some(());
            }
            self.at += 2;
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let length = rest
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'))
            .count();
        let word = &rest[..length];
        let number = word
            .first()
            .is_some_and(|b| b.is_ascii_digit() || *b == b'-');
        self.at += length;
        (number || matches!(word, b"true" | b"false" | b"null")).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{is_value, objects};

    fn texts(text: &str) -> Option<Vec<&str>> {
        objects(text).map(|spans| spans.into_iter().map(|span| &text[span]).collect())
    }

    #[test]
    fn finds_the_values_of_a_stream() {
        assert_eq!(
            texts("{\"a\":[1,{\"b\":null}],\"c\":\"}\\\"{\"}\n {}{\"d\":-1.5e+3}\n"),
            Some(vec![
                "{\"a\":[1,{\"b\":null}],\"c\":\"}\\\"{\"}",
                "{}",
                "{\"d\":-1.5e+3}"
            ])
        );
    }

    #[test]
    fn knows_single_values() {
        for text in ["null", "-1.5", "\"a\"", "[]", "[1, {}]", "{\"a\": [true]}"] {
            assert!(is_value(text), "{text}");
        }
        for text in [
            "", "a", "a # b", "1 2", "[1", "\"a", "{}]", "[1,]", " 1", "nul",
        ] {
            assert!(!is_value(text), "{text}");
        }
    }

    #[test]
    fn is_none_for_text_that_is_not_json() {
        for text in [
            "{kind: A}",
            "{\"a\":1",
            "{\"a\":1}}",
            "{\"a\" 1}",
            "{\"a\":b}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":\"x",
            "{\"a\":\"x\\",
            "{\"a\":1} # c",
            "{'a':1}",
        ] {
            assert_eq!(texts(text), None, "{text}");
        }
    }
}
