//! Paths: `vaults/V/items/I`, `op://V/I` and the item links that the 1Password apps copy.

use super::super::info::is_item_link;
use crate::{PathError, SecretPath};

const SHAPE: &str = "write vaults/<vault>/items/<item>";

/// Where an item is: names or ids, as they stand in the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ItemPath {
    pub(super) vault: String,
    pub(super) item: String,
    /// Whether it was written as a secret reference, whose names match in any letter case and
    /// whose keys have their own rules.
    pub(super) reference: bool,
}

impl ItemPath {
    /// Parses any of the three spellings.
    ///
    /// # Errors
    /// Says which part is missing or wrong.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        if let Some(hint) = blank_to_fill(path) {
            return Err(
                PathError::new("the path {} has a part that must be filled in")
                    .with_name(path)
                    .with_hint(hint),
            );
        }
        if let Some(reference) = path.strip_prefix("op://") {
            return parse_reference(path, reference);
        }
        if path.starts_with("https://") {
            return parse_link(path);
        }
        parse_words(path)
    }

    /// The plain spelling, which is the same for a path and for an item link.
    ///
    /// A secret reference keeps its own, since the same words may match more there.
    pub(super) fn plain(&self) -> SecretPath {
        let ItemPath {
            vault,
            item,
            reference,
        } = self;
        SecretPath::verbatim(if *reference {
            format!("op://{vault}/{item}")
        } else {
            format!("vaults/{vault}/items/{item}")
        })
    }
}

/// Whether this has the shape of an id: 26 lower case letters and digits. A title may have it too.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 26
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// People paste `vaults/<VAULT UUID>/items/<ITEM UUID>` from documentation.
fn blank_to_fill(path: &str) -> Option<&'static str> {
    let before = &path[..path.find('<')?];
    Some(if before.contains("items/") {
        /* hint */
        "replace <ITEM UUID> by the id"
    } else {
        /* hint */
        "replace <VAULT UUID> by the id"
    })
}

fn parse_words(path: &str) -> Result<ItemPath, PathError> {
    let wrong = |message| Err(PathError::new(message).with_name(path).with_hint(SHAPE));
    if path.starts_with('/') {
        return wrong("the path {} begins with a slash");
    }
    let mut parts = path.splitn(4, '/');
    if parts.next() != Some("vaults") {
        return wrong("the path {} does not begin with vaults/");
    }
    let Some(vault) = parts.next().filter(|vault| !vault.is_empty()) else {
        return wrong("the path {} names no vault");
    };
    match parts.next() {
        None | Some("") => return wrong("the path {} names no item"),
        Some("items") => {}
        // A slash in the name of the vault.
        Some(_) if path.contains("/items/") => {
            let error = PathError::new("the path {} has no items/ after the vault").with_name(path);
            return Err(error.with_hint("if the vault's name holds a slash, use the vault's id"));
        }
        Some(_) => return wrong("the path {} has no items/ after the vault"),
    }
    let Some(item) = parts.next().filter(|item| !item.is_empty()) else {
        return wrong("the path {} names no item");
    };
    if item.ends_with('/') {
        let error = PathError::new("the path {} ends with a slash").with_name(path);
        return Err(error.with_hint("remove it; if the title ends so, use the item's id"));
    }
    Ok(ItemPath {
        vault: vault.to_owned(),
        item: item.to_owned(),
        reference: false,
    })
}

fn parse_reference(path: &str, reference: &str) -> Result<ItemPath, PathError> {
    let mut parts = reference.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(vault), Some(item), None) if !vault.is_empty() && !item.is_empty() => Ok(ItemPath {
            vault: vault.to_owned(),
            item: item.to_owned(),
            reference: true,
        }),
        _ => Err(PathError::new("the path {} is not op://vault/item")
            .with_name(path)
            .with_hint("write the path op://vault/item, whose fields are the keys, or the placeholder <op://vault/item/field>")),
    }
}

/// `https://start.1password.com/open/i?a=…&v=VAULT&i=ITEM&h=…`; the host only tells the region.
fn parse_link(path: &str) -> Result<ItemPath, PathError> {
    let wrong = |message| {
        let hint = "copy the private link of the item, or write vaults/<vault>/items/<item>";
        Err(PathError::new(message).with_name(path).with_hint(hint))
    };
    if !is_item_link(path) {
        return wrong("the path {} is a URL, but not a 1Password link");
    }
    let query = path
        .splitn(4, '/')
        .nth(3)
        .and_then(|rest| rest.strip_prefix("open/i?"));
    let Some(query) = query else {
        return wrong("the path {} is not a link to an item");
    };
    match (single(query, "v"), single(query, "i")) {
        (Some(vault), Some(item)) if is_id(vault) && is_id(item) => Ok(ItemPath {
            vault: vault.to_owned(),
            item: item.to_owned(),
            reference: false,
        }),
        _ => wrong("the link {} lacks the id of the vault or of the item"),
    }
}

/// The value of a parameter that occurs exactly once.
fn single<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut values = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(n, _)| *n == name);
    let (_, value) = values.next()?;
    values.next().is_none().then_some(value)
}
