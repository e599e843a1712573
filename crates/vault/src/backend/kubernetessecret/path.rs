//! The name of a Secret: `[namespace:]name`.

use std::fmt;

use crate::{PathError, SecretPath};

const SHAPE: &str = "write name or namespace:name";

/// A Secret in its namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SecretName {
    pub(super) namespace: String,
    pub(super) name: String,
}

impl SecretName {
    /// Reads a path. AVP takes `a:b:c` for the Secret `a`; here it is an
    /// error, as is everything that no Secret can be called, so that a name can stand in a URL.
    pub(super) fn parse(path: &str, default_namespace: &str) -> Result<Self, PathError> {
        let path = path.trim();
        let wrong = |message| PathError::new(message).with_name(path).with_hint(SHAPE);
        let (namespace, name) = match path.split_once(':') {
            None => (default_namespace, path),
            Some((_, name)) if name.contains(':') => {
                return Err(wrong("the path {} has more than one colon"));
            }
            Some(parts) => parts,
        };
        if name.contains('/') {
            return Err(wrong("the path {} has a slash"));
        }
        if !is_label(namespace) {
            return Err(PathError::new("no namespace can be called {}")
                .with_name(namespace)
                .with_hint(SHAPE));
        }
        if name.len() > 253 || !name.split('.').all(is_part) {
            return Err(PathError::new("no Secret can be called {}")
                .with_name(name)
                .with_hint(SHAPE));
        }
        Ok(SecretName {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The one spelling of its path.
    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(self.to_string())
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.namespace, self.name)
    }
}

/// A label of RFC 1123, as namespaces are.
pub(super) fn is_label(text: &str) -> bool {
    text.len() <= 63 && is_part(text)
}

/// Lower case letters, digits and inner hyphens: a part of a name of RFC 1123, which Kubernetes
/// limits in length as a whole only.
fn is_part(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}
