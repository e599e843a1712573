//! What the server serves: vaults, items, files, tokens.

use std::fmt;

use serde_json::{Map, Value, json};

mod error;
mod fields;
mod fixtures;
mod json;
mod reader;
mod shape;
mod unique;

pub use error::DataError;
pub(crate) use shape::is_id;

use crate::token::Token;
use fields::Fields;
use shape::{derived_id, omit_empty};

/// The vaults and items of a server.
#[derive(Clone, Default)]
pub struct Data {
    pub(crate) vaults: Vec<Vault>,
    pub(crate) tokens: Vec<Token>,
}

#[derive(Clone)]
pub(crate) struct Vault {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Everything the API answers but the number of items.
    pub(crate) json: Map<String, Value>,
    pub(crate) items: Vec<Item>,
}

#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) title: String,
    /// Everything the API answers but the files.
    pub(crate) json: Map<String, Value>,
    pub(crate) files: Vec<File>,
}

#[derive(Clone)]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) section: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

impl Data {
    /// No vaults at all.
    pub fn new() -> Data {
        Data::default()
    }

    /// Adds an empty vault. An id that is not 26 letters `a-z` and digits cannot be reached, as
    /// on a real server.
    #[must_use]
    pub fn with_vault(mut self, id: impl Into<String>, name: impl Into<String>) -> Data {
        self.vaults.push(Vault::new(id.into(), name.into()));
        self
    }

    /// Adds a login item with fields by label. The labels `username`, `password` and
    /// `notesPlain` become the built-in fields, an `otpauth://` value a one-time code. A vault
    /// that is not there yet is added, its id for a name.
    #[must_use]
    pub fn with_item<L: Into<String>, V: Into<String>>(
        mut self,
        vault: &str,
        id: impl Into<String>,
        title: impl Into<String>,
        fields: impl IntoIterator<Item = (L, V)>,
    ) -> Data {
        let (id, title) = (id.into(), title.into());
        let mut built = Fields::new(&id);
        for (label, value) in fields {
            built.push(None, &label.into(), Some(value.into()));
        }
        let mut item = Item::new(id, title, vault, Map::new());
        built.write(&mut item.json);
        self.vault_mut(vault).items.push(item);
        self
    }

    /// Attaches a file to an item. An item that is not there yet is added, its id for a title.
    #[must_use]
    pub fn with_file(
        mut self,
        vault: &str,
        item: &str,
        name: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> Data {
        let name = name.into();
        let file = File {
            id: derived_id(&[item, "file", &name]),
            name,
            section: None,
            bytes: bytes.into(),
        };
        let items = &mut self.vault_mut(vault).items;
        match items.iter_mut().find(|known| known.id == item) {
            Some(known) => known.files.push(file),
            None => {
                let mut new = Item::new(item.to_owned(), item.to_owned(), vault, Map::new());
                new.files.push(file);
                items.push(new);
            }
        }
        self
    }

    /// The id of the first vault of a name.
    pub fn vault_id(&self, name: &str) -> Option<&str> {
        self.vaults
            .iter()
            .find(|vault| vault.name == name)
            .map(|vault| vault.id.as_str())
    }

    /// The id of the first item of a title in a vault, given by id.
    pub fn item_id(&self, vault: &str, title: &str) -> Option<&str> {
        self.vault(vault)?
            .items
            .iter()
            .find(|item| item.title == title)
            .map(|item| item.id.as_str())
    }

    pub(crate) fn vault(&self, id: &str) -> Option<&Vault> {
        self.vaults.iter().find(|vault| vault.id == id)
    }

    fn vault_mut(&mut self, id: &str) -> &mut Vault {
        let at = match self.vaults.iter().position(|vault| vault.id == id) {
            Some(at) => at,
            None => {
                self.vaults.push(Vault::new(id.to_owned(), id.to_owned()));
                self.vaults.len() - 1
            }
        };
        &mut self.vaults[at]
    }
}

impl Vault {
    fn new(id: String, name: String) -> Vault {
        let mut json = Map::new();
        default(&mut json, "attributeVersion", json!(1));
        default(&mut json, "contentVersion", json!(1));
        default(&mut json, "type", json!("USER_CREATED"));
        default(&mut json, "createdAt", json!(DATE));
        default(&mut json, "updatedAt", json!(DATE));
        json.insert("id".into(), json!(id));
        json.insert("name".into(), json!(name));
        Vault {
            id,
            name,
            json,
            items: Vec::new(),
        }
    }

    pub(crate) fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }
}

impl Item {
    /// Completes what the data say about an item.
    fn new(id: String, title: String, vault: &str, mut json: Map<String, Value>) -> Item {
        omit_empty(&mut json);
        default(&mut json, "category", json!("LOGIN"));
        default(&mut json, "version", json!(1));
        default(&mut json, "createdAt", json!(DATE));
        default(&mut json, "updatedAt", json!(DATE));
        default(
            &mut json,
            "lastEditedBy",
            json!("FAKEUSERFAKEUSERFAKEUSER01"),
        );
        json.insert("id".into(), json!(id));
        json.insert("title".into(), json!(title));
        json.insert("vault".into(), json!({"id": vault}));
        Item {
            id,
            title,
            json,
            files: Vec::new(),
        }
    }
}

impl fmt::Debug for Data {
    /// Counts only: the data may be somebody's after all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: usize = self.vaults.iter().map(|vault| vault.items.len()).sum();
        f.debug_struct("Data")
            .field("vaults", &self.vaults.len())
            .field("items", &items)
            .field("tokens", &self.tokens.len())
            .finish()
    }
}

const DATE: &str = "2024-05-01T08:00:00Z";

fn default(json: &mut Map<String, Value>, key: &str, value: Value) {
    json.entry(key).or_insert(value);
}

#[cfg(test)]
mod tests;
