//! The names of groups and of secrets, and the ids behind them.

use super::model::Named;
use crate::backend::near::NearNames;
use crate::{RunContext, VaultError, VaultErrorKind};

/// Names with the ids of what is called so.
#[derive(Debug)]
pub(super) struct Directory(Vec<Named>);

impl Directory {
    pub(super) fn new(mut entries: Vec<Named>) -> Self {
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Directory(entries)
    }

    /// The id of what is called so; `None` if nothing is.
    ///
    /// # Errors
    /// [`VaultErrorKind::Ambiguous`] if several are.
    pub(super) fn id_of(&self, name: &str) -> Result<Option<&str>, VaultError> {
        let mut found = self.0.iter().filter(|entry| entry.name == name);
        let first = found.next();
        if found.next().is_some() {
            let message = "several have the name {}";
            return Err(VaultError::new(VaultErrorKind::Ambiguous, message).with_name(name));
        }
        Ok(first.map(|entry| entry.id.as_str()))
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        self.0.iter().any(|entry| entry.name == name)
    }

    pub(super) fn has_id(&self, id: &str) -> bool {
        self.0.iter().any(|entry| entry.id.eq_ignore_ascii_case(id))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each name once.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|entry| entry.name.as_str()).collect();
        names.dedup();
        names
    }

    /// Names that are near to one that nothing has; none if the run may not look for them any more.
    pub(super) fn near(&self, name: &str, run: &RunContext) -> Vec<String> {
        let names = self.names();
        if !run.may_compare(names.len()) {
            return Vec::new();
        }
        NearNames::new(names.into_iter().map(str::to_owned)).near(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(entries: &[(&str, &str)]) -> Directory {
        let named = |(id, name): &(&str, &str)| Named {
            id: (*id).to_owned(),
            name: (*name).to_owned(),
        };
        Directory::new(entries.iter().map(named).collect())
    }

    #[test]
    fn a_name_has_one_id() {
        let all = directory(&[("2", "b"), ("1", "a"), ("3", "twin"), ("4", "twin")]);
        assert_eq!(all.id_of("a"), Ok(Some("1")));
        assert_eq!(all.id_of("A"), Ok(None));
        let error = all.id_of("twin").unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Ambiguous);
        assert_eq!(all.names(), ["a", "b", "twin"]);
    }

    #[test]
    fn near_names_come_nearest_first() {
        let all = directory(&[("1", "orders-db"), ("2", "order_db"), ("3", "billing")]);
        let run = RunContext::new();
        assert_eq!(all.near("Orders-DB", &run), ["orders-db", "order_db"]);
        assert_eq!(all.near("bilings", &run), ["billing"]);
        assert!(all.near("x", &run).is_empty());
        assert!(all.near("billing", &run.without_suggestions()).is_empty());
    }
}
