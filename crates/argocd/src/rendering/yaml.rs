//! YAML files of a repository as data.

use manifill_manifest::{ManifestErrorKind, Value};

use super::error::{RenderingError, RenderingErrorKind, shown};
use super::repository::Repository;

/// What a text may have that is read as data, in bytes. Much larger ones are for Helm and kustomize,
/// whose memory is limited.
const TEXT: usize = 1 << 20;

/// What the values in it may weigh, with what aliases stand for. Maps of one key take the most, 21 MiB
/// until they are read and rewritten: what an app has on a server of 2 GiB.
const VALUES: usize = 2 << 20;

/// The same for a text that a program or a host of the operator has made.
const TEXT_OF_PROGRAM: usize = 32 << 20;
const VALUES_OF_PROGRAM: usize = 64 << 20;

/// Reads the first document of a text as JSON.
pub(crate) fn parse(place: &str, text: &str) -> Result<serde_json::Value, RenderingError> {
    small(place, text.len(), TEXT)?;
    let value = manifill_manifest::read_one_within(text, VALUES);
    json(place, &value.map_err(|error| wrong(place, &error))?)
}

/// Reads all documents of a text.
pub(crate) fn parse_all(place: &str, text: &str) -> Result<Vec<serde_json::Value>, RenderingError> {
    small(place, text.len(), TEXT)?;
    all(place, text, VALUES)
}

/// Reads all documents of a text that a program or a host of the operator has made.
pub(crate) fn parse_large(
    place: &str,
    text: &str,
) -> Result<Vec<serde_json::Value>, RenderingError> {
    small(place, text.len(), TEXT_OF_PROGRAM)?;
    all(place, text, VALUES_OF_PROGRAM)
}

/// Reads a text that is JSON; `None` if it is not.
pub(crate) fn parse_json(
    place: &str,
    text: &[u8],
) -> Result<Option<serde_json::Value>, RenderingError> {
    small(place, text.len(), TEXT)?;
    // Behind each of these stands a value, or its key. Those in texts count as well: it takes a large
    // schema to have so many.
    let begins = |byte: &&u8| matches!(**byte, b',' | b'[' | b'{');
    if text.iter().filter(begins).count() > VALUES / 32 {
        let message = format!("{place}: there are too many values in this text");
        return Err(RenderingError::new(RenderingErrorKind::Limit, message));
    }
    Ok(serde_json::from_slice(text).ok())
}

fn all(place: &str, text: &str, most: usize) -> Result<Vec<serde_json::Value>, RenderingError> {
    let values = manifill_manifest::read_within(text, most);
    let values = values.map_err(|error| wrong(place, &error))?;
    values.iter().map(|value| json(place, value)).collect()
}

fn small(place: &str, bytes: usize, most: usize) -> Result<(), RenderingError> {
    if bytes <= most {
        return Ok(());
    }
    let message = format!("{place} has {bytes} bytes, more than the {most} that are read of it");
    Err(RenderingError::new(RenderingErrorKind::Limit, message))
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
    if error.kind() == ManifestErrorKind::Limit {
        let message = format!("{place}: {error}");
        return RenderingError::new(RenderingErrorKind::Limit, message);
    }
    RenderingError::source(format!("{place} is not YAML: {error}"))
}

fn json(place: &str, value: &Value) -> Result<serde_json::Value, RenderingError> {
    let json = serde_json::from_str(&value.to_json());
    json.map_err(|_| RenderingError::source(format!("{place} is nested too deep")))
}
