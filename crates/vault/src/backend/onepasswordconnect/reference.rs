//! Which field the end of an `op://` reference means: `[section/]field[?attribute=…]`.
//!
//! The rules are those of 1Password's own tools: names match in any letter case if they do not
//! match exactly, and a field outside of sections comes before fields in sections.

use super::fields::{Finding, KeyTarget, ambiguous, one_field, one_file};
use super::model::{Field, File, Item};
use super::names::same_but_for_case;
use super::{otp, ssh};
use crate::{SecretValue, VaultError, VaultErrorKind};

/// What is read of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attribute {
    Value,
    Code,
    Kind,
    Id,
    Title,
    Purpose,
    OpenSsh,
}

const ATTRIBUTES: [(&str, Attribute); 8] = [
    ("attribute=value", Attribute::Value),
    ("attribute=otp", Attribute::Code),
    ("attribute=totp", Attribute::Code),
    ("attribute=type", Attribute::Kind),
    ("attribute=id", Attribute::Id),
    ("attribute=title", Attribute::Title),
    ("attribute=purpose", Attribute::Purpose),
    ("ssh-format=openssh", Attribute::OpenSsh),
];

/// Finds what the end of a reference means; `now` as in [`fields::find`](super::fields::find).
pub(super) fn find<'i>(item: &'i Item, key: &str, now: u64) -> Finding<'i> {
    let (names, attribute) = match key.split_once('?') {
        None => (key, Attribute::Value),
        Some((names, query)) => (names, parse_query(query)?),
    };
    let (section, name) = split(names)?;
    let Some(sections) = Sections::of(item, section) else {
        return Ok(None);
    };
    let field = find_field(item, &sections, names, name)?;
    let files = item.files.iter().filter(|file| sections.hold_file(file));
    let file = one_file(
        best(files, name, |file| (&file.id, &file.name)).into_iter(),
        names,
    )?;
    match (field, file) {
        (None, None) => Ok(None),
        (Some(field), None) => read_field(field, names, attribute, now).map(Some),
        (None, Some(file)) if attribute == Attribute::Value => Ok(Some(KeyTarget::File(file))),
        (None, Some(_)) => Err(VaultError::new(
            VaultErrorKind::InvalidRequest,
            "{} is a file, which has no such attribute",
        )
        .with_name(names)),
        (Some(field), Some(file)) => Err(ambiguous(
            "both a field and a file of the item are called {}",
            names,
        )
        .with_candidates([field.id.clone(), file.id.clone()])
        .with_hint("use the id of the one that is meant")),
    }
}

fn parse_query(query: &str) -> Result<Attribute, VaultError> {
    let known = ATTRIBUTES.iter().find(|(text, _)| *text == query);
    known.map(|(_, attribute)| *attribute).ok_or_else(|| {
        VaultError::new(
            VaultErrorKind::InvalidRequest,
            "a reference cannot end in {}",
        )
        .with_name(format!("?{query}"))
        .with_hint("attribute=otp, totp, value, type, id, title or purpose; or ssh-format=openssh")
    })
}

fn split(names: &str) -> Result<(Option<&str>, &str), VaultError> {
    let (section, name) = match names.split_once('/') {
        Some((section, name)) => (Some(section), name),
        None => (None, names),
    };
    if name.is_empty() || section == Some("") || name.contains('/') {
        let error = VaultError::new(VaultErrorKind::InvalidRequest, "{} is not [section/]field");
        return Err(error
            .with_name(names)
            .with_hint("op://vault/item/[section/]field; use ids for names with a slash"));
    }
    Ok((section, name))
}

/// The sections that a reference searches.
enum Sections<'i> {
    Any,
    These(Vec<&'i str>),
}

impl<'i> Sections<'i> {
    /// All sections with that id or label; `None` if there is none.
    fn of(item: &'i Item, name: Option<&str>) -> Option<Self> {
        let Some(name) = name else {
            return Some(Sections::Any);
        };
        let all = item.all_sections();
        let ids = |matches: &dyn Fn(&str) -> bool| -> Vec<&'i str> {
            let named = all
                .iter()
                .filter(|s| matches(&s.id) || s.label.as_deref().is_some_and(matches));
            named.map(|section| section.id.as_str()).collect()
        };
        let mut hits = ids(&|known| known == name);
        if hits.is_empty() {
            hits = ids(&|known| same_but_for_case(known, name));
        }
        (!hits.is_empty()).then_some(Sections::These(hits))
    }

    fn hold(&self, section: Option<&str>) -> bool {
        match self {
            Sections::Any => true,
            Sections::These(ids) => section.is_some_and(|id| ids.contains(&id)),
        }
    }

    fn hold_field(&self, field: &Field) -> bool {
        self.hold(field.section.as_ref().map(|section| section.id.as_str()))
    }

    fn hold_file(&self, file: &File) -> bool {
        self.hold(file.section.as_ref().map(|section| section.id.as_str()))
    }
}

fn find_field<'i>(
    item: &'i Item,
    sections: &Sections<'_>,
    names: &str,
    name: &str,
) -> Result<Option<&'i Field>, VaultError> {
    let search = |wanted: &dyn Fn(&Field) -> bool| {
        let fields = item.fields.iter().filter(|field| wanted(field));
        one_field(
            item,
            best(fields, name, |field| (&field.id, &field.label)).into_iter(),
            names,
            '/',
        )
    };
    if matches!(sections, Sections::Any) {
        if let Some(field) = search(&Field::is_top_level)? {
            return Ok(Some(field));
        }
    }
    search(&|field| sections.hold_field(field))
}

/// Those with that id; else with exactly that name; else with that name in another letter case.
fn best<'i, T>(
    things: impl Iterator<Item = &'i T>,
    name: &str,
    parts: impl Fn(&'i T) -> (&'i String, &'i String),
) -> Vec<&'i T> {
    let things: Vec<&T> = things.collect();
    let matching = |matches: &dyn Fn(&str, &str) -> bool| -> Vec<&'i T> {
        let hits = things.iter().filter(|thing| {
            let (id, label) = parts(thing);
            matches(id, label)
        });
        hits.copied().collect()
    };
    let mut hits = matching(&|id, _| id == name);
    if hits.is_empty() {
        hits = matching(&|_, label| label == name);
    }
    if hits.is_empty() {
        hits = matching(&|_, label| same_but_for_case(label, name));
    }
    hits
}

fn read_field<'i>(
    field: &'i Field,
    names: &str,
    attribute: Attribute,
    now: u64,
) -> Result<KeyTarget<'i>, VaultError> {
    let text = |text: &str| Ok(KeyTarget::Value(SecretValue::text(text)));
    match attribute {
        Attribute::Value => Ok(KeyTarget::Value(field.value())),
        Attribute::Code => otp::code(field, names, now).map(KeyTarget::Code),
        Attribute::Kind => text(&field.kind),
        Attribute::Id => text(&field.id),
        Attribute::Title => text(&field.label),
        Attribute::Purpose => text(&field.purpose),
        Attribute::OpenSsh => ssh::openssh(field, names).map(KeyTarget::Value),
    }
}
