//! A request as a server of the suite got it.

use std::collections::BTreeMap;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// The path and the query, as sent.
    pub target: String,
    /// The headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// The parts of the path, without the escapes of an address.
    pub fn parts(&self) -> Vec<String> {
        let path = self.target.split('?').next().unwrap_or_default();
        let path = path.strip_prefix('/').unwrap_or(path);
        path.split('/').map(|part| plain(part.as_bytes())).collect()
    }

    /// The fields of the query; of two with one name, the last.
    pub fn query(&self) -> BTreeMap<String, String> {
        let query = self.target.split_once('?').map(|(_, query)| query);
        fields(query.unwrap_or_default().as_bytes())
    }

    /// The fields of the body if it is a form; of two with one name, the last.
    pub fn form(&self) -> BTreeMap<String, String> {
        fields(&self.body)
    }
}

/// The fields of a form, which is how a query is written, too.
fn fields(text: &[u8]) -> BTreeMap<String, String> {
    let field = |field: &[u8]| {
        let at = field.iter().position(|byte| *byte == b'=')?;
        let part = |text: &[u8]| {
            let space = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
            plain(&text.iter().map(space).collect::<Vec<_>>())
        };
        Some((part(&field[..at]), part(&field[at + 1..])))
    };
    let all = text.split(|byte| *byte == b'&');
    all.filter_map(field).collect()
}

/// A text without its escapes.
fn plain(text: &[u8]) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => escaped(*high, *low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &rest[2..] } else { rest };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn escaped(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_where_they_stand() {
        let seen = Seen {
            method: "POST".to_owned(),
            target: "/a%2Fb/c+d/%C3%BC%2?x=1+2%2b3&y=&x=last&z".to_owned(),
            headers: vec![("accept".to_owned(), "*/*".to_owned())],
            body: b"k%20+=%3D=&bad=%zz%".to_vec(),
        };
        assert_eq!(seen.parts(), ["a/b", "c+d", "\u{fc}%2"]);
        let query: Vec<_> = seen.query().into_iter().collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(query, [pair("x", "last"), pair("y", "")]);
        let form: Vec<_> = seen.form().into_iter().collect();
        assert_eq!(form, [pair("bad", "%zz%"), pair("k  ", "==")]);
        assert_eq!(seen.header("accept"), Some("*/*"));
    }
}
