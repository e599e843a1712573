//! The records that a request brought, and how they are found.

use std::collections::{BTreeMap, BTreeSet};

use super::path::Name;
use super::record::Record;
use crate::backend::near::NearNames;
use crate::shared::Shareable;
use crate::{RunContext, VaultError, VaultErrorKind};

/// Records by UID; none for one that cannot be opened.
pub(super) struct Records(BTreeMap<String, Option<Record>>);

impl Shareable for Records {}

impl Records {
    /// Takes records. One that several folders have comes several times, and is one.
    pub(super) fn new(records: Vec<(String, Option<Record>)>) -> Self {
        let mut by_uid: BTreeMap<String, Option<Record>> = BTreeMap::new();
        for (uid, record) in records {
            let known = by_uid.entry(uid).or_default();
            if known.is_none() {
                *known = record;
            }
        }
        Records(by_uid)
    }

    /// The record of a UID, or, if titles count, the one with this title.
    ///
    /// # Errors
    /// If several have the title, or if it may be one that cannot be opened.
    pub(super) fn find(&self, name: &Name, by_title: bool) -> Result<Option<&Record>, VaultError> {
        if let Some(record) = self.0.get(name.as_str()).filter(|_| name.is_uid()) {
            let message = "the record {} cannot be opened with the key of the application";
            return record
                .as_ref()
                .map(Some)
                .ok_or_else(|| unreadable(message, name));
        }
        if !by_title {
            return Ok(None);
        }
        let called = self.0.values().flatten();
        let called: Vec<&Record> = called
            .filter(|record| record.title == name.as_str())
            .collect();
        match called.as_slice() {
            [one] => Ok(Some(one)),
            // Taken for a missing one, it would switch a default on.
            [] if self.0.values().any(Option::is_none) => {
                let message =
                    "{} is not among the records that can be opened, but others cannot be";
                Err(unreadable(message, name))
            }
            [] => Ok(None),
            several => {
                let uids = several.iter().map(|record| record.uid.clone());
                let message = "several records have the title {}";
                Err(VaultError::new(VaultErrorKind::Ambiguous, message)
                    .with_name(name.as_str())
                    .with_candidates(uids)
                    .with_hint("name the record by its UID"))
            }
        }
    }

    /// Titles that are near to one that no record has; none if the run may not look for them.
    pub(super) fn near(&self, name: &Name, run: &RunContext) -> Vec<String> {
        if !run.may_compare(self.0.len()) {
            return Vec::new();
        }
        let titles: BTreeSet<&str> = self
            .0
            .values()
            .flatten()
            .map(|record| &*record.title)
            .collect();
        NearNames::new(titles.into_iter().map(str::to_owned)).near(name.as_str())
    }
}

fn unreadable(message: &'static str, name: &Name) -> VaultError {
    VaultError::invalid_answer(message)
        .with_name(name.as_str())
        .with_hint("check `appKey` in the configuration: it must be that of this device")
}
