//! What a Connect server answers, as far as it is used.
//!
//! Servers leave out what is empty, and older ones leave out more, so nothing but ids is
//! required; nulls and unknown keys are fine.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserializer, Visitor};

use crate::SecretValue;
use crate::format::null::or_default;

/// A vault in the list of vaults.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Vault {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: Option<String>,
}

/// The ids of an item and of its vault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ItemId {
    pub(super) vault: String,
    pub(super) item: String,
}

/// An item in a list, which has no fields.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Summary {
    pub(super) id: String,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) vault: Option<Reference>,
    #[serde(default)]
    pub(super) state: Option<String>,
}

/// An item with everything but the contents of its files.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Item {
    pub(super) id: String,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) vault: Option<Reference>,
    #[serde(default)]
    pub(super) version: Option<u64>,
    #[serde(default)]
    pub(super) state: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) urls: Vec<Url>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) sections: Vec<Reference>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) fields: Vec<Field>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) files: Vec<File>,
}

/// Something named by its id; only sections have labels, and not all of them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub(super) struct Reference {
    pub(super) id: String,
    #[serde(default)]
    pub(super) label: Option<String>,
}

/// A web address of an item.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Url {
    #[serde(default)]
    pub(super) label: Option<String>,
    #[serde(default)]
    pub(super) primary: Option<bool>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) href: Option<SecretValue>,
}

/// A field.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Field {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) label: String,
    #[serde(default, rename = "type", deserialize_with = "or_default")]
    pub(super) kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) purpose: String,
    #[serde(default)]
    pub(super) section: Option<Reference>,
    #[serde(default, deserialize_with = "secret")]
    value: Option<SecretValue>,
    /// The current one-time code by the server's clock, since Connect 1.4.
    #[serde(default, deserialize_with = "secret")]
    pub(super) totp: Option<SecretValue>,
}

/// An attached file.
#[derive(Debug, serde::Deserialize)]
pub(super) struct File {
    pub(super) id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(default)]
    pub(super) section: Option<Reference>,
}

/// What is wrong with an answer of the API; the text is only compared, never shown.
#[derive(serde::Deserialize)]
pub(super) struct Refusal {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) message: String,
}

/// Whether `state` says that an item is archived or deleted; live items normally have none.
pub(super) fn is_gone(state: Option<&str>) -> bool {
    !matches!(state, None | Some("" | "ACTIVE"))
}

impl Item {
    /// The sections: the listed ones and those that only fields or files refer to. A label that
    /// is missing in one place is taken from the other.
    pub(super) fn all_sections(&self) -> Vec<&Reference> {
        let of_fields = self
            .fields
            .iter()
            .filter_map(|field| field.section.as_ref());
        let of_files = self.files.iter().filter_map(|file| file.section.as_ref());
        let mut seen = HashSet::new();
        self.sections
            .iter()
            .chain(of_fields)
            .chain(of_files)
            .filter(|section| seen.insert((section.id.as_str(), section.label.as_deref())))
            .collect()
    }
}

impl Field {
    /// The value. Servers leave an empty one out, so a field without one is empty, not missing
    /// (AVP rule 62).
    pub(super) fn value(&self) -> SecretValue {
        self.value.clone().unwrap_or_else(|| SecretValue::text(""))
    }

    /// The text of the value, empty if there is none.
    pub(super) fn text(&self) -> &str {
        self.value
            .as_ref()
            .and_then(|value| value.expose().as_text())
            .unwrap_or_default()
    }

    /// Whether it stands outside the sections that the user made. The apps put fields made
    /// without one under `add more`.
    pub(super) fn is_top_level(&self) -> bool {
        self.section
            .as_ref()
            .is_none_or(|section| section.id.is_empty() || section.id == "add more")
    }
}

/// Reads text, or null, into the type that cannot be printed.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretValue>, D::Error> {
    struct Text;
    impl<'de> Visitor<'de> for Text {
        type Value = Option<SecretValue>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text or null")
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(SecretValue::text(text)))
        }
        fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
            Ok(Some(SecretValue::text(text)))
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }
    deserializer.deserialize_any(Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_id_is_required_and_nulls_are_fine() {
        let item: Item = serde_json::from_str(
            r#"{"id":"i","vault":null,"version":null,"state":null,"urls":null,"sections":null,"new":{"a":1},
                "fields":[{"id":"f","label":null,"type":null,"purpose":null,"section":null,"value":null,"totp":null},
                          {"entropy":12.5}],
                "files":[{"id":"x","name":null,"section":null,"size":null}]}"#,
        )
        .unwrap();
        assert_eq!((item.fields.len(), item.files.len()), (2, 1));
        assert_eq!(item.fields[0].value(), SecretValue::text(""));
        assert!(serde_json::from_str::<Item>(r#"{"title":"no id"}"#).is_err());
        assert!(serde_json::from_str::<Summary>(r#"{"id":"i"}"#).is_ok());
        assert!(serde_json::from_str::<Vault>(r#"{"id":"v","name":null}"#).is_ok());
    }

    #[test]
    fn nothing_of_a_value_shows_in_debug() {
        let item: Item = serde_json::from_str(
            r#"{"id":"i","urls":[{"href":"SENTINEL"}],"fields":[{"value":"SENTINEL","totp":"SENTINEL"}]}"#,
        )
        .unwrap();
        assert!(!format!("{item:?}").contains("SENTINEL"));
    }

    #[test]
    fn live_items_have_no_state() {
        for (state, gone) in [
            (None, false),
            (Some(""), false),
            (Some("ACTIVE"), false),
            (Some("ARCHIVED"), true),
            (Some("DELETED"), true),
        ] {
            assert_eq!(is_gone(state), gone, "{state:?}");
        }
    }
}
