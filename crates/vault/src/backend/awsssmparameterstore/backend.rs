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

use self::model::Content;
use self::path::{Place, is_selector};
use self::reader::Wanted;
use crate::backend::distinct;
use crate::settings::ConnectContext;
use crate::shared::{Found, SharedReads};
use crate::transport::aws::{Aws, Service};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

static SERVICE: Service = Service {
    name: "ssm",
    title: "AWS Systems Manager",
    endpoint: "AWS_ENDPOINT_URL_SSM",
};

/// Parameters of the AWS SSM Parameter Store.
pub struct AwsSsmParameterStore {
    aws: Arc<Aws>,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<Wanted, Content, VaultError>>,
}

type Contents = BTreeMap<Wanted, Result<Found<Content>, VaultError>>;

/// Makes the backend from its settings; nothing is asked yet.
///
/// # Errors
/// As [`AwsSsmParameterStore::from_settings`].
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut backend = AwsSsmParameterStore::from_settings(settings)?;
    let sharing = context.sharing();
    backend.shares = sharing.map(|sharing| SharedReads::new(sharing, SERVICE.title));
    Ok(Arc::new(backend))
}

impl AwsSsmParameterStore {
    /// Makes the backend from its settings. Credentials are looked for when something is read.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Ok(AwsSsmParameterStore {
            aws: Arc::new(Aws::from_settings(settings, &SERVICE)?),
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
            let wrong =
                |message| VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(path);
            // Paths come from `parse_path`, but a program may have made one itself.
            let place = Place::parse(path).map_err(|_| {
                wrong("{} is neither a parameter nor a folder of the Parameter Store")
            })?;
            let version = request.version.as_deref();
            if version.is_some_and(|version| !is_selector(version)) {
                return Err(wrong("the version of {} is neither a number nor a label"));
            }
            let (region, name, selector, is_folder) = match (place, version) {
                (Place::Folder(_), Some(_)) => {
                    return Err(wrong("{} is a folder, which has no versions"));
                }
                (Place::Folder(path), None) => (None, path, None, true),
                (
                    Place::Parameter {
                        selector: Some(own),
                        ..
                    },
                    Some(version),
                ) if own != version => {
                    return Err(wrong("{} names a version, and the placeholder another one"));
                }
                (
                    Place::Parameter {
                        region,
                        name,
                        selector,
                    },
                    version,
                ) => (region, name, selector.or(version.map(str::to_owned)), false),
            };
            let region = match region {
                Some(region) => region,
                None => usual.clone()?,
            };
            Ok(Wanted {
                region,
                name,
                selector,
                is_folder,
            })
        };
        requests.iter().map(wanted).collect()
    }

    /// Reads each parameter and folder once.
    async fn all(&self, wanted: BTreeMap<Wanted, Vec<Keys>>, run: &RunContext) -> Contents {
        if let Some(shares) = &self.shares {
            return stream::iter(wanted)
                .map(|(one, keys)| async move {
                    let found = self.shared(shares, &one, &keys, run).await;
                    (one, found)
                })
                .buffer_unordered(run.concurrency())
                .collect()
                .await;
        }
        let (folders, parameters): (Vec<Wanted>, Vec<Wanted>) =
            wanted.into_keys().partition(|one| one.is_folder);
        let mut calls = reader::groups(parameters);
        calls.extend(folders.into_iter().map(|folder| vec![folder]));
        let read: Vec<_> = stream::iter(calls)
            .map(|call| async move {
                match call.as_slice() {
                    [one] => {
                        let read = reader::one(&self.aws, one, run).await;
                        BTreeMap::from([(one.clone(), read)])
                    }
                    some => reader::some(&self.aws, some, run).await,
                }
            })
            .buffer_unordered(run.concurrency())
            .collect()
            .await;
        let read = read.into_iter().flatten();
        read.map(|(one, content)| (one, content.map(Found::own)))
            .collect()
    }

    /// Reads one, or takes it from another run if it has these keys there.
    async fn shared(
        &self,
        shares: &SharedReads<Wanted, Content, VaultError>,
        wanted: &Wanted,
        keys: &[Keys],
        run: &RunContext,
    ) -> Result<Found<Content>, VaultError> {
        let ask = |run: RunContext| {
            let (aws, wanted) = (Arc::clone(&self.aws), wanted.clone());
            async move { reader::one(&aws, &wanted, &run).await }
        };
        let is_enough = |content: &Content| keys.iter().all(|keys| content.has(keys));
        shares.read_enough(wanted, run, ask, is_enough).await
    }
}

impl fmt::Debug for AwsSsmParameterStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsSsmParameterStore")
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for AwsSsmParameterStore {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let names = self.wanted(requests, run);
        let found = self.all(distinct::things(requests, &names), run).await;
        let secret = |_: &Wanted, content: &Found<Content>, keys: &Keys| Ok(content.secret(keys));
        distinct::answered(requests, names, &found, secret)
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        Place::parse(path).map(|place| place.plain())
    }
}
