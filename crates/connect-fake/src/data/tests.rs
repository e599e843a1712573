use serde_json::Value;

use super::*;
use crate::view::{self, Files};

fn full(data: &Data, vault: &str, title: &str) -> Value {
    let vault = data.vault(vault).unwrap();
    let item = vault.items.iter().find(|item| item.title == title).unwrap();
    let files = Files {
        vault: &vault.id,
        leading_slash: true,
        inline_limit: 10,
    };
    view::item(item, &files)
}

#[test]
fn the_short_form_is_completed() {
    let data = Data::from_json(
        r#"{"vaults": [{"name": "Lab", "items": [{"title": "app", "fields": {
            "password": "p", "empty": "", "none": null,
            "code": "otpauth://totp/x?secret=GEZDGNBV",
            "db": {"password": "inner"}}}]}]}"#,
    )
    .unwrap();
    let vault = data.vault_id("Lab").unwrap();
    assert!(is_id(vault));
    let item = full(&data, vault, "app");
    assert_eq!(item["id"], data.item_id(vault, "app").unwrap());
    assert_eq!(item["vault"]["id"], vault);
    assert_eq!(item["category"], "LOGIN");
    let section = &item["sections"][0];
    assert_eq!(section["label"], "db");
    let field = |label: &str, in_section: bool| {
        let fields = item["fields"].as_array().unwrap();
        let found = fields
            .iter()
            .find(|field| field["label"] == label && field.get("section").is_some() == in_section);
        found.unwrap().clone()
    };
    assert_eq!(field("password", false)["id"], "password");
    assert_eq!(field("password", false)["purpose"], "PASSWORD");
    assert_eq!(field("password", true)["section"]["id"], section["id"]);
    assert_eq!(field("password", true)["value"], "inner");
    assert!(is_id(field("password", true)["id"].as_str().unwrap()));
    assert_eq!(field("empty", false).get("value"), None);
    assert_eq!(field("none", false).get("value"), None);
    assert_eq!(field("code", false)["type"], "OTP");
    assert_eq!(field("code", false)["totp"].as_str().unwrap().len(), 6);
}

#[test]
fn derived_ids_stay_and_differ() {
    let text = r#"{"vaults": [{"name": "A", "items": [{"title": "x"}, {"title": "x"}]},
                              {"name": "A", "items": [{"title": "x"}]}]}"#;
    let ids = |data: &Data| -> Vec<String> {
        data.vaults
            .iter()
            .flat_map(|vault| vault.items.iter().map(|item| &item.id).chain([&vault.id]))
            .cloned()
            .collect()
    };
    let first = ids(&Data::from_json(text).unwrap());
    assert_eq!(first, ids(&Data::from_json(text).unwrap()));
    let mut unique = first.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), 5);
    assert!(first.iter().all(|id| is_id(id)));
}

#[test]
fn what_is_empty_is_left_out_and_null_stays() {
    let data = Data::from_json(
        r#"{"vaults": [{"name": "A", "description": "", "items": [{"title": "x",
            "favorite": false, "tags": [], "urls": null, "extra": {"kept": 0},
            "fields": [{"label": "a", "value": "", "type": null}]},
            {"title": "short", "fields": {}}, {"title": "long", "fields": []}]}]}"#,
    )
    .unwrap();
    for title in ["short", "long"] {
        let vault = data.vault_id("A").unwrap();
        assert_eq!(full(&data, vault, title).get("fields"), None, "{title}");
    }
    let vault = data.vault_id("A").unwrap();
    assert_eq!(data.vault(vault).unwrap().json.get("description"), None);
    let item = full(&data, vault, "x");
    assert_eq!(item.get("favorite"), None);
    assert_eq!(item.get("tags"), None);
    assert_eq!(item["urls"], Value::Null);
    assert!(item.as_object().unwrap().contains_key("urls"));
    assert_eq!(item["extra"]["kept"], 0);
    let field = item["fields"][0].as_object().unwrap();
    assert!(!field.contains_key("value"));
    assert!(field.contains_key("type"));
}

#[test]
fn files_and_sections_by_name() {
    let data = Data::from_json(
        r#"{"vaults": [{"name": "A", "items": [{"title": "x",
            "sections": [{"label": "keys"}],
            "fields": [{"label": "a", "value": "1", "section": "keys"}],
            "files": [{"name": "t", "content": "text"},
                      {"name": "b", "content_base64": "/wA=", "section": "keys"}]}]}]}"#,
    )
    .unwrap();
    let vault = data.vault_id("A").unwrap();
    let item = full(&data, vault, "x");
    assert_eq!(item["sections"].as_array().unwrap().len(), 1);
    let section = &item["sections"][0]["id"];
    assert_eq!(&item["fields"][0]["section"]["id"], section);
    assert_eq!(&item["files"][1]["section"]["id"], section);
    assert_eq!(item["files"][1]["size"], 2);
    assert_eq!(data.vault(vault).unwrap().items[0].files[1].bytes, [255, 0]);
}

#[test]
fn mistakes_are_located_and_show_no_value() {
    let item = |item: &str| format!(r#"{{"vaults": [{{"name": "A", "items": [{item}]}}]}}"#);
    for (text, message) in [
        ("[]".to_owned(), "`the data file` must be a map"),
        ("{}".to_owned(), "`the data file` needs `vaults`"),
        (
            r#"{"vaults": [], "vault": "sentinel"}"#.to_owned(),
            "`vault` is not a known key",
        ),
        (
            "{\"vaults\": [\n  {\"name\": sentinel}]}".to_owned(),
            "the data are not JSON: line 2, column 12",
        ),
        (
            item("\n{\"title\": \"x\", \"fields\": {\"a\": \"1\", \"a\": \"sentinel\"}}"),
            "line 2, column 39: this key is there already",
        ),
        (
            r#"{"vaults": ["sentinel"]}"#.to_owned(),
            "`vaults[0]` must be a map",
        ),
        (
            r#"{"vaults": [{"name": "A", "id": "sentinel"}]}"#.to_owned(),
            "`vaults[0].id` must be 26 letters a-z and digits",
        ),
        (
            item("{\"fields\": {}}"),
            "`vaults[0].items[0]` needs `title`",
        ),
        (
            item(r#"{"title": "x"}, {"title": "x", "fields": {"a": {"b": 42}}}"#),
            "`vaults[0].items[1].fields.a.b` must be a text, in quotes",
        ),
        (
            item(r#"{"title": "x", "fields": [{"label": "a", "value": 42}]}"#),
            "`vaults[0].items[0].fields[0].value` must be a text, in quotes",
        ),
        (
            item(r#"{"title": "x", "files": [{"name": "a", "content_base64": "sentinel!"}]}"#),
            "`vaults[0].items[0].files[0].content_base64` is not base64",
        ),
        (
            item(r#"{"title": "x", "files": [{"name": "a"}]}"#),
            "`vaults[0].items[0].files[0]` needs one of `content` and `content_base64`",
        ),
        (
            item(concat!(
                r#"{"title": "x", "id": "aaaaaaaaaaaaaaaaaaaaaaaaaa"},"#,
                r#"{"title": "y", "id": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}"#
            )),
            "`vaults[0].items[1].id` is there already",
        ),
        (
            r#"{"vaults": [], "tokens": [{"token": "sentinel", "vaults": ["sentinel"]}]}"#
                .to_owned(),
            "`tokens[0].vaults[0]` names no vault of the file",
        ),
    ] {
        let error = Data::from_json(&text).unwrap_err().to_string();
        assert_eq!(error, message);
        assert!(!error.contains("sentinel") && !error.contains("42"));
    }
}

#[test]
fn the_fixtures_hold_every_shape() {
    let data = Data::fixtures();
    let production = "prodvault000000000000000aa";
    let titles: Vec<_> = data
        .vault(production)
        .unwrap()
        .items
        .iter()
        .map(|item| &item.title)
        .collect();
    for title in [
        "db main",
        "twin",
        "abcdefghijklmnopqrstuvwxyz",
        "say \"hi\"",
        "back\\slash",
        "team/db",
        "R&D + Ops #1",
        "Schlüssel 🔑 für München",
        "trailing blank ",
        "retired",
        "document",
    ] {
        assert!(titles.iter().any(|known| *known == title), "{title}");
    }
    let ids = data.vaults.iter().flat_map(|vault| {
        let items = vault.items.iter();
        items.map(|item| &item.id).chain([&vault.id])
    });
    assert!(ids.into_iter().all(|id| is_id(id)));
    let key = full(&data, production, "deploy key")["fields"][1]["value"].clone();
    let key = key.as_str().unwrap().to_owned();
    assert_eq!(key.lines().count(), 3);
    assert!(key.starts_with("-----BEGIN") && key.ends_with("-----\n"));
    let pem = data
        .vault(production)
        .unwrap()
        .item("documentitem00000000000aaa")
        .unwrap();
    assert_eq!(pem.files[1].bytes, (0..=255).collect::<Vec<u8>>());
}

#[test]
fn the_builder_adds_what_is_missing() {
    let data = Data::new()
        .with_item("v", "i", "title", [("password", "p")])
        .with_file("v", "other", "f", "bytes");
    assert_eq!(data.vault_id("v"), Some("v"));
    assert_eq!(data.item_id("v", "title"), Some("i"));
    assert_eq!(full(&data, "v", "title")["fields"][0]["value"], "p");
    assert_eq!(full(&data, "v", "other")["files"][0]["size"], 5);
}

#[test]
fn debug_shows_counts_only() {
    let data = Data::new().with_item("v", "i", "sentinel", [("sentinel", "sentinel")]);
    assert!(!format!("{data:?}").contains("sentinel"));
}
