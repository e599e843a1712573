//! How vaults, items and files look in answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::data::{File, Item, Vault};
use crate::{time, totp};

pub(crate) fn vault(vault: &Vault) -> Value {
    let mut json = vault.json.clone();
    if !vault.items.is_empty() {
        json.insert("items".into(), json!(vault.items.len()));
    }
    Value::Object(json)
}

/// An item as lists show it: no list of a real server holds fields.
pub(crate) fn summary(item: &Item) -> Value {
    let hidden = ["sections", "fields", "files"];
    let json = item
        .json
        .iter()
        .filter(|(key, _)| !hidden.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Value::Object(json)
}

/// A whole item, with the codes of this moment.
pub(crate) fn item(item: &Item, files: &Files) -> Value {
    let mut json = item.json.clone();
    for field in json
        .get_mut("fields")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if field["type"] == "OTP" && field.get("totp").is_none() {
            let code = field["value"]
                .as_str()
                .and_then(|address| totp::code(address, time::now()));
            if let Some(code) = code {
                field["totp"] = json!(code);
            }
        }
    }
    if !item.files.is_empty() {
        json.insert("files".into(), files.list(item, false));
    }
    Value::Object(json)
}

/// How files are shown.
pub(crate) struct Files<'a> {
    pub(crate) vault: &'a str,
    pub(crate) leading_slash: bool,
    pub(crate) inline_limit: usize,
}

impl Files<'_> {
    /// The files of an item. Those that are too large keep their content to themselves.
    pub(crate) fn list(&self, item: &Item, inline: bool) -> Value {
        item.files
            .iter()
            .map(|file| self.file(item, file, inline))
            .collect()
    }

    pub(crate) fn file(&self, item: &Item, file: &File, inline: bool) -> Value {
        let slash = if self.leading_slash { "/" } else { "" };
        let path = format!(
            "{slash}v1/vaults/{}/items/{}/files/{}/content",
            self.vault, item.id, file.id
        );
        let mut json = Map::new();
        json.insert("id".into(), json!(file.id));
        json.insert("name".into(), json!(file.name));
        json.insert("content_path".into(), json!(path));
        if !file.bytes.is_empty() {
            json.insert("size".into(), json!(file.bytes.len()));
        }
        if let Some(section) = &file.section {
            json.insert("section".into(), json!({"id": section}));
        }
        if inline && self.fits(file) {
            json.insert("content".into(), json!(STANDARD.encode(&file.bytes)));
        }
        Value::Object(json)
    }

    pub(crate) fn fits(&self, file: &File) -> bool {
        file.bytes.len() <= self.inline_limit
    }
}
