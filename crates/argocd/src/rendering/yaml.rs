//! YAML files of a repository as data.

use manifill_manifest::Value;

use super::error::{RenderingError, shown};
use super::repository::Repository;

/// Reads the first document of a text as JSON.
pub(crate) fn parse(place: &str, text: &str) -> Result<serde_json::Value, RenderingError> {
    let value = manifill_manifest::read_one(text).map_err(|error| wrong(place, &error))?;
    json(place, &value)
}

/// Reads all documents of a text.
pub(crate) fn parse_all(place: &str, text: &str) -> Result<Vec<serde_json::Value>, RenderingError> {
    let values = manifill_manifest::read(text).map_err(|error| wrong(place, &error))?;
    values.iter().map(|value| json(place, value)).collect()
}

/// Reads a file; `None` if there is none.
pub(crate) fn read(
    repository: Repository<'_>,
    name: &str,
) -> Result<Option<serde_json::Value>, RenderingError> {
    let text = repository.text(name)?;
    text.map(|text| parse(&shown(name), text)).transpose()
}

fn wrong(place: &str, error: &manifill_manifest::ManifestError) -> RenderingError {
    RenderingError::source(format!("{place} is not YAML: {error}"))
}

fn json(place: &str, value: &Value) -> Result<serde_json::Value, RenderingError> {
    let json = serde_json::from_str(&value.to_json());
    json.map_err(|_| RenderingError::source(format!("{place} is nested too deep")))
}
