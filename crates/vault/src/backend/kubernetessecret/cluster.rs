//! The API server: where it is and how it is trusted.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::kubeconfig::ClusterEntry;
use crate::VaultError;
use crate::transport::http::{self, HttpSettings, Url};

/// The extension of a cluster that is meant for exec plugins.
const EXEC_EXTENSION: &str = "client.authentication.k8s.io/exec";

/// An API server.
pub(super) struct Cluster {
    /// Its address, with a path in front of `/api` if there is one.
    pub(super) address: Url,
    authority: Option<Pem>,
    any_certificate: bool,
    server_name: Option<String>,
    proxy: Option<Zeroizing<String>>,
    /// What an exec plugin may be told beside the rest.
    extension: Option<Value>,
}

/// PEM in a file, which is read anew for each run since such files are replaced, or at hand.
pub(super) enum Pem {
    File(PathBuf),
    Data(Zeroizing<Vec<u8>>),
}

impl Cluster {
    /// The cluster that a pod runs in.
    pub(super) fn of_pod(address: Url, account: &Path) -> Self {
        Cluster {
            address,
            authority: Some(Pem::File(account.join("ca.crt"))),
            any_certificate: false,
            server_name: None,
            proxy: None,
            extension: None,
        }
    }

    /// The cluster of a kubeconfig; file names in it start from `folder`.
    pub(super) fn from_entry(entry: ClusterEntry, folder: &Path) -> Result<Self, VaultError> {
        let address = entry
            .server
            .as_deref()
            .and_then(address)
            .ok_or_else(|| VaultError::configuration("the cluster's server in the kubeconfig must be a URL such as https://10.0.0.1:6443"))?;
        let authority = Pem::new(
            entry.certificate_authority_data.as_deref(),
            entry.certificate_authority.as_deref(),
            folder,
            "certificate-authority-data in the kubeconfig is not base64",
        )?;
        let any_certificate = entry.insecure_skip_tls_verify.unwrap_or(false);
        if any_certificate && authority.is_some() {
            return Err(VaultError::configuration(
                "the cluster in the kubeconfig has both a certificate authority and insecure-skip-tls-verify",
            ));
        }
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (server_name, proxy) = (filled(entry.tls_server_name), filled(entry.proxy_url));
        if server_name.is_some() && proxy.is_some() {
            return Err(VaultError::configuration(
                "tls-server-name and proxy-url in the kubeconfig cannot be used together",
            ));
        }
        let extension = entry
            .extensions
            .into_iter()
            .find(|entry| entry.name == EXEC_EXTENSION);
        Ok(Cluster {
            address,
            authority,
            any_certificate,
            server_name,
            proxy: proxy.map(Zeroizing::new),
            extension: extension.map(|entry| entry.extension),
        })
    }

    /// The address without its path, for messages.
    pub(super) fn origin(&self) -> String {
        self.address.origin().ascii_serialization()
    }

    /// What a client for this server trusts.
    pub(super) fn http(&self) -> Result<HttpSettings, VaultError> {
        let mut http = HttpSettings::new("Kubernetes");
        http = match &self.authority {
            None => http,
            // As with every client of Kubernetes, a private CA takes the place of the public ones.
            Some(Pem::File(file)) => http.with_ca_file(file)?.with_given_authorities_only(),
            Some(Pem::Data(pem)) => http.with_ca_pem(pem)?.with_given_authorities_only(),
        };
        if self.any_certificate {
            http = http.with_any_certificate();
        }
        if let Some(name) = &self.server_name {
            http = http.with_tls_server_name(&self.address, name)?;
        }
        match &self.proxy {
            Some(proxy) => http.with_proxy(proxy),
            None => Ok(http),
        }
    }

    /// What signs the certificates of this server, as it is now.
    pub(super) fn authority(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let authority = self.authority.as_ref();
        let read = |authority: &Pem| authority.read("cannot read the CA file {}");
        authority.map(read).transpose()
    }

    /// What an exec plugin is told about the server, if the kubeconfig says that it is to be told.
    pub(super) fn info(&self) -> Result<Value, VaultError> {
        let mut info = Map::new();
        let mut set = |name: &str, value: Value| info.insert(name.to_owned(), value);
        set("server", self.address.as_str().trim_end_matches('/').into());
        if let Some(name) = &self.server_name {
            set("tls-server-name", name.as_str().into());
        }
        if self.any_certificate {
            set("insecure-skip-tls-verify", true.into());
        }
        if let Some(pem) = self.authority()? {
            set("certificate-authority-data", STANDARD.encode(&*pem).into());
        }
        if let Some(proxy) = &self.proxy {
            set("proxy-url", proxy.as_str().into());
        }
        if let Some(extension) = &self.extension {
            set("config", extension.clone());
        }
        Ok(info.into())
    }
}

impl Pem {
    /// The data if there are any, which count more than a file does.
    pub(super) fn new(
        data: Option<&str>,
        file: Option<&str>,
        folder: &Path,
        problem: &'static str,
    ) -> Result<Option<Self>, VaultError> {
        let filled = |text: &&str| !text.is_empty();
        if let Some(data) = data.filter(filled) {
            let plain: Zeroizing<String> =
                Zeroizing::new(data.chars().filter(|c| !c.is_whitespace()).collect());
            let pem = STANDARD
                .decode(plain.as_bytes())
                .map_err(|_| VaultError::configuration(problem))?;
            return Ok(Some(Pem::Data(Zeroizing::new(pem))));
        }
        Ok(file.filter(filled).map(|file| Pem::File(folder.join(file))))
    }

    pub(super) fn read(&self, problem: &'static str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        match self {
            Pem::Data(pem) => Ok(pem.clone()),
            Pem::File(file) => std::fs::read(file).map(Zeroizing::new).map_err(|_| {
                VaultError::configuration(problem).with_name(file.display().to_string())
            }),
        }
    }
}

/// The address of a server, as `kubectl` reads it: with a bare host and port, and without what
/// follows the path.
fn address(text: &str) -> Option<Url> {
    let text = text.trim().split(['?', '#']).next().unwrap_or_default();
    if text.contains("://") {
        http::address::parse(text)
    } else {
        http::address::parse(&format!("http://{text}"))
    }
}
