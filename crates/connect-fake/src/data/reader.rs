//! Reading JSON with the place at hand.

use serde_json::{Map, Value};

use super::DataError;

/// A value of the data file and where it stands.
pub(super) struct At<'a> {
    pub(super) value: &'a Value,
    place: String,
}

impl<'a> At<'a> {
    pub(super) fn root(value: &'a Value) -> At<'a> {
        At {
            value,
            place: String::new(),
        }
    }

    pub(super) fn error(&self, what: &'static str) -> DataError {
        let at = match self.place.as_str() {
            "" => "the data file",
            place => place,
        };
        DataError::Shape {
            at: at.to_owned(),
            what,
        }
    }

    pub(super) fn map(&self) -> Result<&'a Map<String, Value>, DataError> {
        self.value
            .as_object()
            .ok_or_else(|| self.error("must be a map"))
    }

    pub(super) fn text(&self) -> Result<&'a str, DataError> {
        self.value
            .as_str()
            .ok_or_else(|| self.error("must be a text, in quotes"))
    }

    pub(super) fn list(&self) -> Result<impl Iterator<Item = At<'a>> + use<'a>, DataError> {
        let list = self
            .value
            .as_array()
            .ok_or_else(|| self.error("must be a list"))?;
        let place = self.place.clone();
        Ok(list.iter().enumerate().map(move |(number, value)| At {
            value,
            place: format!("{place}[{number}]"),
        }))
    }

    /// The entries of a map.
    pub(super) fn entries(
        &self,
    ) -> Result<impl Iterator<Item = (&'a str, At<'a>)> + use<'a>, DataError> {
        let place = self.place.clone();
        Ok(self
            .map()?
            .iter()
            .map(move |(key, value)| (key.as_str(), At::entry(&place, key, value))))
    }

    /// One entry of a map; `None` if it is absent or `null`.
    pub(super) fn optional(&self, key: &str) -> Result<Option<At<'a>>, DataError> {
        Ok(self
            .map()?
            .get(key)
            .filter(|value| !value.is_null())
            .map(|value| At::entry(&self.place, key, value)))
    }

    pub(super) fn required(&self, key: &str, what: &'static str) -> Result<At<'a>, DataError> {
        self.optional(key)?.ok_or_else(|| self.error(what))
    }

    /// Refuses keys that mean nothing, for they are mistakes.
    pub(super) fn only(&self, keys: &[&str]) -> Result<(), DataError> {
        for (key, at) in self.entries()? {
            if !keys.contains(&key) {
                return Err(at.error("is not a known key"));
            }
        }
        Ok(())
    }

    fn entry(place: &str, key: &str, value: &'a Value) -> At<'a> {
        let dot = if place.is_empty() { "" } else { "." };
        At {
            value,
            place: format!("{place}{dot}{key}"),
        }
    }
}
