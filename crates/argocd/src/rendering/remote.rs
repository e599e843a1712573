//! Things on other hosts: what names them, and which hosts the operator opens.

use std::net::IpAddr;

use manifill_vault::transport::http::{Url, is_routed};

use super::error::{RenderingError, RenderingErrorKind, shown};

/// The operator's setting.
pub(crate) const REMOTE_HOSTS: &str = "MANIFILL_REMOTE_HOSTS";

/// The hosts that charts and kustomizations may name, over HTTPS; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteHosts(Vec<String>);

impl RemoteHosts {
    /// Reads the value of `MANIFILL_REMOTE_HOSTS`: names of hosts, between commas.
    ///
    /// ```
    /// use manifill_argocd::rendering::RemoteHosts;
    ///
    /// assert!(RemoteHosts::parse("charts.example.com, raw.example.org").is_ok());
    /// assert!(RemoteHosts::parse("*.example.com").is_err());
    /// assert!(RemoteHosts::parse("169.254.169.254").is_err());
    /// ```
    ///
    /// # Errors
    /// Anything but a whole name, and what leads to this machine or to its neighbours only.
    pub fn parse(text: &str) -> Result<RemoteHosts, RenderingError> {
        let hosts = text
            .split(',')
            .map(str::trim)
            .filter(|host| !host.is_empty());
        let hosts = hosts.map(|host| {
            let host = host.to_ascii_lowercase();
            let wrong = |why: &str| {
                let message = format!("{REMOTE_HOSTS}: {} {why}", shown(&host));
                let error = RenderingError::new(RenderingErrorKind::Host, message);
                Err(error
                    .with_hint("write whole names, such as charts.example.com,git.example.com"))
            };
            let is_name = host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte));
            if !is_name || host.starts_with(['.', '-']) || host.ends_with('.') {
                return wrong("is not a host name");
            }
            if is_local(&host) {
                return wrong("leads to this machine or to its neighbours");
            }
            if host.parse::<IpAddr>().is_err() && host.contains(':') {
                return wrong("has a port; HTTPS has its own");
            }
            Ok(host)
        });
        hosts.collect::<Result<_, _>>().map(RemoteHosts)
    }

    /// The hosts.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The address of a file that may be read: over HTTPS, from one of the hosts, without a login.
    pub(crate) fn allowed(&self, reference: &str) -> Option<Url> {
        let url = Url::parse(reference.trim()).ok()?;
        let host = url
            .host_str()?
            .trim_start_matches('[')
            .trim_end_matches(']');
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.port().is_none();
        let is_open = self.0.iter().any(|name| name == host);
        (url.scheme() == "https" && is_plain && is_open).then_some(url)
    }
}

/// Whether a host is this machine, or one that is reached without a router.
fn is_local(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => !is_routed(address),
        // A number is an address in more than one spelling: 2130706433 and 0x7f.1 are this machine.
        Err(_) => {
            let last = host.rsplit('.').next().unwrap_or(host);
            let is_number =
                last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit());
            is_number || host == "localhost" || host.ends_with(".localhost")
        }
    }
}

/// Whether a reference in a chart or kustomization is to another host, as far as Helm, kustomize
/// and git read it: with a scheme, or a login and a host, or one of kustomize's short forms.
pub(crate) fn is_remote(reference: &str) -> bool {
    let reference = reference.trim();
    let lower = reference.to_ascii_lowercase();
    if lower.contains("://") || lower.starts_with("github.com/") {
        return true;
    }
    // `git::x`, `gh:x`, `git@host:x`, `data:x`: a colon in the first part of what is no path.
    let first = lower.split('/').next().unwrap_or(&lower);
    first.contains(':')
}

/// The error about something on another host.
pub(crate) fn refused(what: &str, reference: &str) -> RenderingError {
    let message = format!("{what}: {} is on another host", shown(reference));
    RenderingError::new(RenderingErrorKind::Remote, message).with_hint(format!(
        "copy it into the repository; files over https may be read if the operator names their host in {REMOTE_HOSTS}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_of_other_machines_can_be_opened() {
        for (text, names) in [
            ("", &[][..]),
            (" , ", &[]),
            (
                "a.example.com,B.example.com ,10.1.2.3,2001:db8::1",
                &["a.example.com", "b.example.com", "10.1.2.3", "2001:db8::1"],
            ),
        ] {
            assert_eq!(RemoteHosts::parse(text).unwrap().names(), names);
        }
        for text in [
            "*",
            "*.example.com",
            ".example.com",
            "example.com.",
            "https://example.com",
            "example.com/x",
            "example.com:8443",
            "user@example.com",
            "a b",
            "localhost",
            "LOCALHOST",
            "x.localhost",
            "127.0.0.1",
            "127.1",
            "0.0.0.0",
            "0x7f.1",
            "2130706433",
            "169.254.169.254",
            "::1",
            "::",
            "fe80::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "a.example.com,127.0.0.1",
        ] {
            let error = RemoteHosts::parse(text).unwrap_err().to_string();
            assert!(
                error.starts_with("MANIFILL_REMOTE_HOSTS: "),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn only_files_over_https_from_open_hosts_may_be_read() {
        let hosts = RemoteHosts::parse("a.example.com,2001:db8::1").unwrap();
        for reference in [
            "https://a.example.com/x",
            "HTTPS://A.EXAMPLE.COM/x?y=z",
            "https://a.example.com:443/x",
            "https://[2001:db8::1]/x",
        ] {
            assert!(hosts.allowed(reference).is_some(), "{reference}");
        }
        for reference in [
            "http://a.example.com/x",
            "https://b.a.example.com/x",
            "https://example.com/x",
            "https://a.example.com.evil.net/x",
            "https://a.example.com:8443/x",
            "https://user@a.example.com/x",
            "https://:x@a.example.com/x",
            "https://evil.net\\@a.example.com/x",
            "git::https://a.example.com/x",
            "ssh://a.example.com/x",
            "oci://a.example.com/x",
            "a.example.com/x",
            "https://2130706433/",
        ] {
            assert!(hosts.allowed(reference).is_none(), "{reference}");
        }
        assert!(
            RemoteHosts::default()
                .allowed("https://a.example.com/x")
                .is_none()
        );
    }

    #[test]
    fn what_is_on_another_host_is_known() {
        for reference in [
            "https://example.com/x.yaml",
            "HTTP://example.com",
            "ssh://git@h/x",
            "file:///etc/passwd",
            "git::https://h/x",
            "git::x",
            "gh:org/repo",
            "github.com/org/repo",
            "GitHub.com/org/repo?ref=v1",
            "git@github.com:org/repo",
            "user@host:x/y",
            "oci://h/x",
            "s3://b/x",
            "data:text/yaml,a",
            " https://h/x",
            "a/b://c",
            "host:path",
        ] {
            assert!(is_remote(reference), "{reference}");
        }
        for reference in [
            "a.yaml",
            "./a.yaml",
            "../base",
            "a/b:c.yaml",
            "org/repo",
            "a@b.yaml",
            "",
            "a//b",
        ] {
            assert!(!is_remote(reference), "{reference}");
        }
    }
}
