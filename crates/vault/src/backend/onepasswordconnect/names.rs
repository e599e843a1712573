//! Names and the ids they stand for.

use std::collections::HashMap;

use strsim::generic_levenshtein;

/// The names of vaults, or the titles of the items of a vault. They need not be unique.
#[derive(Debug)]
pub(super) struct Names {
    entries: Vec<(String, String)>,
    exact: HashMap<String, Vec<usize>>,
}

/// What a name stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pick<'n> {
    /// Nothing.
    None,
    /// The thing with this id.
    One(&'n str),
    /// The things with these ids.
    Several(Vec<String>),
}

impl Names {
    /// Takes ids with their names.
    pub(super) fn new(entries: impl IntoIterator<Item = (String, String)>) -> Self {
        let entries: Vec<(String, String)> = entries.into_iter().collect();
        let mut exact: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, (_, name)) in entries.iter().enumerate() {
            exact.entry(name.clone()).or_default().push(index);
        }
        Names { entries, exact }
    }

    /// Whether something has this id.
    pub(super) fn has_id(&self, id: &str) -> bool {
        self.entries.iter().any(|(known, _)| known == id)
    }

    /// What has exactly this name; if nothing has and `any_case` is set, what has it in another
    /// letter case.
    pub(super) fn pick(&self, name: &str, any_case: bool) -> Pick<'_> {
        let ids: Vec<&str> = match self.exact.get(name) {
            Some(places) => places
                .iter()
                .filter_map(|place| self.entries.get(*place))
                .map(|(id, _)| id.as_str())
                .collect(),
            None if any_case => {
                let same = self
                    .entries
                    .iter()
                    .filter(|(_, other)| same_but_for_case(other, name));
                same.map(|(id, _)| id.as_str()).collect()
            }
            None => Vec::new(),
        };
        match ids.as_slice() {
            [] => Pick::None,
            [first, others @ ..] if others.iter().all(|other| other == first) => Pick::One(first),
            _ => Pick::Several(ids.into_iter().map(str::to_owned).collect()),
        }
    }

    /// Up to five names that are near to one that nothing has, nearest first.
    pub(super) fn near(&self, name: &str) -> Vec<String> {
        let name = fold(name);
        let limit = name.len().div_ceil(3);
        let mut near: Vec<(usize, &String)> = self
            .exact
            .keys()
            .filter_map(|other| {
                let folded = fold(other);
                let within = folded.len() >= 3
                    && name.len() >= 3
                    && (contains(&folded, &name) || contains(&name, &folded));
                let distance = generic_levenshtein(&folded, &name);
                let near = Some(distance).filter(|distance| *distance <= limit);
                let near = near.or_else(|| within.then_some(limit + 1));
                near.map(|distance| (distance, other))
            })
            .collect();
        near.sort();
        near.into_iter()
            .take(5)
            .map(|(_, other)| other.clone())
            .collect()
    }
}

/// Whether two names differ in letter case at most.
pub(super) fn same_but_for_case(a: &str, b: &str) -> bool {
    let (a, b) = (
        a.chars().flat_map(char::to_lowercase),
        b.chars().flat_map(char::to_lowercase),
    );
    a.eq(b)
}

/// A name as it is compared here: long ones are cut, which is near enough for a suggestion.
fn fold(name: &str) -> Vec<char> {
    name.trim()
        .chars()
        .flat_map(char::to_lowercase)
        .take(64)
        .collect()
}

fn contains(long: &[char], short: &[char]) -> bool {
    long.windows(short.len()).any(|part| part == short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[(&str, &str)]) -> Names {
        Names::new(
            names
                .iter()
                .map(|(id, name)| ((*id).to_owned(), (*name).to_owned())),
        )
    }

    #[test]
    fn an_exact_name_wins_over_another_letter_case() {
        let names = names(&[
            ("1", "Db"),
            ("2", "db"),
            ("3", "DB"),
            ("4", "Äpfel"),
            ("5", "twin"),
            ("6", "twin"),
        ]);
        assert_eq!(names.pick("db", true), Pick::One("2"));
        assert_eq!(names.pick("dB", false), Pick::None);
        assert_eq!(
            names.pick("dB", true),
            Pick::Several(vec!["1".into(), "2".into(), "3".into()])
        );
        assert_eq!(names.pick("äPFEL", true), Pick::One("4"));
        assert_eq!(
            names.pick("twin", false),
            Pick::Several(vec!["5".into(), "6".into()])
        );
        assert_eq!(names.pick("", true), Pick::None);
    }

    #[test]
    fn near_names_come_nearest_first() {
        let names = names(&[
            ("1", "orders-db"),
            ("2", "Orders-DB"),
            ("3", "order-db"),
            ("4", "billing"),
            ("5", "old orders-db copy"),
        ]);
        assert_eq!(
            names.near("orders-dB"),
            ["Orders-DB", "orders-db", "order-db", "old orders-db copy"]
        );
        assert_eq!(names.near("bilings"), ["billing"]);
        assert!(names.near("x").is_empty() && names.near("").is_empty());
    }
}
