//! A server that is reached under one name and shows a certificate for another.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Looks up `host` where `name` is asked for.
#[derive(Clone, Debug)]
pub(super) struct ServerName {
    name: String,
    host: String,
}

impl ServerName {
    pub(super) fn new(name: String, host: String) -> Self {
        ServerName { name, host }
    }
}

impl Resolve for ServerName {
    fn resolve(&self, name: Name) -> Resolving {
        let host = match name.as_str().eq_ignore_ascii_case(&self.name) {
            true => self.host.clone(),
            false => name.as_str().to_owned(),
        };
        Box::pin(async move {
            // Port 0 stands for that of the address.
            let found: Vec<_> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
