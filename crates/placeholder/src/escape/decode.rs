//! Taking escapes out of a text, keeping account of where everything stood.

use super::Escape;

/// A text without escapes.
pub(crate) struct Decoded {
    pub(crate) text: String,
    /// For each byte of the text the offset in the source at which it stood, and one for the end.
    places: Vec<usize>,
}

impl Decoded {
    /// The offset in the source of an offset in the text.
    pub(crate) fn source(&self, at: usize) -> usize {
        self.places
            .get(at)
            .or(self.places.last())
            .copied()
            .unwrap_or_default()
    }
}

/// Takes the escapes out of a text; `None` if they give no text. What only looks like an escape
/// stays as it is.
pub(crate) fn decode(source: &str, escape: Escape) -> Option<Decoded> {
    let mut bytes = Vec::with_capacity(source.len());
    let mut places = Vec::with_capacity(source.len() + 1);
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let from = at;
        at += next(rest, escape, &mut bytes)?;
        places.resize(bytes.len(), from);
    }
    places.push(source.len());
    Some(Decoded {
        text: String::from_utf8(bytes).ok()?,
        places,
    })
}

/// The first bytes of a text without its escapes, `count` or a few more unless it is shorter.
pub(super) fn beginning(source: &str, escape: Escape, count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = source;
    while bytes.len() < count && !rest.is_empty() {
        match next(rest, escape, &mut bytes) {
            Some(length) => rest = rest.get(length..).unwrap_or_default(),
            None => break,
        }
    }
    bytes
}

/// Adds what the first character or escape sequence of a text stands for, and says how long that
/// is; `None` if it stands for no text.
fn next(text: &str, escape: Escape, bytes: &mut Vec<u8>) -> Option<usize> {
    let sequence = match escape {
        Escape::Json => json(text)?,
        Escape::Percent => percent(text),
        Escape::Html => html(text),
    };
    Some(match sequence {
        Some((Unescaped::Byte(byte), length)) => {
            bytes.push(byte);
            length
        }
        Some((Unescaped::Char(c), length)) => {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            length
        }
        None => {
            let c = text.chars().next()?;
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            c.len_utf8()
        }
    })
}

enum Unescaped {
    Byte(u8),
    Char(char),
}

type Sequence = Option<(Unescaped, usize)>;

/// The escape sequence of a JSON string (RFC 8259) that a text begins with, or `\xNN`; the outer
/// `None` is half of a surrogate pair.
fn json(text: &str) -> Option<Sequence> {
    let found = |c| Some(Some((Unescaped::Char(c), 2)));
    match text.as_bytes() {
        [b'\\', b'"', ..] => found('"'),
        [b'\\', b'\\', ..] => found('\\'),
        [b'\\', b'/', ..] => found('/'),
        [b'\\', b'b', ..] => found('\u{8}'),
        [b'\\', b'f', ..] => found('\u{c}'),
        [b'\\', b'n', ..] => found('\n'),
        [b'\\', b'r', ..] => found('\r'),
        [b'\\', b't', ..] => found('\t'),
        [b'\\', b'x', ..] => {
            let byte = text.get(2..4).and_then(hex);
            Some(
                byte.and_then(char::from_u32)
                    .map(|c| (Unescaped::Char(c), 4)),
            )
        }
        [b'\\', b'u', ..] => {
            let Some(unit) = text.get(2..6).and_then(hex) else {
                return Some(None);
            };
            if let Some(c) = char::from_u32(unit) {
                return Some(Some((Unescaped::Char(c), 6)));
            }
            let low = text
                .get(6..8)
                .filter(|mark| *mark == "\\u")
                .and(text.get(8..12));
            let low = low
                .and_then(hex)
                .filter(|low| (0xdc00..0xe000).contains(low))?;
            let high = unit.checked_sub(0xd800).filter(|high| *high < 0x400)?;
            let c = char::from_u32(0x10000 + high * 0x400 + (low - 0xdc00))?;
            Some(Some((Unescaped::Char(c), 12)))
        }
        _ => Some(None),
    }
}

fn percent(text: &str) -> Sequence {
    let byte = text.strip_prefix('%')?.get(..2).and_then(hex)?;
    Some((Unescaped::Byte(u8::try_from(byte).ok()?), 3))
}

fn html(text: &str) -> Sequence {
    const ENTITIES: [(&str, char); 5] = [
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&amp;", '&'),
        ("&quot;", '"'),
        ("&#39;", '\''),
    ];
    if let Some(number) = text.strip_prefix("&#") {
        // No character has more than seven digits.
        let digits = number
            .split(';')
            .next()
            .filter(|digits| digits.len() <= 7)?;
        let c = match digits.strip_prefix(['x', 'X']) {
            Some(digits) => hex(digits)?,
            None => digits.parse().ok()?,
        };
        let length = "&#;".len() + digits.len();
        let closed = text.as_bytes().get(length - 1) == Some(&b';');
        let c = char::from_u32(c).filter(|_| closed)?;
        return Some((Unescaped::Char(c), length));
    }
    let (name, c) = ENTITIES.iter().find(|(name, _)| text.starts_with(name))?;
    Some((Unescaped::Char(*c), name.len()))
}

/// A number of hexadecimal digits and nothing else.
fn hex(digits: &str) -> Option<u32> {
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_escaped_value_reads_back(value in any::<String>()) {
            for escape in [Escape::Json, Escape::Percent, Escape::Html] {
                let decoded = decode(&escape.apply(&value), escape).unwrap();
                prop_assert_eq!(&decoded.text, &value);
            }
        }
    }

    #[test]
    fn every_byte_knows_where_it_stood() {
        let decoded = decode(r"a\\\u00e9\/\qz", Escape::Json).unwrap();
        assert_eq!(decoded.text, r"a\é/\qz");
        let places: Vec<usize> = (0..=8).map(|at| decoded.source(at)).collect();
        assert_eq!(places, [0, 1, 3, 3, 9, 11, 12, 13, 14]);
        assert_eq!(decoded.source(99), 14);
    }
}
