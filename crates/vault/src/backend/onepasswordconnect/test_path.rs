//! The spellings of paths.

use super::path::{ItemPath, is_id};

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
    let link = format!("https://start.1password.com/open/i?a=ACC&v={V}&i={I}&h=my.1password.eu");
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
            ItemPath::parse(&link).unwrap_err().hint().is_some(),
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
            error.hint(),
            Some("write vaults/<vault>/items/<item>"),
            "{path}"
        );
    }
    for path in [
        "vaults/IT/Dev/items/db",
        "vaults/a/b/c/items/d/e",
        "vaults/IT/Dev/items/",
    ] {
        let error = ItemPath::parse(path).unwrap_err();
        let hint = "if the vault's name holds a slash, use the vault's id";
        assert_eq!(error.hint(), Some(hint), "{path}");
        let (_, item) = path.split_once("/items/").unwrap();
        let followed = format!("vaults/{}/items/{item}", "0".repeat(26));
        assert_eq!(
            ItemPath::parse(&followed).is_ok(),
            !item.is_empty(),
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
            ItemPath::parse(path).unwrap_err().hint().is_some(),
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
        assert_eq!(ItemPath::parse(path).unwrap_err().hint(), Some(hint));
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

proptest::proptest! {
    #[test]
    fn any_text_parses_to_its_own_parts_or_is_refused(path in "(vaults|op:|https:|items|/|<|é|[a-z ]){0,9}") {
        if let Ok(parsed) = ItemPath::parse(&path) {
            proptest::prop_assert!(!parsed.vault.is_empty() && !parsed.item.is_empty());
            let plain = parsed.plain();
            proptest::prop_assert_eq!(plain.as_str(), &path);
            proptest::prop_assert_eq!(ItemPath::parse(plain.as_str()), Ok(parsed));
        }
    }
}
