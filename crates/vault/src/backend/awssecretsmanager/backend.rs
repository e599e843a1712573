mod model;
mod path;
mod reader;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod test_reads;
#[cfg(test)]
mod tests;

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};

use self::model::Value;
use self::path::{SecretId, Version};
use self::reader::Wanted;
use crate::backend::distinct;
use crate::settings::ConnectContext;
use crate::shared::{Found, SharedReads};
use crate::transport::aws::{Aws, Service};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

const SERVICE: Service = Service {
    name: "secretsmanager",
    title: "AWS Secrets Manager",
    endpoint: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
};

/// Secrets of AWS Secrets Manager.
pub struct AwsSecretsManager {
    aws: Arc<Aws>,
    /// Whether several are read at once.
    batches: bool,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<Wanted, Value, VaultError>>,
}

/// Makes the backend from its settings; nothing is asked yet.
///
/// # Errors
/// As [`AwsSecretsManager::from_settings`].
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut backend = AwsSecretsManager::from_settings(settings)?;
    let sharing = context.sharing();
    backend.shares = sharing.map(|sharing| SharedReads::new(sharing, SERVICE.title));
    Ok(Arc::new(backend))
}

impl AwsSecretsManager {
    /// Makes the backend from its settings. Credentials are looked for when something is read.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let (aws, batches) = VaultError::both(
            Aws::from_settings(settings, &SERVICE),
            settings.switch("MANIFILL_AWS_BATCH"),
        )?;
        Ok(AwsSecretsManager {
            aws: Arc::new(aws),
            batches: batches.unwrap_or(false),
            shares: None,
        })
    }

    /// What each request wants.
    fn wanted(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Wanted, VaultError>> {
        let usual = LazyCell::new(|| self.aws.region(run));
        let wanted = |request: &SecretRequest| {
            let path = request.path.as_str();
            // Paths come from `parse_path`, but a program may have made one itself.
            let id = SecretId::parse(path).map_err(|_| {
                let message = "{} is neither the name nor the ARN of a secret";
                VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(path)
            })?;
            let region = match &id.region {
                Some(region) => region.clone(),
                None => usual.clone()?,
            };
            let version = request.version.as_deref().map(Version::of);
            Ok(Wanted {
                region,
                id,
                version,
            })
        };
        requests.iter().map(wanted).collect()
    }

    /// Reads each secret once.
    async fn all(
        &self,
        wanted: BTreeMap<Wanted, Vec<Keys>>,
        run: &RunContext,
    ) -> BTreeMap<Wanted, Result<Found<Value>, VaultError>> {
        let mut done = BTreeMap::new();
        if self.batches && self.shares.is_none() && wanted.len() > 1 {
            let names: Vec<Wanted> = wanted.keys().cloned().collect();
            match reader::many(&self.aws, &names, run).await {
                Ok(found) => {
                    let found = found.into_iter();
                    done.extend(found.map(|(one, value)| (one, Ok(Found::own(value)))));
                }
                Err(error) => {
                    let failed = names.into_iter().map(|one| (one, Err(error.clone())));
                    return failed.collect();
                }
            }
        }
        let left = wanted
            .into_iter()
            .filter(|(one, _)| !done.contains_key(one));
        let left: Vec<(Wanted, Vec<Keys>)> = left.collect();
        let reads = stream::iter(left)
            .map(|(one, keys)| async move {
                let found = self.one(&one, &keys, run).await;
                (one, found)
            })
            .buffer_unordered(run.concurrency())
            .collect::<Vec<_>>()
            .await;
        done.extend(reads);
        done
    }

    /// Reads one secret, or takes it from another run if it has these keys there.
    async fn one(
        &self,
        wanted: &Wanted,
        keys: &[Keys],
        run: &RunContext,
    ) -> Result<Found<Value>, VaultError> {
        let Some(shares) = &self.shares else {
            return reader::one(&self.aws, wanted, run).await.map(Found::own);
        };
        let ask = |run: RunContext| {
            let (aws, wanted) = (Arc::clone(&self.aws), wanted.clone());
            async move { reader::one(&aws, &wanted, &run).await }
        };
        let is_enough = |value: &Value| keys.iter().all(|keys| value.has(keys));
        shares.read_enough(wanted, run, ask, is_enough).await
    }
}

impl fmt::Debug for AwsSecretsManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsSecretsManager")
            .field("batches", &self.batches)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for AwsSecretsManager {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let names = self.wanted(requests, run);
        let found = self.all(distinct::things(requests, &names), run).await;
        let secret = |_: &Wanted, value: &Found<Value>, keys: &Keys| value.secret(keys);
        distinct::answered(requests, names, &found, secret)
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        SecretId::parse(path).map(|id| id.plain())
    }
}
