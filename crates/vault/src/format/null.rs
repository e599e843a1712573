//! Null in JSON and YAML.

use serde::{Deserialize, Deserializer};

/// Reads null as the default: servers and people write it for nothing.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
