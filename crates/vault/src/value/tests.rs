use super::*;
use crate::suite::SENTINEL;

fn every_kind() -> Vec<SecretValue> {
    let text = || SecretValue::text(SENTINEL);
    vec![
        SecretValue::null(),
        SecretValue::bool(true),
        SecretValue::number("31337").unwrap_or_else(SecretValue::null),
        text(),
        SecretValue::bytes(SENTINEL),
        SecretValue::list([text(), text()]),
        SecretValue::map([(SENTINEL, text())]),
    ]
}

#[test]
fn debug_shows_neither_kind_nor_length_nor_value() {
    for value in every_kind() {
        assert_eq!(format!("{value:?}"), "[redacted]");
        assert_eq!(format!("{value:#?}"), "[redacted]");
    }
}

#[test]
fn wiping_leaves_nothing_and_dropping_wipes() {
    fn wiped_when_dropped<T: ZeroizeOnDrop>() {}
    wiped_when_dropped::<SecretValue>();
    for mut value in every_kind() {
        value.zeroize();
        let left = match value.expose() {
            Exposed::Null | Exposed::Bool(false) => 0,
            Exposed::Bool(true) => 1,
            Exposed::Number(text) | Exposed::Text(text) => text.len(),
            Exposed::Bytes(bytes) => bytes.len(),
            Exposed::List(items) => items.len(),
            Exposed::Map(entries) => entries.len(),
        };
        assert_eq!(left, 0);
    }
}

#[test]
fn what_went_in_is_exposed() {
    let kinds: Vec<_> = every_kind()
        .iter()
        .map(|value| value.expose().type_name())
        .collect();
    assert_eq!(
        kinds,
        ["null", "bool", "number", "text", "bytes", "list", "map"]
    );
    assert_eq!(SecretValue::from("a").expose().as_text(), Some("a"));
    assert_eq!(
        SecretValue::from("a".to_owned()).expose().as_text(),
        Some("a")
    );
    assert_eq!(SecretValue::from(true).expose().as_text(), None);
    assert!(SecretValue::bytes([0, 255]).expose() == Exposed::Bytes(&[0, 255]));
}

#[test]
fn of_equal_keys_in_a_map_the_last_counts_in_the_place_of_the_first() {
    let map = SecretValue::map([
        ("a", SecretValue::text("1")),
        ("b", "2".into()),
        ("a", "3".into()),
    ]);
    assert_eq!(map.to_json(), r#"{"a":"3","b":"2"}"#);
}

#[test]
fn bytes_become_base64_in_json() {
    let list = SecretValue::list([SecretValue::bytes([0, 1, 255]), SecretValue::bytes([])]);
    assert_eq!(list.to_json(), r#"["AAH/",""]"#);
}

proptest::proptest! {
    #[test]
    fn any_text_survives_json(text in ".*") {
        let json = SecretValue::text(text.clone()).to_json();
        proptest::prop_assert!(!json.contains('\n'));
        let back = SecretValue::from_json(&json);
        proptest::prop_assert!(back == Some(SecretValue::text(text)));
    }
}
