//! How a client is set up: trust, certificates, limits.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Identity};

use super::Client;
use super::server_name::ServerName;
use crate::{VaultError, VaultErrorKind};

const MIB: usize = 1024 * 1024;

/// What a [`Client`] is made from.
///
/// Proxies come from the variables that other programs read too: `HTTPS_PROXY`, `HTTP_PROXY`,
/// `ALL_PROXY`, `NO_PROXY`.
#[derive(Debug)]
pub struct HttpSettings {
    limits: Limits,
    authorities: Vec<Certificate>,
    identity: Option<Identity>,
    server_name: Option<ServerName>,
    verifies: bool,
    connect_timeout: Duration,
}

/// What every request of a client keeps to.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// What the server should be, for messages about answers that it would not give.
    pub(super) server: &'static str,
    pub(super) try_timeout: Duration,
    pub(super) answer: usize,
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
            },
            authorities: Vec::new(),
            identity: None,
            server_name: None,
            verifies: true,
            connect_timeout: Duration::from_secs(10),
        }
    }

    /// Trusts the certificates of a PEM file besides those of the system.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if the file cannot be read or holds no certificate.
    pub fn with_ca_file(self, path: impl AsRef<Path>) -> Result<Self, VaultError> {
        let path = path.as_ref();
        let name = || path.display().to_string();
        let pem =
            std::fs::read(path).map_err(|_| wrong("cannot read the CA file {}").name(name()))?;
        self.with_ca_pem(pem)
            .map_err(|_| wrong("the CA file {} holds no PEM certificate").name(name()))
    }

    /// Trusts the certificates of a PEM text besides those of the system.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if there is no certificate in it.
    pub fn with_ca_pem(mut self, pem: impl AsRef<[u8]>) -> Result<Self, VaultError> {
        let found = Certificate::from_pem_bundle(pem.as_ref()).unwrap_or_default();
        if found.is_empty() {
            return Err(wrong("the CA holds no PEM certificate"));
        }
        self.authorities.extend(found);
        Ok(self)
    }

    /// Logs in with a client certificate: PEM with the key and the certificate.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if one of the two is missing.
    pub fn with_identity_pem(mut self, pem: impl AsRef<[u8]>) -> Result<Self, VaultError> {
        let identity = Identity::from_pem(pem.as_ref())
            .map_err(|_| wrong("the client certificate must hold a PEM certificate and its key"))?;
        self.identity = Some(identity);
        Ok(self)
    }

    /// Connects to `host` where an address says `name`: TLS then asks for `name`, and expects it
    /// in the certificate. Requests go there directly, without a proxy, which would look for
    /// `name` itself.
    pub fn with_server_name(mut self, name: impl Into<String>, host: impl Into<String>) -> Self {
        self.server_name = Some(ServerName::new(name.into(), host.into()));
        self
    }

    /// Takes any certificate for the server's: whoever is between can then read everything.
    pub fn without_verification(mut self) -> Self {
        self.verifies = false;
        self
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
            if let Some(name) = &self.server_name {
                // HTTP/2 has no Host header, so the address of the request could not be told.
                builder = builder.dns_resolver(name.clone()).no_proxy().http1_only();
            }
            builder.tls_danger_accept_invalid_certs(!self.verifies)
        };
        let inner = builder()
            .tls_certs_merge(self.authorities.iter().cloned())
            .build()
            // An image without any certificates is no reason not to speak plain HTTP. With the
            // given ones only, TLS fails later and says that the certificate is not trusted.
            .or_else(|_| {
                builder()
                    .tls_certs_only(self.authorities.iter().cloned())
                    .build()
            })
            .map_err(|_| wrong("the CA or the client certificate cannot be used"))?;
        Ok(Client {
            inner,
            limits: self.limits,
        })
    }
}

fn wrong(message: &'static str) -> VaultError {
    VaultError::new(VaultErrorKind::Configuration, message)
}
