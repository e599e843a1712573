//! Workloads that show who they are with a certificate (X.509 federation).
//!
//! <https://google.aip.dev/auth/4117>

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::settings;
use super::source;
use super::subject::{Certificate, Proof};
use crate::format::jwt;
use crate::transport::text_file;
use crate::{RunContext, Settings, VaultError};

/// What gcloud calls the file that says where the certificate is.
const WELL_KNOWN: &str = "certificate_config.json";

#[derive(Deserialize)]
struct Config {
    cert_configs: Configs,
}

#[derive(Deserialize)]
struct Configs {
    workload: Pair,
}

#[derive(Deserialize)]
struct Pair {
    cert_path: PathBuf,
    key_path: PathBuf,
}

/// Where to look for a certificate.
pub(super) struct Place<'a> {
    /// The folder of the credentials.
    pub(super) folder: &'a Path,
    pub(super) settings: &'a Settings,
    pub(super) home: Option<&'a Path>,
}

impl Certificate {
    /// The certificate as a token, with those that lead to its authority, and what logs in by TLS.
    pub(super) fn proof(&self, place: &Place<'_>, run: &RunContext) -> Result<Proof, VaultError> {
        let config = self.config(place).ok_or_else(|| {
            VaultError::configuration("{} is not set").with_name(settings::CERTIFICATE_CONFIG.name)
        })?;
        let wrong = |path: &Path, message| {
            VaultError::configuration(message).with_name(path.display().to_string())
        };
        let read =
            |path: &Path| text_file::read(path).map_err(|unread| wrong(path, unread.message()));
        let Config { cert_configs } = serde_json::from_str(&read(&config)?)
            .map_err(|_| wrong(&config, "the file {} names no certificate of a workload"))?;
        let beside = config.parent().unwrap_or(Path::new("/"));
        let pair = cert_configs.workload;
        let (path, key_path) = (beside.join(pair.cert_path), beside.join(pair.key_path));
        let (pem, key) = (read(&path)?, read(&key_path)?);
        run.remember_login(key.trim());
        let mut chain = certificates(&pem);
        chain.truncate(1);
        if chain.is_empty() {
            return Err(wrong(&path, "the file {} holds no certificate as PEM"));
        }
        if let Some(name) = &self.trust_chain_path {
            let path = place.folder.join(name);
            let mut others = certificates(&read(&path)?);
            if others.first() == chain.first() {
                others.remove(0);
            }
            if others.contains(&chain[0]) {
                return Err(wrong(
                    &path,
                    "the certificate of this workload is not the first in {}",
                ));
            }
            chain.append(&mut others);
        }
        let identity = if path == key_path {
            pem
        } else {
            Zeroizing::new([pem.trim(), "\n", key.trim(), "\n"].concat())
        };
        Ok(Proof {
            token: Zeroizing::new(serde_json::json!(chain).to_string()),
            identity: Some(identity),
        })
    }

    /// The file that says where the certificate and its key are.
    fn config(&self, place: &Place<'_>) -> Option<PathBuf> {
        if let Some(name) = &self.certificate_config_location {
            return Some(place.folder.join(name));
        }
        let set = place
            .settings
            .absolute_path(settings::CERTIFICATE_CONFIG.name);
        let usual = || Some(source::gcloud(place.settings, place.home)?.join(WELL_KNOWN));
        set.or_else(usual)
    }
}

/// The certificates in a PEM text.
fn certificates(mut pem: &str) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(der) = jwt::der(pem, "CERTIFICATE") {
        found.push(STANDARD.encode(&*der));
        let end = pem.split_once("-----END CERTIFICATE-----");
        pem = end.map_or("", |(_, rest)| rest);
    }
    found
}
