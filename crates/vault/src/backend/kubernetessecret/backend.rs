mod access;
mod client;
mod cluster;
mod connections;
mod credentials;
mod exec;
mod kubeconfig;
mod login;
mod model;
mod path;
mod process;
mod reach;
mod reader;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod test_access;
#[cfg(test)]
mod test_exec;
#[cfg(test)]
mod test_path;
#[cfg(test)]
mod test_reach;
#[cfg(test)]
mod test_shares;
#[cfg(test)]
mod test_tls;
#[cfg(test)]
mod tests;
mod time;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};

use self::access::Access;
use self::model::Object;
use self::path::{SecretName, is_label};
use self::process::Process;
use self::reach::Reach;
use self::reader::{Reader, unread};
use crate::format::base64::Decoded;
use crate::settings::ConnectContext;
use crate::shared::{Found, Shareable, SharedReads};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

/// The namespace of paths without one where nothing says better (AVP rule 57).
const ARGO_CD: &str = "argocd";

/// Secrets of a Kubernetes cluster.
pub struct KubernetesSecret {
    reader: Arc<Reader>,
    /// The namespace of paths without one.
    namespace: String,
    reach: Reach,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<SecretName, Object, VaultError>>,
}

impl Shareable for Object {}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// As [`KubernetesSecret::from_settings`].
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let keeps = context.is_long_lived();
    let mut backend = KubernetesSecret::from_process(settings, &Process::current(), keeps)?;
    backend.reach = Reach::new(settings, context, &backend.namespace)?;
    backend.shares = context.sharing().map(|sharing| {
        let server = backend.reader.access.cluster.origin();
        SharedReads::new(sharing, server)
    });
    Ok(Arc::new(backend))
}

impl KubernetesSecret {
    /// Makes the backend: from the kubeconfig if the settings name one or a context, else from the
    /// pod's account, else from `~/.kube/config`. Nothing is connected yet.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if there is no cluster, or the kubeconfig or a setting is
    /// wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Self::from_process(settings, &Process::current(), false)
    }

    fn from_process(
        settings: &Settings,
        process: &Process,
        keeps: bool,
    ) -> Result<Self, VaultError> {
        let namespace = default_namespace(settings, process)?;
        let reader = Reader::new(Access::find(settings, process)?, keeps);
        Ok(KubernetesSecret {
            reader: Arc::new(reader),
            namespace,
            reach: Reach::default(),
            shares: None,
        })
    }

    /// Reads the Secrets of these names, each once, or takes them from another run if they do for
    /// this one.
    async fn found(
        &self,
        wanted: BTreeMap<SecretName, Vec<Keys>>,
        run: &RunContext,
    ) -> BTreeMap<SecretName, Result<Found<Object>, VaultError>> {
        let Some(shares) = &self.shares else {
            let names: BTreeSet<SecretName> = wanted.into_keys().collect();
            let objects = self.reader.objects(&names, run).await.into_iter();
            let found = objects.map(|(name, object)| (name, object.map(Found::own)));
            return found.collect();
        };
        stream::iter(wanted)
            .map(|(name, keys)| async move {
                let ask = |run: RunContext| {
                    let (reader, name) = (Arc::clone(&self.reader), name.clone());
                    async move { reader.object(&name, &run).await }
                };
                let is_enough = |object: &Object| self.is_enough(&name, object, &keys);
                let found = shares.read_enough(&name, run, ask, is_enough).await;
                (name, found)
            })
            .buffer_unordered(run.concurrency())
            .collect()
            .await
    }

    /// Whether a Secret may be read and has all of these keys. If not, it may have changed since
    /// another run read it.
    fn is_enough(&self, name: &SecretName, object: &Object, keys: &[Keys]) -> bool {
        let has = |key: &str| object.data.iter().flatten().any(|(name, _)| name == key);
        self.reach.judge(name, object).is_ok()
            && keys.iter().all(|keys| match keys {
                Keys::All => true,
                Keys::Names(names) => names.iter().all(has),
            })
    }
}

/// The namespace of paths without one.
fn default_namespace(settings: &Settings, process: &Process) -> Result<String, VaultError> {
    const NAMESPACE: &str = "MANIFILL_KUBE_NAMESPACE";
    match settings.value(NAMESPACE) {
        Some(namespace) if !is_label(namespace) => {
            Err(VaultError::configuration("{} is no name of a namespace").with_name(NAMESPACE))
        }
        Some(namespace) => Ok(namespace.to_owned()),
        None => Ok(process.namespace().unwrap_or_else(|| ARGO_CD.to_owned())),
    }
}

/// The `namespace:name` of a Secret that is named as after `-s`, where
/// [`read_settings`] looks for it; `None` if it can be no Secret.
pub fn full_name(name: &str, settings: &Settings) -> Option<String> {
    let namespace = default_namespace(settings, &Process::current()).ok()?;
    let name = SecretName::parse(name, &namespace).ok()?;
    Some(name.to_string())
}

/// Reads one Secret for its settings, as `-s [namespace:]name` names it (AVP rule 57). Only values
/// that are text are settings; the others are left out with a note.
///
/// # Errors
/// Those of the backend; [`VaultErrorKind::InvalidRequest`] if the name is none.
pub async fn read_settings(
    name: &str,
    settings: &Settings,
    run: &RunContext,
) -> Result<BTreeMap<String, String>, VaultError> {
    read_settings_by(&KubernetesSecret::from_settings(settings)?, name, run).await
}

async fn read_settings_by(
    backend: &KubernetesSecret,
    name: &str,
    run: &RunContext,
) -> Result<BTreeMap<String, String>, VaultError> {
    let name = SecretName::parse(name, &backend.namespace).map_err(|_| no_path(name))?;
    let object = backend.reader.object(&name, run).await?;
    let mut values = BTreeMap::new();
    for (key, Decoded(value)) in object.data.into_iter().flatten() {
        match value.expose().as_text() {
            Some(text) => {
                values.insert(key, text.to_owned());
            }
            None => run.note(format!(
                "`{key}` in the Secret `{name}` is not text and no setting"
            )),
        }
    }
    Ok(values)
}

impl fmt::Debug for KubernetesSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubernetesSecret")
            .field("server", &self.reader.access.cluster.origin())
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for KubernetesSecret {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let names: Vec<Result<SecretName, VaultError>> = requests
            .iter()
            .map(|request| {
                self.name(request.path.as_str())
                    .map_err(|_| no_path(request.path.as_str()))
            })
            .collect();
        let mut distinct: BTreeMap<SecretName, Vec<Keys>> = BTreeMap::new();
        for (request, name) in requests.iter().zip(&names) {
            if let Ok(name) = name {
                let keys = distinct.entry(name.clone()).or_default();
                keys.push(request.keys.clone());
            }
        }
        let objects = if distinct.is_empty() {
            BTreeMap::new()
        } else {
            self.found(distinct, run).await
        };
        requests
            .iter()
            .zip(names)
            .map(|(request, name)| {
                let name = name?;
                match objects.get(&name) {
                    Some(Ok(object)) => {
                        self.reach.judge(&name, object)?;
                        Ok(answer(object, &name, &request.keys))
                    }
                    Some(Err(error)) => Err(error.clone()),
                    None => Err(unread()),
                }
            })
            .collect()
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        self.name(path).map(|name| name.plain())
    }

    fn has_versions(&self) -> bool {
        false
    }
}

impl KubernetesSecret {
    fn name(&self, path: &str) -> Result<SecretName, PathError> {
        let name = SecretName::parse(path, &self.namespace)?;
        self.reach.judge_name(&name, &self.namespace)?;
        Ok(name)
    }
}

fn answer(object: &Object, name: &SecretName, keys: &Keys) -> Secret {
    let data = object.data.iter().flatten();
    let mut secret = Secret::new()
        .with_id(name.to_string())
        .with_names(data.clone().map(|(key, _)| key.as_str()));
    if let Some(version) = &object.metadata.resource_version {
        secret = secret.with_version(version);
    }
    for (key, Decoded(value)) in data {
        if keys.wants(key) {
            secret.insert(key.as_str(), Ok(value.clone()));
        }
    }
    secret
}

/// Paths come from [`VaultBackend::parse_path`], but a program may have made one itself.
fn no_path(path: &str) -> VaultError {
    let message = "{} is not the name of a Secret that may be read";
    VaultError::new(VaultErrorKind::InvalidRequest, message)
        .with_name(path)
        .with_hint("write name or namespace:name")
}
