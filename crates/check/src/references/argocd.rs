//! What the settings of Argo CD take from Secrets.
//!
//! In its ConfigMap `argocd-cm`, Argo CD replaces a text that begins with `$` as a whole: `$KEY` by a
//! key of the Secret `argocd-secret`, `$NAME:KEY` by one of a Secret that is labelled as a part of
//! Argo CD (`util/settings`, `ReplaceMapSecrets`). What it does not find it leaves as it is, with a
//! warning in its log.

use manifill_manifest::{Value, read_one};

use super::reference::{Label, Reference, Wants, is_key, is_name};
use crate::set::{Field, Kind, Object};

/// The settings in which texts are replaced.
const SETTINGS: [&str; 3] = ["dex.config", "oidc.config", "extension.config"];

/// The Secret of keys without a name.
const OWN: &str = "argocd-secret";

const LABEL: Label = Label {
    key: "app.kubernetes.io/part-of",
    value: "argocd",
    wanted_by: "Argo CD",
};

/// Finds what the settings of Argo CD name.
pub(super) fn find(number: usize, object: &Object, found: &mut Vec<Reference>) {
    if !object.is("", "ConfigMap") || object.name.as_deref() != Some("argocd-cm") {
        return;
    }
    for (key, field) in object.root().key("data").iter().flat_map(Field::entries) {
        let extension = key.starts_with("extension.config.");
        let text = field
            .text()
            .filter(|_| SETTINGS.contains(&key) || extension);
        let Some(settings) = text.and_then(|text| read_one(text).ok()) else {
            continue;
        };
        let mut texts = Vec::new();
        texts_of(&settings, &mut texts);
        for text in texts {
            found.extend(reference(number, &field, text));
        }
    }
}

/// All texts in a value.
fn texts_of<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::Text(text) => texts.push(text),
        Value::List(items) => items.iter().for_each(|item| texts_of(item, texts)),
        Value::Map(entries) => entries.iter().for_each(|(_, value)| texts_of(value, texts)),
        _ => {}
    }
}

fn reference(number: usize, field: &Field<'_>, text: &str) -> Option<Reference> {
    let named = text.strip_prefix('$')?.trim();
    let (name, key, label) = match named.split_once(':') {
        Some((name, key)) => (name, key, Some(LABEL)),
        None => (OWN, named, None),
    };
    (is_name(name) && is_key(key)).then(|| Reference {
        object: number,
        path: field.path.clone(),
        part: Some(text.to_owned()),
        kind: Kind::Secret,
        name: name.to_owned(),
        wants: Wants::Key(key.to_owned()),
        optional: false,
        label,
    })
}
