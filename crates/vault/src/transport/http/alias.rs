//! A server whose certificate is for another host name than the one in its address.
//!
//! The client takes the name for TLS from the URL. So the URL that is sent has the name of the
//! certificate for its host, and looking that name up gives the address of the real host.

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A host and the name that its certificate is for.
#[derive(Clone, Debug)]
pub(super) struct Alias {
    host: String,
    name: String,
}

impl Alias {
    /// `None` if the address has no host, or the name is no host name. An IP address is none: it
    /// would be connected to.
    pub(super) fn new(address: &Url, name: &str) -> Option<Self> {
        let host = address.host_str()?.to_owned();
        let mut probe = address.clone();
        probe.set_host(Some(name)).ok()?;
        // The parser stops at what cannot be part of a host.
        let found = probe
            .domain()
            .filter(|found| found.eq_ignore_ascii_case(name))?;
        Some(Alias {
            host,
            name: found.to_owned(),
        })
    }

    /// The address under the name of the certificate, and the `Host` header that it takes to name
    /// the address itself.
    pub(super) fn apply(&self, url: &Url) -> (Url, Option<String>) {
        let mut renamed = url.clone();
        // The name was accepted before, as that of an address with the same scheme.
        if url.host_str() != Some(&self.host) || renamed.set_host(Some(&self.name)).is_err() {
            return (renamed, None);
        }
        let host = match url.port() {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        };
        (renamed, Some(host))
    }
}

impl Resolve for Alias {
    fn resolve(&self, name: Name) -> Resolving {
        let host = if name.as_str().eq_ignore_ascii_case(&self.name) {
            self.host.clone()
        } else {
            name.as_str().to_owned()
        };
        Box::pin(async move {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            // The connector puts the port of the URL in the place of this one.
            let found: Vec<_> = tokio::net::lookup_host((host, 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
