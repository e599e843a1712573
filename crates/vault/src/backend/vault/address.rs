//! The address of the server.

use crate::transport::http::{self, Url};
use crate::{Settings, VaultError, VaultErrorKind};

const EXAMPLE: &str = "it must be a URL such as https://vault.example.com:8200";

/// The address of the server.
pub(super) struct Address {
    pub(super) url: Url,
    /// Whether `/v1` was taken off its end, where every description of the API has it, or `/ui`, which
    /// a browser shows.
    pub(super) shortened: bool,
}

/// Reads `VAULT_ADDR`: the address of the server, with a path in front of `/v1` if there is one.
/// No part of a wrong address is shown, since people put passwords in them.
///
/// # Errors
/// If it is not set or is no such address.
pub(super) fn address(settings: &Settings) -> Result<Address, VaultError> {
    let wrong =
        |message| VaultError::new(VaultErrorKind::Configuration, message).with_hint(EXAMPLE);
    let text = settings
        .value("VAULT_ADDR")
        .ok_or_else(|| wrong("VAULT_ADDR is not set"))?;
    let mut url =
        http::address::parse(text).ok_or_else(|| wrong("VAULT_ADDR is not the URL of a server"))?;
    let end = http::address::server_path(&url, &["/v1", "/ui"], &["/ui/vault"]);
    if let Some(path) = end.and_then(|end| url.path().get(..end)) {
        let path = path.to_owned();
        url.set_path(&path);
    }
    Ok(Address {
        url,
        shortened: end.is_some(),
    })
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
    fn the_api_is_no_part_of_the_address() {
        for (text, url) in [
            ("http://h:8200/v1", "http://h:8200/"),
            ("http://h/a/v1/", "http://h/a"),
            ("http://h/ui/", "http://h/"),
            ("http://h/a/ui/vault/secrets/kv/list", "http://h/a"),
        ] {
            let address = address(&Settings::new().with("VAULT_ADDR", text)).unwrap();
            assert_eq!((address.url.as_str(), address.shortened), (url, true));
        }
        for url in ["http://h/ui-proxy", "http://h/v1/ns", "http://h/gui"] {
            let address = address(&Settings::new().with("VAULT_ADDR", url)).unwrap();
            assert_eq!((address.url.as_str(), address.shortened), (url, false));
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
            let settings = Settings::new().with("VAULT_ADDR", text);
            let error = address(&settings).err().unwrap();
            let shown = format!("{error} {error:?}");
            assert!(
                shown.contains("not the URL") && !shown.contains("SENTINEL"),
                "{shown}"
            );
        }
        let error = address(&Settings::new()).err().unwrap();
        assert_eq!(error.to_string(), "VAULT_ADDR is not set");
    }
}
