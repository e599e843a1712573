//! What the settings of Argo Workflows take from Secrets: the client of its `sso` block.

use manifill_manifest::{Value, read_one};

use super::reference::{Reference, Wants, is_key, is_name};
use crate::set::{Field, Kind, Object};

/// Finds what the `sso` block of the controller's ConfigMap names. It stands in a key of its own, or
/// in the one called `config` (the older form).
pub(super) fn find(number: usize, object: &Object, found: &mut Vec<Reference>) {
    let named = object.name.as_deref().unwrap_or_default();
    if !object.is("", "ConfigMap") || !named.ends_with("workflow-controller-configmap") {
        return;
    }
    let Some(data) = object.root().key("data") else {
        return;
    };
    for (key, in_block) in [("sso", false), ("config", true)] {
        let Some(field) = data.key(key) else { continue };
        let Some(value) = field.text().and_then(|text| read_one(text).ok()) else {
            continue;
        };
        let root = Field::new(&value);
        let sso = if in_block {
            root.key("sso")
        } else {
            Some(root)
        };
        let Some(sso) = sso else { continue };
        for client in ["clientId", "clientSecret"] {
            found.extend(selector(number, &field, sso.key(client)));
        }
    }
}

/// A `{name: …, key: …}` within the text of a field.
fn selector(number: usize, field: &Field<'_>, map: Option<Field<'_>>) -> Option<Reference> {
    let map = map.filter(|map| matches!(map.value, Value::Map(_)))?;
    let name = map.text_at(&["name"]).filter(|name| is_name(name))?;
    let key = map.text_at(&["key"]).filter(|key| is_key(key))?;
    Some(Reference {
        object: number,
        path: field.path.clone(),
        part: Some(key.to_owned()),
        kind: Kind::Secret,
        name: name.to_owned(),
        wants: Wants::Key(key.to_owned()),
        optional: map.is_true("optional"),
        label: None,
    })
}
