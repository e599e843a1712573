//! The address of the server.

use crate::transport::http::Url;
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
    parse(text).ok_or_else(|| wrong("VAULT_ADDR is not the URL of a server"))
}

fn parse(text: &str) -> Option<Url> {
    // The URL parser is more forgiving than a setting should be: `http:host`, `http:\\host`.
    let (_, rest) = text.split_once("://")?;
    if rest.starts_with('/') || rest.contains(|c: char| c.is_whitespace() || c == '\\') {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    is_plain.then_some(url)
}

/// The address of something in the API.
pub(super) fn join<'s>(address: &Url, segments: impl Iterator<Item = &'s str>) -> Url {
    let mut url = address.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("v1").extend(segments);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::super::path::segments;
    use super::*;

    #[test]
    fn an_address_keeps_its_port_and_path() {
        for (text, url) in [
            ("http://h:8200", "http://h:8200/v1/kv/a"),
            ("HTTPS://H/", "https://h/v1/kv/a"),
            ("https://h/vault", "https://h/vault/v1/kv/a"),
            ("https://h/a/b/", "https://h/a/b/v1/kv/a"),
            ("http://[::1]:8200", "http://[::1]:8200/v1/kv/a"),
        ] {
            let address = parse(text).unwrap();
            assert_eq!(join(&address, segments("kv/a")).as_str(), url);
        }
    }

    #[test]
    fn a_path_arrives_as_it_is_written() {
        let address = parse("http://h").unwrap();
        for (path, sent) in [
            ("kv/*.fqdn.com", "/v1/kv/*.fqdn.com"),
            ("kv/a b", "/v1/kv/a%20b"),
            ("kv/100%", "/v1/kv/100%25"),
            ("kv/%2e%2e/x", "/v1/kv/%252e%252e/x"),
            ("kv/a+b", "/v1/kv/a+b"),
            ("kv/a?b#c", "/v1/kv/a%3Fb%23c"),
            ("kv/a\\b", "/v1/kv/a%5Cb"),
            ("kv/é", "/v1/kv/%C3%A9"),
        ] {
            assert_eq!(join(&address, segments(path)).path(), sent);
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
