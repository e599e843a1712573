//! A record as a run has read it.

use std::collections::BTreeMap;

use super::client::Contents;
use super::record::{Content, Record};
use crate::shared::Found;
use crate::{Keys, Secret, VaultError};

/// A record with the files in it that keys ask for.
pub(super) struct Read<'r> {
    pub(super) record: &'r Record,
    /// By UID.
    pub(super) files: BTreeMap<&'r str, Result<Found<Contents>, VaultError>>,
}

impl Read<'_> {
    /// The answer for a request that wants these keys.
    pub(super) fn secret(&self, keys: &Keys) -> Secret {
        let names = self.record.keys();
        let mut secret = Secret::new()
            .with_id(&*self.record.uid)
            .with_title(&*self.record.title);
        if let Some(revision) = self.record.revision {
            secret = secret.with_version(revision.to_string());
        }
        let wanted: Vec<&str> = match keys {
            Keys::Names(names) => names.iter().collect(),
            _ => names.clone(),
        };
        for key in wanted {
            match self.record.find(key) {
                Some(Ok(Content::Value(value))) => secret.insert(key, Ok(value.clone())),
                // One that nobody has asked for by name was not read.
                Some(Ok(Content::File(file))) => match self.files.get(file.uid.as_str()) {
                    Some(Ok(file)) => secret.insert(key, Ok(file.0.clone())),
                    Some(Err(error)) => secret.insert(key, Err(error.clone())),
                    None => {}
                },
                Some(Err(error)) => secret.insert(key, Err(error)),
                None => {}
            }
        }
        secret.with_names(names)
    }
}
