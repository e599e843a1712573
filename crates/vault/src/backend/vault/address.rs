//! The address of the server.

use crate::transport::http::{self, Url};
use crate::{Settings, VaultError, VaultErrorKind};

const EXAMPLE: &str = "it must be a URL such as https://vault.example.com:8200";

/// Reads `VAULT_ADDR`: the address of the server, with a path in front of `/v1` if there is one.
/// No part of a wrong address is shown, since people put passwords in them.
///
/// # Errors
/// If it is not set or is no such address.
pub(super) fn address(settings: &Settings) -> Result<Url, VaultError> {
    let wrong =
        |message| VaultError::new(VaultErrorKind::Configuration, message).with_hint(EXAMPLE);
    let text = settings
        .value("VAULT_ADDR")
        .ok_or_else(|| wrong("VAULT_ADDR is not set"))?;
    http::address::parse(text).ok_or_else(|| wrong("VAULT_ADDR is not the URL of a server"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::http::address::parse;

    #[test]
    fn an_address_keeps_its_port_and_path() {
        for (text, url) in [
            ("http://h:8200", "http://h:8200/"),
            ("HTTPS://H/", "https://h/"),
            ("https://h/a/b/", "https://h/a/b/"),
            ("http://[::1]:8200", "http://[::1]:8200/"),
        ] {
            assert_eq!(parse(text).unwrap().as_str(), url);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_shown() {
        for text in [
            "h:8200",
            "unix:///run/vault.sock",
            "ftp://h",
            "http:h",
            "http:///h",
            "http:\\\\h",
            "http://",
            "http://h h",
            "https://user:SENTINEL@h",
            "https://SENTINEL@h",
            "https://h/?x=SENTINEL",
            "https://h/#SENTINEL",
        ] {
            let error = address(&Settings::new().with("VAULT_ADDR", text)).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(
                shown.contains("not the URL") && !shown.contains("SENTINEL"),
                "{shown}"
            );
        }
        let error = address(&Settings::new()).unwrap_err();
        assert_eq!(error.to_string(), "VAULT_ADDR is not set");
    }
}
