//! The connections to an API server.

use std::sync::Mutex;

use zeroize::Zeroizing;

use super::cluster::Cluster;
use super::credentials::Credentials;
use crate::VaultError;
use crate::sync::lock;
use crate::transport::http;

/// Keeps the connections of a long-lived program as long as they were made with the certificates
/// that count now: those of a pod are replaced in their files.
pub(super) struct Connections {
    keeps: bool,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    identity: Option<Zeroizing<Vec<u8>>>,
    authority: Option<Zeroizing<Vec<u8>>>,
    client: http::Client,
}

impl Connections {
    pub(super) fn new(keeps: bool) -> Self {
        Connections {
            keeps,
            kept: Mutex::default(),
        }
    }

    /// A client for a server.
    ///
    /// # Errors
    /// If a certificate or a key cannot be used.
    pub(super) fn client(
        &self,
        cluster: &Cluster,
        credentials: &Credentials,
    ) -> Result<http::Client, VaultError> {
        if !self.keeps {
            return connect(cluster, credentials);
        }
        let (identity, authority) = (&credentials.identity, cluster.authority()?);
        let mut kept = lock(&self.kept);
        let same = kept.as_ref();
        let same = same.filter(|kept| kept.identity == *identity && kept.authority == authority);
        if let Some(kept) = same {
            return Ok(kept.client.clone());
        }
        let client = connect(cluster, credentials)?;
        *kept = Some(Kept {
            identity: identity.clone(),
            authority,
            client: client.clone(),
        });
        Ok(client)
    }
}

fn connect(cluster: &Cluster, credentials: &Credentials) -> Result<http::Client, VaultError> {
    let settings = cluster.http()?;
    http::Client::new(match &credentials.identity {
        Some(pem) => settings.with_identity_pem(pem)?,
        None => settings,
    })
}
