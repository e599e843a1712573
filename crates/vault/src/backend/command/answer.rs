//! What the executable printed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Exposed, Secret, SecretValue, VaultError, VaultErrorKind};

/// Reads an answer. What is wrong with one is said without anything of it.
pub(super) fn read(
    bytes: &[u8],
    program: &str,
    path: &str,
    version: Option<&str>,
) -> Result<Secret, VaultError> {
    let about = |kind, message| {
        VaultError::new(kind, message)
            .with_name(program)
            .with_name(path)
    };
    let invalid = |message| {
        about(VaultErrorKind::InvalidAnswer, message)
            .with_hint("it must print {\"values\": {…}} or {\"error\": \"…\"}")
    };
    let answer = std::str::from_utf8(bytes)
        .ok()
        .and_then(SecretValue::from_json)
        .ok_or_else(|| invalid("what {} prints for path {} is not JSON"))?;
    let other = || invalid("what {} prints for path {} is not an answer");
    let Exposed::Map(entries) = answer.expose() else {
        return Err(other());
    };
    let (mut values, mut bytes, mut names) = (None, None, None);
    for (name, value) in entries {
        match (name.as_str(), value.expose()) {
            ("values", Exposed::Map(found)) => values = Some(found),
            ("base64", Exposed::Map(found)) => bytes = Some(found),
            ("names", Exposed::List(found)) => names = Some(found),
            ("error", Exposed::Text(word)) if entries.len() == 1 => {
                return Err(refusal(word, &about, version).unwrap_or_else(other));
            }
            _ => return Err(other()),
        }
    }
    if values.is_none() && bytes.is_none() {
        return Err(other());
    }
    let mut found: Vec<(String, SecretValue)> = values.unwrap_or_default().to_vec();
    for (key, value) in bytes.unwrap_or_default() {
        let decoded = value
            .expose()
            .as_text()
            .and_then(|text| STANDARD.decode(text).ok());
        let decoded = decoded.ok_or_else(|| invalid("what {} prints for path {} is not base64"))?;
        if found.iter().any(|(known, _)| known == key) {
            return Err(about(
                VaultErrorKind::Ambiguous,
                "{} gives two values for a key of path {}",
            ));
        }
        found.push((key.clone(), SecretValue::bytes(decoded)));
    }
    let secret = Secret::from_values(found);
    let secret = match version {
        Some(version) => secret.with_version(version),
        None => secret,
    };
    let Some(names) = names else {
        return Ok(secret);
    };
    let names: Option<Vec<String>> = names
        .iter()
        .map(|name| name.expose().as_text().map(str::to_owned))
        .collect();
    names
        .map(|names| secret.with_names(names))
        .ok_or_else(other)
}

/// The error that a word stands for.
fn refusal(
    word: &str,
    about: &impl Fn(VaultErrorKind, &'static str) -> VaultError,
    version: Option<&str>,
) -> Option<VaultError> {
    use VaultErrorKind as Kind;
    let (kind, message) = match word {
        "not-found" => match version {
            Some(version) => {
                let message = "{} finds nothing at path {} with version {}";
                return Some(about(Kind::NotFound, message).with_name(version));
            }
            None => (Kind::NotFound, "{} finds nothing at path {}"),
        },
        "ambiguous" => (Kind::Ambiguous, "{} finds several things at path {}"),
        "permission-denied" => (Kind::PermissionDenied, "{} may not read path {}"),
        "unauthenticated" => (Kind::Unauthenticated, "{} cannot log in for path {}"),
        "unavailable" => (Kind::Unavailable, "{} cannot be served for path {}"),
        "invalid-request" => (Kind::InvalidRequest, "{} cannot have a path such as {}"),
        _ => return None,
    };
    Some(about(kind, message))
}
