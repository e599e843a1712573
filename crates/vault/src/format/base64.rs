//! Values that answers hold as base64.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use zeroize::Zeroizing;

use crate::SecretValue;

/// A value: base64 in the answer, text if it is UTF-8, else bytes.
#[derive(Clone, Debug)]
pub(crate) struct Decoded(pub(crate) SecretValue);

impl<'de> Deserialize<'de> for Decoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Base64;
        impl Visitor<'_> for Base64 {
            type Value = Decoded;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("base64")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Decoded, E> {
                let bytes = STANDARD.decode(text).map_err(|_| E::custom("not base64"))?;
                Ok(Decoded(match String::from_utf8(bytes) {
                    Ok(text) => SecretValue::text(text),
                    Err(error) => SecretValue::bytes(error.into_bytes()),
                }))
            }
            fn visit_string<E: Error>(self, text: String) -> Result<Decoded, E> {
                self.visit_str(&Zeroizing::new(text))
            }
            fn visit_unit<E: Error>(self) -> Result<Decoded, E> {
                Ok(Decoded(SecretValue::text("")))
            }
        }
        deserializer.deserialize_any(Base64)
    }
}
