//! How a client is set up: trust, certificates, limits.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::{Certificate, Identity, Proxy, Url};

use super::Client;
use super::alias::Alias;
use super::routed::Routed;
use crate::{RunContext, VaultError, files};

const MIB: usize = 1024 * 1024;

/// More than all certificates that a system trusts.
const MAX_PEM: u64 = 16 << 20;

/// What a [`Client`] is made from.
///
/// Proxies come from the variables that other programs read too: `HTTPS_PROXY`, `HTTP_PROXY`,
/// `ALL_PROXY`, `NO_PROXY`.
pub struct HttpSettings {
    limits: Limits,
    authorities: Vec<Certificate>,
    only_given: bool,
    any_certificate: bool,
    alias: Option<Alias>,
    routed_only: bool,
    proxy: Option<Proxy>,
    no_proxy: bool,
    identity: Option<Identity>,
    connect_timeout: Duration,
}

/// What every request of a client keeps to.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// What the server should be, for messages about answers that it would not give.
    pub(super) server: &'static str,
    pub(super) try_timeout: Duration,
    pub(super) answer: usize,
    /// Whether redirects on the same host are followed.
    pub(super) redirects: bool,
}

impl HttpSettings {
    /// The defaults: 10 s to connect, 20 s for one try, answers of up to 16 MiB. `server` says
    /// what is being talked to, for messages: `1Password Connect`.
    pub fn new(server: &'static str) -> Self {
        HttpSettings {
            limits: Limits {
                server,
                try_timeout: Duration::from_secs(20),
                answer: 16 * MIB,
                redirects: true,
            },
            authorities: Vec::new(),
            only_given: false,
            any_certificate: false,
            alias: None,
            routed_only: false,
            proxy: None,
            no_proxy: false,
            identity: None,
            connect_timeout: Duration::from_secs(10),
        }
    }

    /// Trusts the certificates of a PEM file besides those of the system.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if the file cannot be read or holds no certificate.
    pub fn with_ca_file(self, path: impl AsRef<Path>) -> Result<Self, VaultError> {
        let path = path.as_ref();
        let name = || path.display().to_string();
        let deadline = Instant::now() + RunContext::DEFAULT_TIMEOUT;
        let pem = files::read(path, MAX_PEM, deadline).map_err(|_| {
            VaultError::configuration("cannot read the CA file {}").with_name(name())
        })?;
        self.with_ca_pem(pem.as_slice()).map_err(|_| {
            VaultError::configuration("the CA file {} holds no PEM certificate").with_name(name())
        })
    }

    /// Trusts the certificates of a PEM text besides those of the system.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if there is no certificate in it.
    pub fn with_ca_pem(mut self, pem: impl AsRef<[u8]>) -> Result<Self, VaultError> {
        let found = Certificate::from_pem_bundle(pem.as_ref()).unwrap_or_default();
        if found.is_empty() {
            return Err(VaultError::configuration("the CA holds no PEM certificate"));
        }
        self.authorities.extend(found);
        Ok(self)
    }

    /// Trusts only the certificates given, none of the system's.
    pub fn with_given_authorities_only(mut self) -> Self {
        self.only_given = true;
        self
    }

    /// Trusts every certificate, so that anyone on the way can read and change what is sent. Only
    /// an operator's setting may lead here.
    pub fn with_any_certificate(mut self) -> Self {
        self.any_certificate = true;
        self
    }

    /// Expects the certificate of the server at `address` to be for another host name, which is
    /// also the one that is asked for in TLS; the request names the address all the same. Such a
    /// server is asked without a proxy, which would look for the name. Without TLS the name has no
    /// effect.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if the name is no host name.
    pub fn with_tls_server_name(mut self, address: &Url, name: &str) -> Result<Self, VaultError> {
        let alias = Alias::new(address, name).ok_or_else(|| {
            VaultError::configuration("the TLS server name {} is not a host name").with_name(name)
        })?;
        self.alias = Some(alias).filter(|_| address.scheme() == "https");
        Ok(self)
    }

    /// Connects to no address of this machine and to no link-local one, whatever a name leads to,
    /// and uses no proxy, which would do the looking up. For names that an app's author chooses; an
    /// address in the place of a name is the caller's to [judge](super::is_routed).
    pub fn with_routed_addresses_only(mut self) -> Self {
        self.routed_only = true;
        self
    }

    /// Sends everything through this proxy, whatever the environment says: an `http`, `https`,
    /// `socks5` or `socks5h` URL, which may hold a login and so is never shown.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if it is no such URL.
    pub fn with_proxy(mut self, url: &str) -> Result<Self, VaultError> {
        let known = ["http://", "https://", "socks5://", "socks5h://"];
        let proxy = if known.iter().any(|scheme| url.starts_with(scheme)) {
            Proxy::all(url).ok()
        } else {
            None
        };
        self.proxy = Some(proxy.ok_or_else(|| {
            VaultError::configuration(
                "the address of the proxy must be an http, https or socks5 URL",
            )
        })?);
        Ok(self)
    }

    /// Uses no proxy, whatever the environment says: for what runs on this machine or beside it.
    pub fn without_proxy(mut self) -> Self {
        self.no_proxy = true;
        self
    }

    /// Logs in with a client certificate: PEM with the key and the certificate.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if one of the two is missing.
    pub fn with_identity_pem(mut self, pem: impl AsRef<[u8]>) -> Result<Self, VaultError> {
        let identity = Identity::from_pem(pem.as_ref()).map_err(|_| {
            VaultError::configuration(
                "the client certificate must hold a PEM certificate and its key",
            )
        })?;
        self.identity = Some(identity);
        Ok(self)
    }

    /// Sets how long a connection may take to come about.
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long one try may take, its answer included.
    pub fn with_try_timeout(mut self, timeout: Duration) -> Self {
        self.limits.try_timeout = timeout;
        self
    }

    /// Sets how many bytes an answer may have.
    pub fn with_answer_limit(mut self, bytes: usize) -> Self {
        self.limits.answer = bytes;
        self
    }

    /// Follows no redirect, not even on the same host: a request is sent where it was meant to go, or
    /// nowhere. The redirect is then the answer.
    pub fn without_redirects(mut self) -> Self {
        self.limits.redirects = false;
        self
    }

    pub(super) fn build(self) -> Result<Client, VaultError> {
        let builder = || {
            let mut builder = reqwest::Client::builder()
                .user_agent(concat!("manifill/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(self.connect_timeout)
                // Both are done here, where they are counted and kept within the deadline.
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never());
            if let Some(identity) = &self.identity {
                builder = builder.identity(identity.clone());
            }
            if self.any_certificate {
                builder = builder.tls_danger_accept_invalid_certs(true);
            }
            match (&self.alias, &self.proxy) {
                // HTTP/2 has no `Host` header to name the address in.
                (Some(alias), _) => builder.no_proxy().http1_only().dns_resolver(alias.clone()),
                _ if self.routed_only => builder.no_proxy().dns_resolver(Routed),
                _ if self.no_proxy => builder.no_proxy(),
                (None, Some(proxy)) => builder.proxy(proxy.clone()),
                (None, None) => builder,
            }
        };
        let system = if self.only_given {
            builder().tls_certs_only(self.authorities.iter().cloned())
        } else {
            builder().tls_certs_merge(self.authorities.iter().cloned())
        };
        let inner = system
            .build()
            // An image without any certificates is no reason not to speak plain HTTP. With the
            // given ones only, TLS fails later and says that the certificate is not trusted.
            .or_else(|_| {
                builder()
                    .tls_certs_only(self.authorities.iter().cloned())
                    .build()
            })
            .map_err(|_| {
                VaultError::configuration("the CA or the client certificate cannot be used")
            })?;
        Ok(Client {
            inner,
            limits: self.limits,
            alias: self.alias,
        })
    }
}

impl fmt::Debug for HttpSettings {
    /// Neither the certificates nor the proxy, whose address may hold a login.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSettings")
            .field("limits", &self.limits)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}
