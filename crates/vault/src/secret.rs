//! What a backend answers.

use std::sync::Arc;

use crate::key_results::KeyResults;
use crate::{Keys, SecretValue, VaultError};

/// The values of one request, by key.
#[derive(Clone, Debug, Default)]
pub struct Secret {
    answers: KeyResults,
    /// The keys that exist, if the backend has said which.
    names: Option<Box<[Arc<str>]>>,
    /// Out of line: a run can hold very many secrets, and most backends have nothing to say here.
    about: Option<Box<About>>,
}

/// What reports tell about a secret.
#[derive(Clone, Debug, Default)]
struct About {
    title: Option<String>,
    id: Option<String>,
    version: Option<String>,
}

impl Secret {
    /// A secret without values.
    pub fn new() -> Self {
        Secret::default()
    }

    /// A secret that has all these values; their keys are the names it has to offer.
    pub fn from_values<K: Into<Arc<str>>>(
        values: impl IntoIterator<Item = (K, SecretValue)>,
    ) -> Self {
        let answers: Vec<_> = values
            .into_iter()
            .map(|(key, value)| (key.into(), Ok(value)))
            .collect();
        let names = answers.iter().map(|(key, _)| Arc::clone(key)).collect();
        Secret {
            answers: answers.into(),
            names: Some(names),
            about: None,
        }
    }

    /// The wanted ones of these values; all their keys are the names it has to offer.
    #[cfg_attr(not(feature = "full"), allow(dead_code))]
    pub(crate) fn wanted_of(values: &[(String, SecretValue)], keys: &Keys) -> Self {
        let mut answers = Vec::with_capacity(match keys {
            Keys::All => values.len(),
            Keys::Names(names) => names.len().min(values.len()),
        });
        let names = values.iter().map(|(key, value)| {
            let shared = match keys {
                Keys::All => None,
                Keys::Names(names) => names.shared(key),
            };
            let is_wanted = shared.is_some() || *keys == Keys::All;
            let name = shared.map_or_else(|| key.as_str().into(), Arc::clone);
            if is_wanted {
                answers.push((Arc::clone(&name), Ok(value.clone())));
            }
            name
        });
        let names = names.collect();
        Secret {
            answers: answers.into(),
            names: Some(names),
            about: None,
        }
    }

    /// Answers one wanted key: with its value, or with what is wrong with just this key, such as
    /// two fields of that name. A key that is not there is left out.
    ///
    /// A second answer for a key takes the place of the first.
    pub fn insert(&mut self, key: impl Into<Arc<str>>, value: Result<SecretValue, VaultError>) {
        self.answers.insert(key.into(), value);
    }

    /// Replaces the values that a rule gives an error for.
    pub(crate) fn refuse(&mut self, judge: impl Fn(&str, &SecretValue) -> Option<VaultError>) {
        self.answers.refuse(judge);
    }

    /// Sets the keys that exist, for messages about a key that does not.
    pub fn with_names<N: Into<Arc<str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.names = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets how people call it, where its path is made of ids, for messages.
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.about.get_or_insert_default().title = Some(title.into());
        self
    }

    /// Sets what the path was resolved to, for reports.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.about.get_or_insert_default().id = Some(id.into());
        self
    }

    /// Sets the version that was read, for reports.
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.about.get_or_insert_default().version = Some(version.into());
        self
    }

    /// The answer for a key; `None` if there is no such key. A null counts as missing (AVP rule 17).
    pub fn value(&self, key: &str) -> Option<Result<&SecretValue, &VaultError>> {
        match self.answers.get(key)? {
            Ok(value) if value.is_null() => None,
            answer => Some(answer.as_ref()),
        }
    }

    /// Whether the value of a key is a null, which counts as missing.
    pub fn is_null(&self, key: &str) -> bool {
        matches!(self.answers.get(key), Some(Ok(value)) if value.is_null())
    }

    /// The keys that exist: those that the backend [has named](Secret::with_names), or else those
    /// that it has answered, beside which there may be others.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        let names: Vec<&str> = match &self.names {
            Some(names) => names.iter().map(|name| &**name).collect(),
            None => self.answers.keys().collect(),
        };
        names.into_iter()
    }

    /// Whether it is known to have no key at all.
    pub fn is_empty(&self) -> bool {
        self.names.as_ref().is_some_and(|names| names.is_empty())
    }

    /// How people call it.
    pub fn title(&self) -> Option<&str> {
        self.about.as_ref()?.title.as_deref()
    }

    /// What the path was resolved to.
    pub fn id(&self) -> Option<&str> {
        self.about.as_ref()?.id.as_deref()
    }

    /// The version that was read.
    pub fn version(&self) -> Option<&str> {
        self.about.as_ref()?.version.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VaultErrorKind;
    use crate::suite::SENTINEL;

    #[test]
    fn a_null_counts_as_missing_and_an_empty_text_does_not() {
        let values = [
            ("null", SecretValue::null()),
            ("empty", SecretValue::text("")),
        ];
        let secret = Secret::from_values(values);
        assert!(secret.value("null").is_none());
        assert!(secret.value("none").is_none());
        assert!(secret.is_null("null") && !secret.is_null("empty") && !secret.is_null("none"));
        assert!(secret.value("empty").unwrap().is_ok());
        assert_eq!(secret.names().collect::<Vec<_>>(), ["null", "empty"]);
    }

    #[test]
    fn a_key_may_have_an_error_of_its_own() {
        let mut secret = Secret::from_values([("a", SecretValue::text("1"))]);
        secret.insert(
            "b",
            Err(VaultError::new(VaultErrorKind::Ambiguous, "two fields {}").with_name("b")),
        );
        assert!(secret.value("a").unwrap().is_ok());
        assert_eq!(
            secret.value("b").unwrap().unwrap_err().kind(),
            VaultErrorKind::Ambiguous
        );
    }

    #[test]
    fn debug_shows_names_and_no_value() {
        let secret = Secret::from_values([("password", SecretValue::text(SENTINEL))])
            .with_id("item-1")
            .with_version("3");
        let shown = format!("{secret:?} {secret:#?}");
        assert!(
            shown.contains("password") && shown.contains("item-1"),
            "{shown}"
        );
        assert!(!shown.contains(SENTINEL), "{shown}");
        assert_eq!((secret.id(), secret.version()), (Some("item-1"), Some("3")));
    }

    #[test]
    fn the_last_value_of_a_key_counts() {
        let text = SecretValue::text;
        let mut secret =
            Secret::from_values([("b", text("1")), ("a", text("2")), ("b", "3".into())]);
        let shown = |secret: &Secret, key| match secret.value(key).unwrap().unwrap().expose() {
            crate::Exposed::Text(text) => text.to_owned(),
            _ => String::new(),
        };
        assert_eq!(
            (shown(&secret, "a"), shown(&secret, "b")),
            ("2".into(), "3".into())
        );
        secret.insert("a", Ok(text("4")));
        assert_eq!(shown(&secret, "a"), "4");
    }

    #[cfg(feature = "memory")]
    #[test]
    fn what_is_not_wanted_is_named_but_not_answered() {
        let values = ["b", "a", "c"].map(|key| (key.to_owned(), SecretValue::text(key)));
        for (keys, wanted) in [
            (Keys::All, &["a", "b", "c"][..]),
            (Keys::names(["c", "b", "x"]), &["b", "c"]),
            (Keys::names([""; 0]), &[]),
        ] {
            let secret = Secret::wanted_of(&values, &keys);
            assert_eq!(secret.names().collect::<Vec<_>>(), ["b", "a", "c"]);
            for key in ["a", "b", "c", "x"] {
                let is_answered = secret.value(key).is_some_and(|value| value.is_ok());
                assert_eq!(is_answered, wanted.contains(&key), "{key} of {keys:?}");
            }
        }
    }
}
