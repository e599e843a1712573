//! Addresses of servers, as people and files write them, and what lies below them.

use super::Url;

use crate::{VaultError, VaultErrorKind};

/// Reads the address of a server: `http` or `https`, a host, perhaps a port and a path, and no
/// login, query or fragment. Nothing of a wrong one is told, since people put passwords in them.
///
/// The URL parser is more forgiving than a setting should be: it takes `http:host` and
/// `http:\\host`, and leaves out tabs.
pub fn parse(text: &str) -> Option<Url> {
    let (_, rest) = text.split_once("://")?;
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if rest.starts_with('/') || text.contains(is_odd) {
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

/// The length of the path of a server's address without the API or the page that people copy with
/// it: one of `ends` at the end, or one of `pages` with whatever follows it. `None` if there is
/// neither.
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) fn server_path(url: &Url, ends: &[&str], pages: &[&str]) -> Option<usize> {
    let path = url.path().trim_end_matches('/');
    let at_end = |end: &&str| path.strip_suffix(*end).map(str::len);
    let page = |page: &&str| {
        let at = path.find(*page)?;
        let rest = &path[at + page.len()..];
        (rest.is_empty() || rest.starts_with('/')).then_some(at)
    };
    let at = ends.iter().find_map(at_end);
    at.or_else(|| pages.iter().find_map(page))
}

/// The address of something below another one: each part is one segment of the path, escaped so
/// that it arrives as it is written.
///
/// ```
/// use manifill_vault::transport::http::{Url, below};
///
/// let server = Url::parse("https://vault.example.com/proxy/").unwrap();
/// let url = below(&server, ["v1", "kv", "50% off?"]).unwrap();
/// assert_eq!(url.as_str(), "https://vault.example.com/proxy/v1/kv/50%25%20off%3F");
/// assert!(below(&server, ["v1", ".\t."]).is_err());
/// ```
///
/// # Errors
/// [`VaultErrorKind::InvalidRequest`] for a part that a URL cannot hold: an empty one, `.` and
/// `..`, which are resolved, and one with a control character, of which parsers drop some.
pub fn below<'p>(
    address: &Url,
    parts: impl IntoIterator<Item = &'p str>,
) -> Result<Url, VaultError> {
    let mut url = address.clone();
    let cannot = |part: &str| {
        VaultError::new(
            VaultErrorKind::InvalidRequest,
            "{} cannot be a part of an address",
        )
        .with_name(part)
    };
    let mut path = url
        .path_segments_mut()
        .map_err(|()| cannot(address.scheme()))?;
    path.pop_if_empty();
    for part in parts {
        if matches!(part, "" | "." | "..") || part.contains(char::is_control) {
            return Err(cannot(part));
        }
        path.push(part);
    }
    drop(path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_arrives_as_it_is_written() {
        for (address, part, sent) in [
            ("http://h:8200", "a", "http://h:8200/a"),
            ("HTTPS://H/", "a", "https://h/a"),
            ("https://h/x", "a", "https://h/x/a"),
            ("https://h/x/y/", "a", "https://h/x/y/a"),
            ("http://[::1]:1", "a", "http://[::1]:1/a"),
            ("http://h", "*.fqdn.com", "http://h/*.fqdn.com"),
            ("http://h", " a b ", "http://h/%20a%20b%20"),
            ("http://h", "100%", "http://h/100%25"),
            ("http://h", "%2e%2e", "http://h/%252e%252e"),
            ("http://h", "a/../b", "http://h/a%2F..%2Fb"),
            ("http://h", "a+b", "http://h/a+b"),
            ("http://h", "a?b#c", "http://h/a%3Fb%23c"),
            ("http://h", "a\\b", "http://h/a%5Cb"),
            ("http://h", "é", "http://h/%C3%A9"),
        ] {
            let address = Url::parse(address).unwrap();
            assert_eq!(below(&address, [part]).unwrap().as_str(), sent);
        }
    }

    #[test]
    fn a_part_that_a_url_cannot_hold_is_refused() {
        let server = Url::parse("https://h/x").unwrap();
        for part in [
            "", ".", "..", ".\t.", "\t..", "..\t", ".\n.", ".\r", "a\0", "a\u{7f}", "\u{85}",
        ] {
            let error = below(&server, ["a", part, "b"]).unwrap_err();
            assert_eq!(error.kind(), VaultErrorKind::InvalidRequest, "{part:?}");
        }
        assert!(below(&Url::parse("data:x").unwrap(), ["a"]).is_err());
    }

    #[test]
    fn what_is_no_plain_address_is_refused() {
        for text in [
            "h:8200",
            "localhost",
            "unix:///run/vault.sock",
            "ftp://h",
            "http:h",
            "http:/h",
            "http:///h",
            "http:\\\\h",
            "http://",
            "http://h h",
            "http://h\t",
            "http://h\u{1}",
            "http://user@h",
            "http://user:pw@h",
            "http://:pw@h",
            "http://h?x",
            "http://h/?",
            "http://h/#",
            "http://h:99999",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
