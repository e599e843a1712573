//! Paths: `vaults/V/items/I`, `op://V/I` and the item links that the 1Password apps copy.

use crate::{PathError, SecretPath};

const SHAPE: &str = "vaults/<vault>/items/<item>";

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
                    .name(path)
                    .hint(hint),
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
        SecretPath::verbatim(match reference {
            true => format!("op://{vault}/{item}"),
            false => format!("vaults/{vault}/items/{item}"),
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
    Some(match before.contains("items/") {
        true => "replace <ITEM UUID> by the id",
        false => "replace <VAULT UUID> by the id",
    })
}

fn parse_words(path: &str) -> Result<ItemPath, PathError> {
    let wrong = |message| Err(PathError::new(message).name(path).hint(SHAPE));
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
        Some(_) => return wrong("the path {} has no items/ after the vault"),
    }
    let Some(item) = parts.next().filter(|item| !item.is_empty()) else {
        return wrong("the path {} names no item");
    };
    if item.ends_with('/') {
        let error = PathError::new("the path {} ends with a slash").name(path);
        return Err(error.hint("remove it; if the title ends so, use the item's id"));
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
            .name(path)
            .hint("a whole reference, op://vault/item/field, stands alone, without path:")),
    }
}

/// `https://start.1password.com/open/i?a=…&v=VAULT&i=ITEM&h=…`; the host only tells the region.
fn parse_link(path: &str) -> Result<ItemPath, PathError> {
    let wrong = |message| {
        let hint = "copy the private link of the item, or write vaults/<vault>/items/<item>";
        Err(PathError::new(message).name(path).hint(hint))
    };
    let rest = path.trim_start_matches("https://");
    let (host, rest) = rest.split_once('/').unwrap_or((rest, ""));
    if !is_app_host(host) {
        return wrong("the path {} is a URL, but no link of 1Password");
    }
    let Some(("open/i", query)) = rest.split_once('?') else {
        return wrong("the path {} is no link to an item");
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

fn is_app_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    [".1password.com", ".1password.ca", ".1password.eu"]
        .iter()
        .any(|domain| {
            host.strip_suffix(domain).is_some_and(|sub| {
                !sub.is_empty()
                    && sub
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
            })
        })
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const V: &str = "prodvault000000000000000aa";
    const I: &str = "loginitem0000000000000aaaa";

    fn parsed(path: &str) -> (String, String, bool) {
        let ItemPath {
            vault,
            item,
            reference,
        } = ItemPath::parse(path).unwrap();
        (vault, item, reference)
    }

    #[test]
    fn the_spellings_and_their_parts() {
        let link =
            format!("https://start.1password.com/open/i?a=ACC&v={V}&i={I}&h=my.1password.eu");
        for (path, vault, item, reference) in [
            ("vaults/Prod/items/db main", "Prod", "db main", false),
            ("vaults/Prod/items/team/db", "Prod", "team/db", false),
            ("vaults/Prod/items/a//b", "Prod", "a//b", false),
            ("vaults/Prod/items//etc/hosts", "Prod", "/etc/hosts", false),
            ("vaults/items/items/items", "items", "items", false),
            ("vaults/ Prod /items/ db", " Prod ", " db", false),
            (
                "vaults/Prod/items/R&D + Ops \"x\\y\" é",
                "Prod",
                "R&D + Ops \"x\\y\" é",
                false,
            ),
            ("op://Prod/db main", "Prod", "db main", true),
            (&link, V, I, false),
        ] {
            assert_eq!(
                parsed(path),
                (vault.to_owned(), item.to_owned(), reference),
                "{path}"
            );
        }
    }

    #[test]
    fn a_link_of_any_region_is_the_path_with_its_ids() {
        for host in [
            "start.1password.com",
            "my.1password.ca",
            "family-x.1password.eu",
            "A.B.1PASSWORD.COM",
        ] {
            let link = format!("https://{host}/open/i?h=x&i={I}&a=&v={V}");
            let plain = ItemPath::parse(&link).unwrap().plain();
            assert_eq!(plain.as_str(), format!("vaults/{V}/items/{I}"));
        }
        for link in [
            format!("https://1password.com/open/i?v={V}&i={I}"),
            format!("https://.1password.com/open/i?v={V}&i={I}"),
            format!("https://start.1password.com.evil.test/open/i?v={V}&i={I}"),
            format!("https://evil.test@x.1password.com/open/i?v={V}&i={I}"),
            format!("https://start.1password.com/open/j?v={V}&i={I}"),
            format!("https://start.1password.com/open/i?v={V}"),
            format!("https://start.1password.com/open/i?v={V}&i={I}&i={V}"),
            format!("https://start.1password.com/open/i?v=Prod&i={I}"),
            "https://start.1password.com".to_owned(),
            "https://".to_owned(),
        ] {
            assert!(
                ItemPath::parse(&link).unwrap_err().advice().is_some(),
                "{link}"
            );
        }
    }

    #[test]
    fn what_parses_comes_back_as_its_plain_spelling() {
        for path in ["vaults/Prod/items/team/db", "op://Prod/db main"] {
            assert_eq!(ItemPath::parse(path).unwrap().plain().as_str(), path);
        }
    }

    #[test]
    fn missing_and_wrong_parts_are_told_with_the_right_shape() {
        for (path, message) in [
            ("", "the path `` does not begin with vaults/"),
            ("x", "the path `x` does not begin with vaults/"),
            (
                "Vaults/V/items/I",
                "the path `Vaults/V/items/I` does not begin with vaults/",
            ),
            (
                "/vaults/V/items/I",
                "the path `/vaults/V/items/I` begins with a slash",
            ),
            ("vaults", "the path `vaults` names no vault"),
            (
                "vaults//items/I",
                "the path `vaults//items/I` names no vault",
            ),
            ("vaults/V", "the path `vaults/V` names no item"),
            ("vaults/V/", "the path `vaults/V/` names no item"),
            ("vaults/V/items", "the path `vaults/V/items` names no item"),
            (
                "vaults/V/items/",
                "the path `vaults/V/items/` names no item",
            ),
            (
                "vaults/V/item/I",
                "the path `vaults/V/item/I` has no items/ after the vault",
            ),
        ] {
            let error = ItemPath::parse(path).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert_eq!(
                error.advice(),
                Some("vaults/<vault>/items/<item>"),
                "{path}"
            );
        }
        for path in [
            "vaults/V/items/I/",
            "op://",
            "op://V",
            "op://V/",
            "op:///I",
            "op://V/I/f",
            "http://x/y",
        ] {
            assert!(
                ItemPath::parse(path).unwrap_err().advice().is_some(),
                "{path}"
            );
        }
    }

    #[test]
    fn a_blank_left_in_the_path_is_to_be_filled() {
        for (path, hint) in [
            (
                "vaults/<VAULT UUID>/items/db",
                "replace <VAULT UUID> by the id",
            ),
            (
                "vaults/<VAULT UUID>/items/<ITEM UUID>",
                "replace <VAULT UUID> by the id",
            ),
            (
                "vaults/Prod/items/<ITEM UUID>",
                "replace <ITEM UUID> by the id",
            ),
        ] {
            assert_eq!(ItemPath::parse(path).unwrap_err().advice(), Some(hint));
        }
    }

    #[test]
    fn ids_are_26_small_letters_and_digits() {
        assert!(is_id(V) && is_id("00000000000000000000000000"));
        for text in [
            "",
            "prodvault000000000000000a",
            "PRODVAULT000000000000000AA",
            "prodvault-00000000000000aa",
            "prodvault0000000000000000éa",
        ] {
            assert!(!is_id(text), "{text}");
        }
    }
}
