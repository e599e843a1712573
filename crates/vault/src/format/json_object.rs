//! Secrets that are one text, which mostly is a JSON object.

use std::collections::BTreeSet;

use super::raw_json::Map;
use crate::{Keys, Secret, SecretValue, VaultError, VaultErrorKind};

/// The wanted keys of a text: those of the JSON object that it is, or else the text itself as
/// `whole`. The text of an object is there by that name, too, unless the object has such a key.
/// Numbers keep their digits; two equal keys with different values are an error of theirs.
pub(crate) fn secret(text: &str, whole: &str, keys: &Keys) -> Secret {
    let Ok(Map(entries)) = serde_json::from_str(text) else {
        return Secret::wanted_of(&[(whole.to_owned(), SecretValue::text(text))], keys);
    };
    let mut secret = Secret::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (name, raw) in &entries {
        names.insert(name);
        if !keys.wants(name) {
            continue;
        }
        let of_name = |entry: &&(String, _)| entry.0 == *name;
        let mut others = entries.iter().filter(of_name);
        let is_one = others.all(|(_, other)| other.get() == raw.get());
        let value = SecretValue::from_json(raw.get()).filter(|_| is_one);
        secret.insert(name.as_str(), value.ok_or_else(|| unclear(name, is_one)));
    }
    if !names.contains(whole) && matches!(keys, Keys::Names(_)) && keys.wants(whole) {
        secret.insert(whole, Ok(SecretValue::text(text)));
    }
    secret.with_names(names)
}

fn unclear(name: &str, is_one: bool) -> VaultError {
    let (kind, message) = if is_one {
        (
            VaultErrorKind::InvalidAnswer,
            "the value of {} is nested too deeply, or holds half of a character",
        )
    } else {
        (
            VaultErrorKind::Ambiguous,
            "the JSON of the secret has {} twice, with different values",
        )
    };
    VaultError::new(kind, message).with_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, keys: &[&str]) -> Secret {
        secret(text, "All", &Keys::names(keys.iter().copied()))
    }

    fn shown(secret: &Secret, key: &str) -> Option<String> {
        secret.value(key).map(|value| value.unwrap().to_json())
    }

    #[test]
    fn the_keys_of_an_object_keep_what_they_hold() {
        let text = r#"{"user":"ü","port":12345678901234567890.10,"on":true,"no":null,"list":[1.50,{"a":1e3}]}"#;
        let secret = read(text, &["user", "port", "on", "no", "list", "All"]);
        for (key, value) in [
            ("user", "\"ü\""),
            ("port", "12345678901234567890.10"),
            ("on", "true"),
            ("list", r#"[1.50,{"a":1e3}]"#),
        ] {
            assert_eq!(shown(&secret, key).as_deref(), Some(value));
        }
        assert!(secret.is_null("no") && secret.value("no").is_none());
        let whole = secret.value("All").unwrap().unwrap();
        assert_eq!(whole.expose().as_text(), Some(text));
        assert_eq!(
            secret.names().collect::<Vec<_>>(),
            ["list", "no", "on", "port", "user"]
        );
    }

    #[test]
    fn any_other_text_is_one_value() {
        for text in [
            "",
            "plain",
            "[1, 2]",
            "12",
            "\"a\"",
            "null",
            "{",
            "{\"a\":1} x",
        ] {
            let secret = read(text, &["All", "a"]);
            let whole = secret.value("All").unwrap().unwrap();
            assert_eq!(whole.expose().as_text(), Some(text));
            assert_eq!(secret.names().collect::<Vec<_>>(), ["All"]);
        }
    }

    #[test]
    fn a_key_of_the_object_comes_before_its_whole_text() {
        let secret = read(r#"{"All":"own"}"#, &["All"]);
        assert_eq!(shown(&secret, "All").as_deref(), Some("\"own\""));
        let all = super::secret(r#"{"a":"1"}"#, "All", &Keys::All);
        assert!(all.value("All").is_none() && all.value("a").is_some());
    }

    #[test]
    fn equal_keys_are_an_error_unless_their_values_are_equal() {
        let secret = read(r#"{"a":1,"b":2,"a":3,"b":2}"#, &["a", "b"]);
        let error = secret.value("a").unwrap().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Ambiguous);
        assert_eq!(shown(&secret, "b").as_deref(), Some("2"));
    }
}
