//! What a Secret Server answers, as far as it is used.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::format::null::or_default;
use crate::shared::Shareable;
use crate::{Keys, SecretValue, VaultError, VaultErrorKind};

/// A secret as it is sent.
#[derive(Deserialize)]
struct SentSecret<'a> {
    id: u64,
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(borrow)]
    items: Vec<SentItem<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentItem<'a> {
    #[serde(default, deserialize_with = "or_default")]
    field_name: String,
    #[serde(default, deserialize_with = "or_default")]
    slug: String,
    #[serde(borrow, default)]
    item_value: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "or_default")]
    is_file: bool,
    #[serde(default)]
    file_attachment_id: Option<u64>,
}

/// What a login brings.
#[derive(Deserialize)]
pub(super) struct Grant {
    #[serde(default, deserialize_with = "secret")]
    pub(super) access_token: Zeroizing<String>,
    /// Seconds.
    #[serde(default)]
    pub(super) expires_in: Option<u64>,
}

/// Why there is no secret. The words are not kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refusal {
    #[serde(default, deserialize_with = "or_default")]
    error_code: String,
    #[serde(default, deserialize_with = "or_default")]
    message: String,
}

impl Refusal {
    /// Whether the API of a Secret Server says so, and no proxy before it.
    pub(super) fn is_genuine(&self) -> bool {
        !self.error_code.is_empty() || !self.message.is_empty()
    }

    /// Whether the login may not read the secret.
    pub(super) fn denies(&self) -> bool {
        self.error_code.eq_ignore_ascii_case("API_AccessDenied")
    }

    /// Whether somebody has to do something before the secret is shown: check it out, say why, give
    /// a second password.
    pub(super) fn wants_more(&self) -> bool {
        self.error_code.starts_with("API_ValidateSecretAccess")
    }
}

/// A secret with its fields.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) id: u64,
    pub(super) title: String,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    name: String,
    slug: String,
    content: Content,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Value(SecretValue),
    File(FileId),
}

/// A file in a field. What is attached under a number does not change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileId {
    pub(super) secret: u64,
    pub(super) slug: String,
    attachment: u64,
}

impl Shareable for Fields {}

impl Fields {
    /// Reads a secret; `None` if it has another form.
    pub(super) fn read(body: &RawValue) -> Option<Self> {
        let sent: SentSecret<'_> = serde_json::from_str(body.get()).ok()?;
        let id = sent.id;
        let field = |item: SentItem<'_>| {
            let content = match item.file_attachment_id.filter(|_| item.is_file) {
                Some(attachment) if attachment > 0 => Content::File(FileId {
                    secret: id,
                    slug: item.slug.clone(),
                    attachment,
                }),
                // A field without a value is empty, not missing (AVP rule 64).
                _ => Content::Value(match item.item_value {
                    Some(value) => SecretValue::from_json(value.get())?,
                    None => SecretValue::text(""),
                }),
            };
            Some(Field {
                name: item.field_name,
                slug: item.slug,
                content,
            })
        };
        Some(Fields {
            id,
            title: sent.name,
            fields: sent.items.into_iter().map(field).collect::<Option<_>>()?,
        })
    }

    /// The keys: the name of each field, and its slug where that is another word.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let mut keys: Vec<&str> = Vec::new();
        for key in self.fields.iter().flat_map(Field::keys) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.into_iter()
    }

    /// What a key stands for; `None` if no field is called so.
    ///
    /// # Errors
    /// [`VaultErrorKind::Ambiguous`] if it stands for different things.
    pub(super) fn find(&self, key: &str) -> Option<Result<&Content, VaultError>> {
        let mut found = self
            .fields
            .iter()
            .filter(|field| field.keys().any(|own| own == key))
            .map(|field| &field.content);
        let first = found.next()?;
        if found.all(|other| other == first) {
            return Some(Ok(first));
        }
        let message = "several fields of the secret are called {}, by name or by slug";
        Some(Err(
            VaultError::new(VaultErrorKind::Ambiguous, message).with_name(key)
        ))
    }

    /// The files that some of these keys stand for.
    pub(super) fn files(&self, keys: &Keys) -> Vec<FileId> {
        let Keys::Names(names) = keys else {
            return Vec::new();
        };
        let file = |key| match self.find(key) {
            Some(Ok(Content::File(id))) => Some(id.clone()),
            _ => None,
        };
        names.iter().filter_map(file).collect()
    }

    pub(super) fn has_all(&self, keys: &Keys) -> bool {
        match keys {
            Keys::Names(names) => names.iter().all(|name| self.find(name).is_some()),
            _ => true,
        }
    }
}

impl Field {
    fn keys(&self) -> impl Iterator<Item = &str> {
        let keys = [self.name.as_str(), self.slug.as_str()];
        keys.into_iter().filter(|key| !key.is_empty())
    }
}

fn secret<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Zeroizing<String>, D::Error> {
    or_default::<D, String>(deserializer).map(Zeroizing::new)
}
