//! Values that are one text.

use manifill_vault::{Exposed, SecretValue};

use super::error::TransformErrorKind;

/// The text of a scalar; bytes count if they are UTF-8.
pub(super) fn scalar(value: &SecretValue) -> Result<&str, TransformErrorKind> {
    let exposed = value.expose();
    let text = match exposed {
        Exposed::Text(text) | Exposed::Number(text) => Some(text),
        Exposed::Bool(true) => Some("true"),
        Exposed::Bool(false) => Some("false"),
        Exposed::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
        Exposed::Null | Exposed::List(_) | Exposed::Map(_) => None,
    };
    text.ok_or(TransformErrorKind::Datatype(exposed.type_name()))
}

/// The bytes of a scalar.
pub(super) fn bytes(value: &SecretValue) -> Result<&[u8], TransformErrorKind> {
    match value.expose() {
        Exposed::Bytes(bytes) => Ok(bytes),
        _ => scalar(value).map(str::as_bytes),
    }
}
