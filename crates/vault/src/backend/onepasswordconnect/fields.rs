//! Which field a key means, for paths (rule R6). `reference.rs` has the rules of `op://`.

use std::collections::HashMap;

use super::model::{Field, File, Item, Reference};
use super::otp;
use crate::{SecretValue, VaultError, VaultErrorKind};

/// What a key was found to be.
#[derive(Debug)]
pub(super) enum KeyTarget<'i> {
    /// A value.
    Value(SecretValue),
    /// A one-time code, which is another one half a minute later.
    Code(SecretValue),
    /// A file, whose contents are still to be read.
    File(&'i File),
}

/// A key's finding: `None` if the item has nothing of that name.
pub(super) type Finding<'i> = Result<Option<KeyTarget<'i>>, VaultError>;

/// Finds what a key means: an exact label wins, as it does in AVP; then an id; then
/// `section.label`; then a file; then a web address. Letter case matters.
///
/// `now` is the time in seconds, for one-time codes that the server did not compute.
pub(super) fn find<'i>(item: &'i Item, key: &str, now: u64) -> Finding<'i> {
    if let Some(field) = field(item, key)? {
        return Ok(Some(KeyTarget::Value(field.value())));
    }
    let files = item
        .files
        .iter()
        .filter(|file| file.name == key || file.id == key);
    if let Some(file) = one_file(files, key)? {
        return Ok(Some(KeyTarget::File(file)));
    }
    if let Some(address) = address(item, key)? {
        return Ok(Some(KeyTarget::Value(address)));
    }
    for query in ["?attribute=otp", "?attribute=totp"] {
        if let Some(key) = key.strip_suffix(query) {
            return field(item, key)?
                .map(|field| otp::code(field, key, now).map(KeyTarget::Code))
                .transpose();
        }
    }
    Ok(None)
}

/// Every field and web address that a key can name, with that key. Files are not among them,
/// since each costs a request.
pub(super) fn all(item: &Item) -> Vec<(String, SecretValue)> {
    let fields = spellings(item, '.')
        .into_iter()
        .zip(&item.fields)
        .map(|(name, field)| (name, field.value()));
    let mut all: Vec<_> = fields.filter(|(name, _)| !name.is_empty()).collect();
    for name in addresses(item) {
        if let Ok(Some(KeyTarget::Value(value))) = find(item, &name, 0) {
            all.push((name, value));
        }
    }
    all
}

/// The keys of an item in its order: fields, web addresses, files.
pub(super) fn names(item: &Item) -> Vec<String> {
    let mut names = spellings(item, '.');
    names.retain(|name| !name.is_empty());
    names.extend(addresses(item));
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for file in &item.files {
        *seen.entry(&file.name).or_default() += 1;
    }
    let files: Vec<String> = item
        .files
        .iter()
        .map(|file| {
            if !file.name.is_empty() && seen.get(file.name.as_str()) == Some(&1) {
                &file.name
            } else {
                &file.id
            }
        })
        .filter(|name| !names.contains(name))
        .cloned()
        .collect();
    names.extend(files);
    names
}

/// One name per field, in the order of the fields: the shortest key that means only this field.
/// A field that has no such name is called by its id.
pub(super) fn spellings(item: &Item, separator: char) -> Vec<String> {
    let labels: HashMap<&str, Option<&str>> = item
        .all_sections()
        .into_iter()
        .filter(|s| s.label.is_some())
        .map(|s| (s.id.as_str(), s.label.as_deref()))
        .collect();
    let forms = |field: &Field| {
        let section = field.section.as_ref().map(|section| section.id.as_str());
        let label = section.and_then(|id| *labels.get(id)?);
        [
            Some(field.label.clone()).filter(|label| !label.is_empty()),
            label.map(|section| format!("{section}{separator}{}", field.label)),
            section.map(|section| format!("{section}{separator}{}", field.label)),
        ]
    };
    let mut uses: HashMap<String, usize> = HashMap::new();
    for form in item.fields.iter().flat_map(|field| {
        let mut forms = forms(field);
        // The form with the id is the same text where the section is called by its id.
        if forms[1] == forms[2] {
            forms[2] = None;
        }
        forms.into_iter().flatten()
    }) {
        *uses.entry(form).or_default() += 1;
    }
    let unique = |form: &String| uses.get(form) == Some(&1);
    item.fields
        .iter()
        .map(|field| {
            if field.label.is_empty() {
                field.id.clone()
            } else {
                forms(field)
                    .into_iter()
                    .flatten()
                    .find(unique)
                    .unwrap_or_else(|| field.id.clone())
            }
        })
        .collect()
}

/// The one of these fields that is meant: several are fine as long as their values are equal.
///
/// # Errors
/// [`VaultErrorKind::Ambiguous`] with a key for each of them.
pub(super) fn one_field<'i>(
    item: &'i Item,
    hits: impl Iterator<Item = &'i Field>,
    key: &str,
    separator: char,
) -> Result<Option<&'i Field>, VaultError> {
    let hits: Vec<&Field> = hits.collect();
    let Some((first, others)) = hits.split_first() else {
        return Ok(None);
    };
    if others.iter().all(|other| other.value() == first.value()) {
        return Ok(Some(first));
    }
    let shortest = spellings(item, separator).into_iter().zip(&item.fields);
    let ours = shortest.filter(|(_, field)| hits.iter().any(|hit| std::ptr::eq(*hit, *field)));
    let candidates: Vec<String> = ours
        .filter_map(|(name, field)| match separator {
            '.' => working(item, field, name),
            _ => Some(name),
        })
        .collect();
    let hint = match separator {
        _ if candidates.is_empty() => "give the fields labels of their own",
        '.' => "write section.label, or the id of the field",
        _ => "write section/label, or the id of the field",
    };
    Err(ambiguous("several fields of the item are called {}", key)
        .with_candidates(candidates)
        .with_hint(hint))
}

/// A key that means just this field, the shortest one if it does.
fn working(item: &Item, field: &Field, shortest: String) -> Option<String> {
    let sections = item.all_sections();
    let section = field.section.as_ref();
    let section = section.and_then(|own| sections.into_iter().find(|known| known.id == own.id));
    let names = |section: &Reference| {
        let label = section.label.clone();
        label.into_iter().chain([section.id.clone()])
    };
    let in_section = section
        .iter()
        .flat_map(|section| names(section))
        .flat_map(|name| [&field.label, &field.id].map(|field| format!("{name}.{field}")));
    let is_own = |key: &String| match hits(item, key).as_slice() {
        [only] => std::ptr::eq(*only, field),
        _ => false,
    };
    std::iter::once(shortest)
        .chain([field.id.clone()])
        .chain(in_section)
        .find(is_own)
}

/// The one of these files that is meant.
///
/// # Errors
/// [`VaultErrorKind::Ambiguous`] with their ids.
pub(super) fn one_file<'i>(
    hits: impl Iterator<Item = &'i File>,
    key: &str,
) -> Result<Option<&'i File>, VaultError> {
    let hits: Vec<&File> = hits.collect();
    match hits.as_slice() {
        [] => Ok(None),
        [first, others @ ..] if others.iter().all(|other| other.id == first.id) => Ok(Some(first)),
        _ => Err(ambiguous("several files of the item are called {}", key)
            .with_candidates(hits.iter().map(|file| file.id.clone()))
            .with_hint("use the id of the file")),
    }
}

/// An error about a key that means several things.
pub(super) fn ambiguous(message: &'static str, key: &str) -> VaultError {
    VaultError::new(VaultErrorKind::Ambiguous, message).with_name(key)
}

fn field<'i>(item: &'i Item, key: &str) -> Result<Option<&'i Field>, VaultError> {
    one_field(item, hits(item, key).into_iter(), key, '.')
}

/// What a key means: several fields if it means none of them more than the others.
fn hits<'i>(item: &'i Item, key: &str) -> Vec<&'i Field> {
    let all = |wanted: &dyn Fn(&Field) -> bool| -> Vec<&'i Field> {
        item.fields.iter().filter(|field| wanted(field)).collect()
    };
    let by_label = all(&|field| !field.label.is_empty() && field.label == key);
    if !by_label.is_empty() {
        return most_meant(by_label, key);
    }
    let by_id = all(&|field| !field.id.is_empty() && field.id == key);
    if !by_id.is_empty() {
        return by_id;
    }
    let sections = item.all_sections();
    all(&|field| {
        field.section.as_ref().is_some_and(|section| {
            sections
                .iter()
                .any(|known| known.id == section.id && in_section(known, field, key))
        })
    })
}

/// Of several fields with one label, the one whose id it is, or the only one outside of sections:
/// so the built-in password of an item can be named beside a field `password` of a section.
fn most_meant<'i>(hits: Vec<&'i Field>, key: &str) -> Vec<&'i Field> {
    let only = |wanted: &dyn Fn(&Field) -> bool| {
        let mut found = hits.iter().copied().filter(|field| wanted(field));
        found.next().filter(|_| found.next().is_none())
    };
    let most = only(&|field| field.id == key).or_else(|| only(&|field| field.section.is_none()));
    most.map_or(hits, |field| vec![field])
}

/// Whether a key is `section.field` or `section/field`, either part a label or an id.
fn in_section(section: &Reference, field: &Field, key: &str) -> bool {
    [Some(section.id.as_str()), section.label.as_deref()]
        .into_iter()
        .flatten()
        .filter_map(|section| key.strip_prefix(section)?.strip_prefix(['.', '/']))
        .any(|rest| !rest.is_empty() && (rest == field.label || rest == field.id))
}

/// The address with that label; `url` is the primary one, unless an address is called so.
fn address(item: &Item, key: &str) -> Result<Option<SecretValue>, VaultError> {
    let mut hits: Vec<_> = item
        .urls
        .iter()
        .filter(|url| url.label.as_deref() == Some(key))
        .collect();
    if hits.is_empty() && key == "url" {
        hits = item
            .urls
            .iter()
            .filter(|url| url.primary == Some(true))
            .collect();
        if let ([], [only]) = (hits.as_slice(), item.urls.as_slice()) {
            hits = vec![only];
        }
    }
    match hits.as_slice() {
        [] => Ok(None),
        [first, others @ ..] if others.iter().all(|other| other.href == first.href) => Ok(Some(
            first.href.clone().unwrap_or_else(|| SecretValue::text("")),
        )),
        _ => Err(
            ambiguous("several web addresses of the item are called {}", key)
                .with_hint("give them labels of their own"),
        ),
    }
}

/// The keys of the addresses that no field is called by.
fn addresses(item: &Item) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let labels = item
        .urls
        .iter()
        .filter_map(|url| url.label.as_deref())
        .filter(|label| !label.is_empty());
    for name in labels.chain((!item.urls.is_empty()).then_some("url")) {
        let known = names.iter().any(|known| known == name)
            || item
                .fields
                .iter()
                .any(|field| field.label == name || field.id == name);
        if !known && matches!(address(item, name), Ok(Some(_))) {
            names.push(name.to_owned());
        }
    }
    names
}
