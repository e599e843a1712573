mod model;
mod reader;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod test_hosts;
#[cfg(test)]
mod test_reads;
#[cfg(test)]
mod tests;
mod wanted;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};

use self::model::Read;
use self::reader::{MOST_PAGES, PAGES_FOR_NAMES, Place};
use self::wanted::Wanted;
use crate::settings::ConnectContext;
use crate::shared::{Found, SharedReads};
use crate::transport::azure::{Azure, NoVault, RunLogins};
use crate::{
    PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend, VaultError,
};

/// The files of certificates, for the fuzz target `certificate`: how many are in each kind of them.
#[cfg(fuzzing)]
pub fn fuzz_certificate(bytes: &[u8]) -> [Option<usize>; 3] {
    crate::transport::azure::fuzz_certificate(bytes)
}

/// Secrets of Azure Key Vault.
pub struct AzureKeyVault {
    azure: Arc<Azure>,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<Place, Read, VaultError>>,
}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// As [`AzureKeyVault::from_settings`].
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut backend = AzureKeyVault::from_settings(settings)?;
    let shares = |sharing| SharedReads::new(sharing, "Azure Key Vault");
    backend.shares = context.sharing().map(shares);
    Ok(Arc::new(backend))
}

impl AzureKeyVault {
    /// Makes the backend from its settings; nothing is connected yet.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::azurekeyvault::AzureKeyVault;
    /// let settings = Settings::new()
    ///     .with("AZURE_TENANT_ID", "example.onmicrosoft.com")
    ///     .with("AZURE_CLIENT_ID", "7f4e…")
    ///     .with("AZURE_CLIENT_SECRET", "Zk58Q~…");
    /// let backend = AzureKeyVault::from_settings(&settings)?;
    /// # let _ = backend;
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`Configuration`](crate::VaultErrorKind::Configuration) if a setting is missing or wrong. Files
    /// are read when they are needed.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Ok(AzureKeyVault {
            azure: Arc::new(Azure::from_settings(settings)?),
            shares: None,
        })
    }

    /// Reads a secret, or takes it from another run.
    async fn find(
        &self,
        place: &Place,
        run: &RunContext,
        of_run: &Arc<RunLogins>,
    ) -> Result<Found<Read>, VaultError> {
        let ask = |run: RunContext| {
            let (azure, of_run) = (Arc::clone(&self.azure), Arc::clone(of_run));
            let place = place.clone();
            async move { reader::read(&azure, &place, &run, &of_run).await }
        };
        match &self.shares {
            Some(shares) => shares.read(place, run, ask).await,
            None => ask(run.clone()).await.map(Found::own),
        }
    }
}

impl fmt::Debug for AzureKeyVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureKeyVault").finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for AzureKeyVault {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let azure = &*self.azure;
        let of_run = &Arc::<RunLogins>::default();
        let mut wanted = Wanted::new(requests, |text| azure.vault(text));
        for vault in wanted.wanted_whole() {
            let listed = reader::list(azure, &vault, MOST_PAGES, run, of_run).await;
            let listed = listed.and_then(|listed| {
                let message = "the vault {} has more secrets than can be listed";
                let too_many = || VaultError::invalid_answer(message).with_name(vault.plain());
                listed.ok_or_else(too_many)
            });
            wanted.listed.insert(vault, listed);
        }
        let reads = wanted.places().into_iter().map(|place| async move {
            let found = self.find(&place, run, of_run).await;
            (place, found)
        });
        // Made before the stream, as in `RunContext::each`.
        let reads: Vec<_> = reads.collect();
        wanted.found = stream::iter(reads)
            .buffer_unordered(run.concurrency())
            .collect()
            .await;
        // Where a policy says who reads what, nobody may see the names, and nobody asks for them.
        let lacking = if run.may_compare(0) {
            wanted.lacking()
        } else {
            BTreeSet::new()
        };
        for vault in lacking {
            // Without it the message has no names, which is no reason for another error.
            let listed = reader::list(azure, &vault, PAGES_FOR_NAMES, run, of_run).await;
            if let Ok(Some(listed)) = listed {
                wanted.listed.insert(vault, Ok(listed));
            }
        }
        wanted.answers()
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        let wrong = |message| PathError::new(message).with_name(path);
        match self.azure.vault(path) {
            Ok(vault) => Ok(SecretPath::verbatim(vault.plain())),
            Err(NoVault::Malformed) => Err(wrong("the path {} is not the name of a key vault")
                .with_hint("write the name of a vault, or its host: my-vault.vault.azure.cn")),
            Err(NoVault::Foreign) => Err(wrong("the path {} is not the host of a key vault")
                .with_hint("only hosts of Azure and those of AZURE_KEYVAULT_HOSTS are asked")),
        }
    }
}
