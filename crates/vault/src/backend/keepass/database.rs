//! An open database: its entries by path and by id.

use std::collections::BTreeMap;
use std::time::Instant;

use super::content;
use super::document::{Document, Entry, Group};
use super::header::Header;
use super::inner::Inner;
use super::path::{EntryName, Id};
use super::reference::{self, Target};
use super::unopened::Unopened;
use crate::backend::near::NearNames;
use crate::{Keys, RunContext, Secret, SecretValue, VaultError, VaultErrorKind};

/// The most references that lead from one to the next, as in KeePassXC.
const MOST_REFERENCES: usize = 10;

/// The most bytes of the paths of all entries and groups together (rule R11): each holds the names of
/// all groups around it.
const MOST_PLACES: usize = 64 * 1024 * 1024;

/// The entries of a database that are not deleted.
pub(super) struct Database {
    entries: Vec<Entry>,
    files: Vec<SecretValue>,
    by_place: BTreeMap<String, Vec<usize>>,
    by_id: BTreeMap<Id, Vec<usize>>,
}

impl Database {
    /// Opens the bytes of a file with what is made of its password and key file.
    ///
    /// # Errors
    /// Why it is not opened.
    pub(super) fn open(file: &[u8], key: &[u8; 32], deadline: Instant) -> Result<Self, Unopened> {
        let header = Header::parse(file)?;
        let key = header.derivation.key(key, deadline)?;
        let content = content::open(&header, &key, deadline)?;
        if Instant::now() >= deadline {
            return Err(Unopened::TooLate);
        }
        Database::of_content(&content)
    }

    /// The entries of a decrypted content.
    ///
    /// # Errors
    /// If it is malformed or too large.
    pub(super) fn of_content(content: &[u8]) -> Result<Self, Unopened> {
        let inner = Inner::parse(content)?;
        let document = Document::read(inner.entries, inner.hider)?;
        let groups = document.groups;
        let mut left = MOST_PLACES;
        let places = places(&groups, document.bin, &mut left)?;
        let mut database = Database {
            entries: Vec::new(),
            files: inner.files,
            by_place: BTreeMap::new(),
            by_id: BTreeMap::new(),
        };
        for entry in document.entries {
            let Some(Some(group)) = places.get(entry.group) else {
                continue;
            };
            if entry
                .files
                .iter()
                .any(|(_, number)| *number >= database.files.len())
            {
                return Err(Unopened::Damaged);
            }
            let place = joined(group, entry.title(), "", &mut left)?;
            let number = database.entries.len();
            database.by_place.entry(place).or_default().push(number);
            database.by_id.entry(entry.id).or_default().push(number);
            database.entries.push(entry);
        }
        Ok(database)
    }

    /// The wanted fields of an entry.
    ///
    /// # Errors
    /// If there is none, or there are several.
    pub(super) fn secret(
        &self,
        name: &EntryName,
        keys: &Keys,
        run: &RunContext,
    ) -> Result<Secret, VaultError> {
        let entry = match self.numbers(name) {
            &[number] => self.entries.get(number),
            [] => None,
            several => return Err(self.ambiguous(name, several)),
        };
        let entry = entry.ok_or_else(|| self.missing(name, run))?;
        let mut secret = Secret::new()
            .with_id(entry.id.to_string())
            .with_title(entry.title())
            .with_names(entry.names());
        let fields = entry.fields.iter();
        let fields = fields.map(|(name, value)| (name.as_str(), Some(value)));
        let files = entry.files.iter();
        let files = files.map(|(name, number)| (name.as_str(), self.files.get(*number)));
        let mut found: BTreeMap<&str, Vec<Option<&SecretValue>>> = BTreeMap::new();
        for (key, value) in fields.chain(files).filter(|(key, _)| keys.wants(key)) {
            found.entry(key).or_default().push(value);
        }
        for (key, values) in found {
            secret.insert(key, self.value(entry, key, &values));
        }
        Ok(secret)
    }

    /// Whether there is one such entry, and all that is wanted in it.
    pub(super) fn has(&self, name: &EntryName, keys: &Keys) -> bool {
        let &[number] = self.numbers(name) else {
            return false;
        };
        let entry = self.entries.get(number);
        let has = |key: &str| entry.is_some_and(|entry| entry.names().any(|name| name == key));
        match keys {
            Keys::All => true,
            Keys::Names(names) => names.iter().all(has),
        }
    }

    /// The places of the entries that go by this name.
    fn numbers(&self, name: &EntryName) -> &[usize] {
        let found = match name {
            EntryName::Place(place) => self.by_place.get(place),
            EntryName::Id(id) => self.by_id.get(id),
        };
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// The value of a key that stands for all of these.
    fn value(
        &self,
        entry: &Entry,
        key: &str,
        all: &[Option<&SecretValue>],
    ) -> Result<SecretValue, VaultError> {
        let error = |kind, message| {
            let error = VaultError::new(kind, message).with_name(key);
            error.with_name(entry.title())
        };
        let first = all.first().copied().flatten();
        if all.iter().any(|other| *other != first) {
            return Err(error(
                VaultErrorKind::Ambiguous,
                "several fields or files are called {} in the entry {}",
            )
            .with_hint("give each of them a name of its own in the entry"));
        }
        let resolved = first.and_then(|value| self.resolved(value, MOST_REFERENCES));
        resolved.ok_or_else(|| {
            error(
                VaultErrorKind::InvalidAnswer,
                "the field {} of the entry {} refers to what is not there or cannot be read here",
            )
            .with_hint("a reference must be the whole value and name the other entry by its UUID")
        })
    }

    /// The value itself, or the one that it refers to; `None` if that cannot be found.
    fn resolved(&self, value: &SecretValue, left: usize) -> Option<SecretValue> {
        let Some(target) = value.expose().as_text().and_then(reference::of) else {
            return Some(value.clone());
        };
        let Target::Field(field, id) = target else {
            return None;
        };
        let Some(&[number]) = self.by_id.get(&id).map(Vec::as_slice) else {
            return None;
        };
        let fields = &self.entries.get(number)?.fields;
        let (_, value) = fields.iter().find(|(name, _)| name == field)?;
        self.resolved(value, left.checked_sub(1)?)
    }

    fn missing(&self, name: &EntryName, run: &RunContext) -> VaultError {
        let path = name.plain();
        let message = "there is no entry {} in the database";
        let error = VaultError::new(VaultErrorKind::NotFound, message).with_name(path.as_str());
        let EntryName::Place(place) = name else {
            return error;
        };
        if !run.may_compare(self.by_place.len()) {
            return error;
        }
        // The same in other letters or in another group, else what is written alike.
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase();
        let title = last(place);
        let same = self.by_place.keys().filter(|known| last(known) == title);
        let mut near: Vec<String> = same.take(5).cloned().collect();
        if near.is_empty() {
            near = NearNames::new(self.by_place.keys().cloned()).near(place);
        }
        error.with_candidates(near)
    }

    fn ambiguous(&self, name: &EntryName, numbers: &[usize]) -> VaultError {
        let ids = numbers
            .iter()
            .filter_map(|number| self.entries.get(*number));
        VaultError::new(
            VaultErrorKind::Ambiguous,
            "there are several entries {} in the database",
        )
        .with_name(name.plain().as_str())
        .with_candidates(ids.map(|entry| entry.id.to_string()))
        .with_hint("name one of them by its UUID, or give them titles of their own")
    }
}

/// What stands in front of the title of an entry in each group: the first group has no name in a
/// path, and the entries of the bin have none at all.
fn places(
    groups: &[Group],
    bin: Option<Id>,
    left: &mut usize,
) -> Result<Vec<Option<String>>, Unopened> {
    let mut places: Vec<Option<String>> = Vec::with_capacity(groups.len());
    for group in groups {
        let place = match group.parent {
            None => Some(String::new()),
            // A group stands behind the one that it is in.
            Some(parent) => {
                let outer = places.get(parent).ok_or(Unopened::Damaged)?;
                let outer = outer.as_ref().filter(|_| Some(group.id) != bin);
                let place = outer.map(|outer| joined(outer, &group.name, "/", left));
                place.transpose()?
            }
        };
        places.push(place);
    }
    Ok(places)
}

/// A path of these parts, if so many bytes are left.
fn joined(place: &str, name: &str, end: &str, left: &mut usize) -> Result<String, Unopened> {
    let length = place.len() + name.len() + end.len();
    *left = left.checked_sub(length).ok_or(Unopened::TooLarge)?;
    Ok([place, name, end].concat())
}
