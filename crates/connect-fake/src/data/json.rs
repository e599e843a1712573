//! The data file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::fields::Fields;
use super::reader::At;
use super::shape::{derived_id, is_id, omit_empty};
use super::unique::Unique;
use super::{Data, DataError, File, Item, Vault};
use crate::token::Token;

impl Data {
    /// Reads a data file; its form is described at the [crate].
    ///
    /// # Errors
    ///
    /// [`DataError`] names the place of the first mistake, and no value.
    pub fn from_json(text: &str) -> Result<Data, DataError> {
        let value: Value = serde_json::from_str(text).map_err(|error| DataError::Syntax {
            line: error.line(),
            column: error.column(),
        })?;
        serde_json::from_str::<Unique>(text).map_err(|error| DataError::DuplicateKey {
            line: error.line(),
            column: error.column(),
        })?;
        let root = At::root(&value);
        root.only(&["vaults", "tokens"])?;
        let mut data = Data::new();
        for vault in root.required("vaults", "needs `vaults`")?.list()? {
            let read = read_vault(&vault, &data)?;
            data.vaults.push(read);
        }
        if let Some(tokens) = root.optional("tokens")? {
            for token in tokens.list()? {
                let read = read_token(&token, &data)?;
                data.tokens.push(read);
            }
        }
        Ok(data)
    }
}

fn read_vault(at: &At, data: &Data) -> Result<Vault, DataError> {
    let name = at.required("name", "needs `name`")?.text()?;
    let id = read_id(at, &["vault", name], |id| data.vault(id).is_some())?;
    let mut vault = Vault::new(id, name.to_owned());
    let mut json = at.map()?.clone();
    json.remove("items");
    omit_empty(&mut json);
    json.remove("id");
    vault.json.extend(json);
    if let Some(items) = at.optional("items")? {
        for item in items.list()? {
            let read = read_item(&item, &vault)?;
            vault.items.push(read);
        }
    }
    Ok(vault)
}

fn read_item(at: &At, vault: &Vault) -> Result<Item, DataError> {
    let title = at.required("title", "needs `title`")?.text()?;
    let id = read_id(at, &[&vault.id, "item", title], |id| {
        vault.item(id).is_some()
    })?;
    let mut json = at.map()?.clone();
    let mut fields = Fields::new(&id);
    if let Some(sections) = at.optional("sections")? {
        fields.read_sections(&sections)?;
    }
    if let Some(list) = at.optional("fields")? {
        fields.read(&list)?;
    }
    let files = match at.optional("files")? {
        Some(files) => files
            .list()?
            .map(|file| read_file(&file, &id, &mut fields))
            .collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    if !files.is_empty() {
        json.remove("files");
    }
    fields.write(&mut json);
    let mut item = Item::new(id, title.to_owned(), &vault.id, json);
    item.files = files;
    Ok(item)
}

fn read_file(at: &At, item: &str, fields: &mut Fields) -> Result<File, DataError> {
    at.only(&["id", "name", "section", "content", "content_base64"])?;
    let name = at.required("name", "needs `name`")?.text()?;
    let bytes = match (at.optional("content")?, at.optional("content_base64")?) {
        (Some(text), None) => text.text()?.as_bytes().to_vec(),
        (None, Some(encoded)) => STANDARD
            .decode(encoded.text()?)
            .map_err(|_| encoded.error("is not base64"))?,
        _ => return Err(at.error("needs one of `content` and `content_base64`")),
    };
    let section = match at.optional("section")? {
        Some(section) => Some(fields.section(section.text()?)),
        None => None,
    };
    Ok(File {
        id: read_id(at, &[item, "file", name], |_| false)?,
        name: name.to_owned(),
        section,
        bytes,
    })
}

fn read_token(at: &At, data: &Data) -> Result<Token, DataError> {
    if at.value.is_string() {
        return Ok(Token::new(at.text()?));
    }
    at.only(&["token", "vaults"])?;
    let token = Token::new(at.required("token", "needs `token`")?.text()?);
    let Some(vaults) = at.optional("vaults")? else {
        return Ok(token);
    };
    let mut ids = Vec::new();
    for vault in vaults.list()? {
        let name = vault.text()?;
        match data.vault_id(name) {
            Some(id) => ids.push(id.to_owned()),
            None if is_id(name) => ids.push(name.to_owned()),
            None => return Err(vault.error("names no vault of the file")),
        }
    }
    Ok(token.with_vaults(ids))
}

/// The id of a map, given or derived from names. Several things may have one name, so a derived
/// id that is taken gets a number; a given one is a mistake.
fn read_id(at: &At, names: &[&str], is_taken: impl Fn(&str) -> bool) -> Result<String, DataError> {
    if let Some(given) = at.optional("id")? {
        let id = given.text()?;
        if !is_id(id) {
            return Err(given.error("must be 26 letters a-z and digits"));
        }
        if is_taken(id) {
            return Err(given.error("is there already"));
        }
        return Ok(id.to_owned());
    }
    let mut id = derived_id(names);
    let mut number = 1;
    while is_taken(&id) {
        number += 1;
        let digits = number.to_string();
        id = derived_id(&[names, &[digits.as_str()]].concat());
    }
    Ok(id)
}
