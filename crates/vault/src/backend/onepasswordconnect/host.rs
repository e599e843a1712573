//! The address of the Connect server.

use crate::transport::http::{Url, address};
use crate::{Settings, VaultError, VaultErrorKind};

/// Reads `OP_CONNECT_HOST`: the address of the server, with a path in front of `/v1` if there is
/// one. No part of a wrong address is shown, since people put passwords in them.
///
/// # Errors
/// If it is not set or is no such address.
pub(super) fn address(settings: &Settings) -> Result<Url, VaultError> {
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

fn parse(text: &str) -> Option<Url> {
    let mut url = address::parse(text.trim())?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Some(url)
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
        ] {
            assert_eq!(
                parse(text).map(String::from).as_deref(),
                Some(url),
                "{text:?}"
            );
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
            let error = address(&Settings::new().with("OP_CONNECT_HOST", text)).unwrap_err();
            assert_eq!(
                error.to_string(),
                "OP_CONNECT_HOST must be a URL such as http://onepassword-connect.1password:8080",
                "{text:?}"
            );
        }
        for text in ["", "  "] {
            let error = address(&Settings::new().with("OP_CONNECT_HOST", text)).unwrap_err();
            assert_eq!(error.to_string(), "OP_CONNECT_HOST is not set");
        }
    }
}
