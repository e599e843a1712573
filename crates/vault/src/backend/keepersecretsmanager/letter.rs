//! A request as it is sent: sealed for the server, signed by the device.

use super::config::Config;
use super::crypto::Key;

/// A request that only the server can open, and whose answer only this key opens.
pub(super) struct Letter {
    pub(super) key: Key,
    /// The key, wrapped for the server.
    pub(super) wrapped_key: Vec<u8>,
    pub(super) body: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl Letter {
    /// Seals a request with a key of its own; `None` if the server's key is not a point.
    pub(super) fn seal(payload: &[u8], server_key: &[u8], device: &Config) -> Option<Self> {
        let key = Key::random()?;
        let wrapped_key = key.wrap(server_key)?;
        let body = key.seal(payload)?;
        let signature = device.sign(&[wrapped_key.as_slice(), &body].concat())?;
        Some(Letter {
            key,
            wrapped_key,
            body,
            signature,
        })
    }
}
