//! Fields whose value may read like a placeholder.

use std::fmt;
use std::str::FromStr;

use manifill::{Door, LeftIn};
use manifill_manifest::{FieldPath, Resource};

use crate::set::Object;

/// A field of an object whose value may read like a placeholder, written `KIND/NAME:FIELD` or
/// `KIND/NAMESPACE/NAME:FIELD`, as messages show both. A key that is no word may be written as one:
/// `data.tls.key` for `data["tls.key"]`.
///
/// ```
/// use manifill_check::AllowedField;
///
/// let field: AllowedField = "ConfigMap/web:data[\"index.html\"]".parse()?;
/// assert_eq!(field.to_string(), "ConfigMap/web:data[\"index.html\"]");
/// for wrong in ["", "data.a", "Secret/db", "Secret:data.a", "/db:data.a", "Secret/db:", "Secret/a/b/c:d"] {
///     assert!(wrong.parse::<AllowedField>().is_err(), "{wrong}");
/// }
/// # Ok::<(), manifill_check::NotAField>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AllowedField {
    kind: String,
    namespace: Option<String>,
    name: String,
    field: String,
}

impl AllowedField {
    /// The field of something that is left in; `None` if its object has no name. To a function, an item
    /// is no part of a list.
    pub(crate) fn of(left: &LeftIn<'_>, door: Door) -> Option<Self> {
        let resource = left.resource?;
        Some(AllowedField {
            kind: resource.kind.clone(),
            namespace: resource.namespace.clone(),
            name: resource.name.clone()?,
            field: match door {
                Door::Function => left.own_field.clone()?,
                _ => left.field.clone()?,
            },
        })
    }

    /// Whether something that is left in is in this field. A field that is written without its
    /// namespace is in each, and an item of a List has its field with or without the List's part.
    pub(crate) fn has(&self, left: &LeftIn<'_>) -> bool {
        let fields = [&left.field, &left.own_field];
        left.resource.is_some_and(|resource| self.is_of(resource))
            && fields
                .into_iter()
                .flatten()
                .any(|field| plain(field) == plain(&self.field))
    }

    /// Whether it is this field of an object.
    pub(crate) fn is(&self, object: &Object, path: &FieldPath) -> bool {
        let namespace = &object.namespace;
        self.kind == object.kind
            && object.name.as_ref() == Some(&self.name)
            && (self.namespace.is_none() || *namespace == self.namespace)
            && plain(&path.to_string()) == plain(&self.field)
    }

    fn is_of(&self, resource: &Resource) -> bool {
        resource.kind == self.kind
            && resource.name.as_ref() == Some(&self.name)
            && (self.namespace.is_none() || resource.namespace == self.namespace)
    }
}

/// What lets a function pass a field, as it is written in its configuration.
pub(crate) fn in_spec(field: &AllowedField) -> String {
    let field = field.to_string().replace('\'', "''");
    format!("`allow: ['{field}']` in functionConfig's spec")
}

/// A field with nothing but dots between its keys, as many a tool writes it.
fn plain(field: &str) -> String {
    let field = field
        .replace("[\"", ".")
        .replace("\"]", "")
        .replace("\\.", ".");
    field.trim_start_matches('.').to_owned()
}

impl fmt::Display for AllowedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        write!(f, "{}:{}", self.name, self.field)
    }
}

impl FromStr for AllowedField {
    type Err = NotAField;

    fn from_str(text: &str) -> Result<Self, NotAField> {
        let (kind, rest) = text.split_once('/').ok_or(NotAField)?;
        // The names of roles have colons, `ClusterRole/system:node`, and quoted keys may; keys that
        // are written as words have none.
        let words = rest.split('[').next().unwrap_or_default();
        let colon = words.rfind(':').ok_or(NotAField)?;
        let (object, field) = (&rest[..colon], &rest[colon + 1..]);
        let (namespace, name) = match object.split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, object),
        };
        let is_name = |text: &str| {
            !text.is_empty() && !text.contains(|c: char| c == '/' || c.is_whitespace())
        };
        let named = is_name(kind) && namespace.is_none_or(is_name) && is_name(name);
        if !named || field.is_empty() || field.starts_with('.') {
            return Err(NotAField);
        }
        Ok(AllowedField {
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            field: field.to_owned(),
        })
    }
}

/// The text does not name a field of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAField;

impl fmt::Display for NotAField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field is named as KIND/NAME:FIELD, such as Secret/db:stringData.password")
    }
}

impl std::error::Error for NotAField {}
