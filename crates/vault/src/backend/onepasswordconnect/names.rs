//! Names and the ids they stand for.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::RunContext;
use crate::backend::near::NearNames;

/// The names of vaults, or the titles of the items of a vault. They need not be unique.
#[derive(Debug)]
pub(super) struct Names {
    entries: Vec<(String, String)>,
    exact: HashMap<String, Vec<usize>>,
    /// The same by their names in lower case, and the names as they are compared. Few runs need
    /// them.
    any_case: OnceLock<HashMap<String, Vec<usize>>>,
    near: OnceLock<NearNames>,
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
        Names {
            entries,
            exact,
            any_case: OnceLock::new(),
            near: OnceLock::new(),
        }
    }

    /// Whether something has this id.
    pub(super) fn has_id(&self, id: &str) -> bool {
        self.entries.iter().any(|(known, _)| known == id)
    }

    /// What has exactly this name; if nothing has and `any_case` is set, what has it in another
    /// letter case.
    pub(super) fn pick(&self, name: &str, any_case: bool) -> Pick<'_> {
        let places = match self.exact.get(name) {
            None if any_case => self.any_case().get(&lower(name)),
            places => places,
        };
        let ids: Vec<&str> = places
            .into_iter()
            .flatten()
            .filter_map(|place| self.entries.get(*place))
            .map(|(id, _)| id.as_str())
            .collect();
        match ids.as_slice() {
            [] => Pick::None,
            [first, others @ ..] if others.iter().all(|other| other == first) => Pick::One(first),
            _ => Pick::Several(ids.into_iter().map(str::to_owned).collect()),
        }
    }

    fn any_case(&self) -> &HashMap<String, Vec<usize>> {
        self.any_case.get_or_init(|| {
            let mut found: HashMap<String, Vec<usize>> = HashMap::new();
            for (index, (_, name)) in self.entries.iter().enumerate() {
                found.entry(lower(name)).or_default().push(index);
            }
            found
        })
    }

    /// Up to five names that are near to one that nothing has, nearest first; none if the run may
    /// not look for them any more.
    pub(super) fn near(&self, name: &str, run: &RunContext) -> Vec<String> {
        if !run.may_compare(self.exact.len()) {
            return Vec::new();
        }
        let names = || NearNames::new(self.exact.keys().cloned());
        self.near.get_or_init(names).near(name)
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

fn lower(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
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
        let run = RunContext::new();
        assert_eq!(
            names.near("orders-dB", &run),
            ["Orders-DB", "orders-db", "order-db", "old orders-db copy"]
        );
        assert_eq!(names.near("bilings", &run), ["billing"]);
        let hidden = RunContext::new().without_suggestions();
        assert!(names.near("bilings", &hidden).is_empty());
        assert!(names.near("x", &run).is_empty() && names.near("", &run).is_empty());
    }
}
