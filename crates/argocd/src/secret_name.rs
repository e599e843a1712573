//! The name of a Secret, as after `-s`.

use std::fmt;
use std::str::FromStr;

/// A Secret by its namespace and name, `namespace:name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// A text is not the name of a Secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not the name of a Secret with its namespace; write namespace:name")]
pub struct NotASecretName;

impl FromStr for SecretName {
    type Err = NotASecretName;

    fn from_str(text: &str) -> Result<Self, NotASecretName> {
        let (namespace, name) = text.split_once(':').ok_or(NotASecretName)?;
        if !is_object_name(namespace) || namespace.contains('.') || !is_object_name(name) {
            return Err(NotASecretName);
        }
        Ok(SecretName {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.namespace, self.name)
    }
}

/// Whether a text can be the name of an object of Kubernetes.
///
/// ```
/// use manifill_argocd::is_object_name;
/// assert!(is_object_name("argocd-repo-server") && is_object_name("a.b"));
/// assert!(!is_object_name("") && !is_object_name("A") && !is_object_name("-a") && !is_object_name("a b"));
/// ```
pub fn is_object_name(text: &str) -> bool {
    let is_end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=253).contains(&text.len())
        && text
            .bytes()
            .all(|byte| is_end(byte) || b"-.".contains(&byte))
        && text.bytes().next().is_some_and(is_end)
        && text.bytes().last().is_some_and(is_end)
}
