//! Hosts that an author names: only addresses that a router leads to are asked.

use std::io;
use std::net::IpAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Looks up names, and finds no address of this machine and no link-local one.
pub(super) struct Routed;

impl Resolve for Routed {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let routed: Vec<_> = found.filter(|found| is_routed(found.ip())).collect();
            if routed.is_empty() {
                return Err(io::Error::from(io::ErrorKind::AddrNotAvailable).into());
            }
            Ok(Box::new(routed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is neither this machine's own, nor link-local, nor one of many receivers.
pub fn is_routed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let is_local = address.is_loopback() || address.is_link_local();
            !is_local && address.octets()[0] != 0 && address.octets()[0] < 224
        }
        IpAddr::V6(address) => {
            let first = address.segments()[0];
            let is_local =
                address.is_loopback() || address.is_unspecified() || address.is_multicast();
            let inner = address.to_ipv4().filter(|_| !is_local);
            !is_local
                && (first & 0xffc0) != 0xfe80
                && inner.is_none_or(|inner| is_routed(IpAddr::V4(inner)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::super::{Client, HttpSettings, Retry, Url};
    use super::*;
    use crate::{RunContext, VaultErrorKind};

    #[test]
    fn addresses_of_this_machine_and_its_neighbours_are_known() {
        for address in [
            "10.1.2.3",
            "192.168.0.1",
            "8.8.8.8",
            "2001:db8::1",
            "fd00::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_routed(address.parse().unwrap()), "{address}");
        }
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "febf::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
        ] {
            assert!(!is_routed(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_asked() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let settings = HttpSettings::new("a test").with_routed_addresses_only();
        let client = Client::new(settings).unwrap();
        let url = Url::parse(&format!("https://localhost:{port}/a")).unwrap();
        let run = RunContext::new();
        let error = client
            .get(url)
            .send(&run, &Retry::never())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unavailable);
        assert_eq!(
            listener.accept().unwrap_err().kind(),
            io::ErrorKind::WouldBlock
        );
    }
}
