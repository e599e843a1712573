//! The address of the Connect server.

use crate::transport::http::{Url, address};
use crate::{Settings, VaultError, VaultErrorKind};

/// The address of the server.
pub(super) struct Address {
    pub(super) url: Url,
    /// Whether `/v1` was taken off its end, or an address below it, as every description of the API
    /// has them.
    pub(super) shortened: bool,
}

/// Reads `OP_CONNECT_HOST`: the address of the server, with a path in front of `/v1` if there is
/// one. No part of a wrong address is shown, since people put passwords in them.
///
/// # Errors
/// If it is not set or is no such address.
pub(super) fn address(settings: &Settings) -> Result<Address, VaultError> {
    let text = settings.value("OP_CONNECT_HOST").ok_or_else(|| {
        VaultError::new(VaultErrorKind::Configuration, "OP_CONNECT_HOST is not set")
            .with_hint("it must be a URL such as http://onepassword-connect.1password:8080")
    })?;
    parse(text).ok_or_else(|| {
        let error = VaultError::new(
            VaultErrorKind::Configuration,
            "OP_CONNECT_HOST must be a URL such as http://onepassword-connect.1password:8080",
        );
        if text.contains("://") {
            error.with_hint("it is http:// or https://, a host and perhaps a port, nothing else")
        } else {
            error.with_hint("it does not begin with http:// or https://")
        }
    })
}

fn parse(text: &str) -> Option<Address> {
    let mut url = address::parse(text.trim())?;
    let end = address::server_path(&url, &["/v1"], &["/v1/vaults"]);
    let path = url.path().get(..end.unwrap_or(url.path().len()))?;
    let path = path.trim_end_matches('/').to_owned();
    url.set_path(&path);
    Some(Address {
        url,
        shortened: end.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_a_scheme_keep_their_port_and_path() {
        for (text, url) in [
            ("http://h:8080", "http://h:8080/"),
            ("http://h:8080///", "http://h:8080/"),
            (" https://h \n", "https://h/"),
            ("HTTP://H:1", "http://h:1/"),
            ("http://h/connect", "http://h/connect"),
            ("http://h/a/b/", "http://h/a/b"),
            ("http://[::1]:8080", "http://[::1]:8080/"),
            ("http://h:8080/v1", "http://h:8080/"),
            ("http://h/connect/v1/", "http://h/connect"),
            ("http://h:8080/v1/vaults", "http://h:8080/"),
            ("http://h/connect/v1/vaults/abc/items/", "http://h/connect"),
            ("http://h/av1", "http://h/av1"),
            ("http://h/v2/vaults", "http://h/v2/vaults"),
        ] {
            let address = parse(text).unwrap();
            assert_eq!(address.url.as_str(), url, "{text:?}");
            assert_eq!(address.shortened, text.contains("/v1"), "{text:?}");
        }
    }

    #[test]
    fn others_get_an_example_and_are_not_repeated() {
        for text in [
            "127.0.0.1:8080",
            "localhost:8080",
            "localhost",
            "ftp://h",
            "http:h",
            "http:/h",
            "http:///h",
            "http:\\\\h",
            "http://",
            "http://h h",
            "http://user@h",
            "http://user:SENTINEL@h",
            "http://:SENTINEL@h",
            "http://h?x=SENTINEL",
            "http://h/?",
            "http://h/#",
            "http://h:99999",
        ] {
            let settings = Settings::new().with("OP_CONNECT_HOST", text);
            let error = address(&settings).err().unwrap();
            assert_eq!(
                error.to_string(),
                "OP_CONNECT_HOST must be a URL such as http://onepassword-connect.1password:8080",
                "{text:?}"
            );
        }
        for text in ["", "  "] {
            let settings = Settings::new().with("OP_CONNECT_HOST", text);
            let error = address(&settings).err().unwrap();
            assert_eq!(error.to_string(), "OP_CONNECT_HOST is not set");
        }
    }
}
