//! What stands in an encrypted file, whatever its format: the values as sops reads them.

use zeroize::Zeroizing;

use crate::SecretValue;

/// The entries of a map, in their order: sops hashes the values in it.
pub(super) type Entries = Vec<(String, Node)>;

/// Nesting beyond this is refused, as in JSON.
pub(super) const MAX_DEPTH: usize = 128;

/// A value of a file.
#[derive(Clone)]
pub(super) enum Node {
    Map(Entries),
    List(Vec<Node>),
    Leaf(Leaf),
}

/// A single value of a file.
#[derive(Clone)]
pub(super) enum Leaf {
    Null,
    Text(Zeroizing<String>),
    /// A value that is not text, with the bytes that sops hashes for it.
    Typed {
        value: SecretValue,
        hashed: Zeroizing<Vec<u8>>,
    },
}

/// What is wrong with the text of a file, and where; nothing of the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Misread {
    pub(super) problem: &'static str,
    pub(super) line: usize,
    pub(super) column: usize,
}

pub(super) const TOO_DEEP: &str = "values are nested too deeply";
pub(super) const TWICE: &str = "a key is given twice";
pub(super) const NO_MAP: &str = "the top of the file is not a map";

impl Node {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Node::Leaf(Leaf::Text(Zeroizing::new(text.into())))
    }

    /// The entry of a map.
    pub(super) fn entry(&self, name: &str) -> Option<&Node> {
        match self {
            Node::Map(entries) => {
                let found = entries.iter().find(|(key, _)| key == name);
                found.map(|(_, node)| node)
            }
            _ => None,
        }
    }

    /// The items of a list; none of anything else, such as the null that sops writes for an
    /// empty one.
    pub(super) fn items(&self) -> &[Node] {
        match self {
            Node::List(items) => items,
            _ => &[],
        }
    }

    /// A single value in the words of sops: `True` for a boolean, the digits for a number.
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Node::Leaf(Leaf::Text(text)) => Some(text),
            Node::Leaf(Leaf::Typed { hashed, .. }) => std::str::from_utf8(hashed).ok(),
            _ => None,
        }
    }
}

impl Leaf {
    /// What sops hashes for it: nothing for null.
    pub(super) fn hashed(&self) -> &[u8] {
        match self {
            Leaf::Null => &[],
            Leaf::Text(text) => text.as_bytes(),
            Leaf::Typed { hashed, .. } => hashed,
        }
    }

    pub(super) fn into_value(self) -> SecretValue {
        match self {
            Leaf::Null => SecretValue::null(),
            Leaf::Text(text) => SecretValue::text(text.as_str()),
            Leaf::Typed { value, .. } => value,
        }
    }

    pub(super) fn bool(value: bool) -> Self {
        Leaf::Typed {
            value: SecretValue::bool(value),
            hashed: Zeroizing::new(if value { "True" } else { "False" }.into()),
        }
    }

    /// An integer in its decimal digits.
    pub(super) fn integer(value: i64) -> Self {
        let digits = value.to_string();
        Leaf::number(&digits, digits.clone())
    }

    /// A number that sops takes for floating-point: it hashes the shortest digits that give the
    /// same number, without an exponent.
    pub(super) fn float(source: &str, value: f64) -> Self {
        let hashed = match value {
            f64::INFINITY => "+Inf".to_owned(),
            f64::NEG_INFINITY => "-Inf".to_owned(),
            value => value.to_string(),
        };
        Leaf::number(source, hashed)
    }

    /// The value keeps the digits of its source where JSON has them.
    fn number(source: &str, hashed: String) -> Self {
        let value = SecretValue::number(source)
            .or_else(|| SecretValue::number(hashed.as_str()))
            .unwrap_or_else(|| SecretValue::text(source));
        Leaf::Typed {
            value,
            hashed: Zeroizing::new(hashed.into_bytes()),
        }
    }

    /// A point in time in the one form that sops knows.
    pub(super) fn time(form: String) -> Self {
        Leaf::Typed {
            value: SecretValue::text(form.as_str()),
            hashed: Zeroizing::new(form.into_bytes()),
        }
    }
}
