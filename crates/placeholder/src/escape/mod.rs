//! How brackets are escaped, and what stands between escaped ones.

pub(crate) mod decode;
pub(crate) mod form;

/// How the brackets of a placeholder are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Escape {
    /// As in a JSON string: `\u003c…\u003e`, also `\x3c…\x3e`.
    Json,
    /// Percent-encoding: `%3C…%3E`.
    Percent,
    /// HTML: `&lt;…&gt;`.
    Html,
}

impl Escape {
    /// A stable word for reports, such as `json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Escape::Json => "json",
            Escape::Percent => "percent",
            Escape::Html => "html",
        }
    }

    /// Escapes a value so that it reads back as itself where the placeholder stands.
    ///
    /// JSON is escaped as Go's `json.Marshal` does it; percent-encoding leaves the unreserved
    /// characters of RFC 3986.
    pub fn apply(&self, value: &str) -> String {
        let mut escaped = String::with_capacity(value.len());
        match self {
            Escape::Json => value.chars().for_each(|c| push_json(&mut escaped, c)),
            Escape::Percent => {
                for byte in value.bytes() {
                    match byte {
                        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                            escaped.push(char::from(byte));
                        }
                        _ => escaped.push_str(&format!("%{byte:02X}")),
                    }
                }
            }
            Escape::Html => {
                for c in value.chars() {
                    match c {
                        '&' => escaped.push_str("&amp;"),
                        '<' => escaped.push_str("&lt;"),
                        '>' => escaped.push_str("&gt;"),
                        '"' => escaped.push_str("&quot;"),
                        '\'' => escaped.push_str("&#39;"),
                        _ => escaped.push(c),
                    }
                }
            }
        }
        escaped
    }
}

fn push_json(escaped: &mut String, c: char) {
    match c {
        '"' => escaped.push_str("\\\""),
        '\\' => escaped.push_str("\\\\"),
        '\n' => escaped.push_str("\\n"),
        '\r' => escaped.push_str("\\r"),
        '\t' => escaped.push_str("\\t"),
        '\u{8}' => escaped.push_str("\\b"),
        '\u{c}' => escaped.push_str("\\f"),
        // The last two end a line in JavaScript.
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        }
        _ => escaped.push(c),
    }
}
