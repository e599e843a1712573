//! A record, and what its keys stand for.

use super::crypto::Key;
use crate::{Keys, SecretValue, VaultError, VaultErrorKind};

const NOTES: &str = "notes";

/// A record with its fields, opened.
pub(super) struct Record {
    pub(super) uid: String,
    pub(super) title: String,
    /// How often it was changed.
    pub(super) revision: Option<u64>,
    pub(super) notes: Option<SecretValue>,
    pub(super) fields: Vec<Field>,
    pub(super) custom: Vec<Field>,
    pub(super) files: Vec<File>,
    /// Whether there are others, whose names and contents cannot be opened.
    pub(super) has_sealed_files: bool,
}

/// A field; without a value it is as if it were not there (AVP rule 64).
pub(super) struct Field {
    pub(super) kind: String,
    pub(super) label: String,
    pub(super) value: Option<SecretValue>,
}

/// A file, which is kept elsewhere, sealed.
#[derive(Clone)]
pub(super) struct File {
    pub(super) uid: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) key: Key,
    pub(super) url: String,
}

/// What a key stands for.
pub(super) enum Content<'r> {
    Value(&'r SecretValue),
    File(&'r File),
}

impl Field {
    /// Its key: the label, or else the type (AVP rule 64).
    fn key(&self) -> &str {
        match self.label.as_str() {
            "" => &self.kind,
            label => label,
        }
    }
}

impl File {
    /// Whether it goes by this name.
    fn is_called(&self, name: &str) -> bool {
        [&self.name, &self.title, &self.uid]
            .into_iter()
            .any(|own| own == name)
    }
}

impl Record {
    /// The keys that exist: those of fields with a value, the names of files, and that of the notes.
    pub(super) fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = Vec::new();
        let fields = self.fields.iter().chain(&self.custom);
        let fields = fields.filter(|field| field.value.is_some());
        let all = fields
            .map(Field::key)
            .chain(self.files.iter().map(|file| file.name.as_str()))
            .chain(self.notes.as_ref().map(|_| NOTES));
        for key in all {
            if !key.is_empty() && !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// What a key stands for; `None` if nothing goes by it. A standard field comes before a custom one
    /// (AVP rule 64), a field before a file, and all of them before the words of Keeper's notation.
    ///
    /// # Errors
    /// [`VaultErrorKind::Ambiguous`] if it stands for different things, or
    /// [`VaultErrorKind::InvalidAnswer`] if it may be a file that cannot be opened.
    pub(super) fn find(&self, key: &str) -> Option<Result<Content<'_>, VaultError>> {
        let is_own = |field: &&Field| field.key() == key;
        one(&self.fields, is_own, key)
            .or_else(|| one(&self.custom, is_own, key))
            .or_else(|| self.file(key))
            .or_else(|| self.by_notation(key))
            .or_else(|| self.sealed(key))
    }

    /// That a key may be the name of a file which cannot be opened: taken for a missing one, it would
    /// switch a default on.
    fn sealed(&self, key: &str) -> Option<Result<Content<'_>, VaultError>> {
        let message = "the record has no field {}, and a file of it cannot be opened";
        self.has_sealed_files
            .then(|| Err(VaultError::invalid_answer(message).with_name(key)))
    }

    /// What the part of Keeper's notation stands for that comes after the record: there a field goes by
    /// its type as well as by its label.
    fn by_notation(&self, key: &str) -> Option<Result<Content<'_>, VaultError>> {
        let Some((selector, name)) = key.split_once('/') else {
            let notes = self.notes.as_ref().filter(|_| key == NOTES);
            return notes.map(|notes| Ok(Content::Value(notes)));
        };
        let is_called = |field: &&Field| field.kind == name || field.label == name;
        match selector {
            "field" => one(&self.fields, is_called, key),
            "custom_field" => one(&self.custom, is_called, key),
            "file" => self.file(name),
            _ => None,
        }
    }

    fn file(&self, name: &str) -> Option<Result<Content<'_>, VaultError>> {
        let mut found = self.files.iter().filter(|file| file.is_called(name));
        let first = found.next()?;
        if found.all(|other| other.uid == first.uid) {
            return Some(Ok(Content::File(first)));
        }
        Some(Err(ambiguous(
            "several files of the record are called {}",
            name,
        )
        .with_candidates(self.uids(name))
        .with_hint("name it by its UID: file/UID")))
    }

    /// The files that some of these keys stand for, each once.
    pub(super) fn files(&self, keys: &[Keys]) -> Vec<&File> {
        let mut files: Vec<&File> = Vec::new();
        for keys in keys {
            let Keys::Names(names) = keys else { continue };
            for name in names {
                match self.find(name) {
                    Some(Ok(Content::File(file)))
                        if files.iter().all(|own| own.uid != file.uid) =>
                    {
                        files.push(file);
                    }
                    _ => {}
                }
            }
        }
        files
    }

    pub(super) fn has_all(&self, keys: &Keys) -> bool {
        match keys {
            Keys::Names(names) => names.iter().all(|name| self.find(name).is_some()),
            _ => true,
        }
    }

    /// Whether some of these keys stand for a file, whose address is good for a short time only.
    pub(super) fn wants_file(&self, keys: &Keys) -> bool {
        !self.files(std::slice::from_ref(keys)).is_empty()
    }

    fn uids(&self, name: &str) -> Vec<String> {
        let called = self.files.iter().filter(|file| file.is_called(name));
        called.map(|file| file.uid.clone()).collect()
    }
}

/// The value of the fields that are meant, if there is one.
fn one<'r>(
    fields: &'r [Field],
    is_meant: impl Fn(&&Field) -> bool,
    key: &str,
) -> Option<Result<Content<'r>, VaultError>> {
    let meant = fields.iter().filter(is_meant);
    let mut values = meant.filter_map(|field| field.value.as_ref());
    let first = values.next()?;
    if values.all(|other| other == first) {
        return Some(Ok(Content::Value(first)));
    }
    let message = "several fields of the record are called {}";
    Some(Err(ambiguous(message, key)))
}

fn ambiguous(message: &'static str, name: &str) -> VaultError {
    VaultError::new(VaultErrorKind::Ambiguous, message).with_name(name)
}
