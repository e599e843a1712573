//! The reads of a cluster: with a login, which may have ended, over connections.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use futures_util::stream::{self, StreamExt as _};

use super::access::Access;
use super::client::Session;
use super::connections::Connections;
use super::credentials::Credentials;
use super::model::Object;
use super::path::SecretName;
use crate::shared::Gate;
use crate::sync::lock;
use crate::{RunContext, VaultError, VaultErrorKind};

/// A cluster and a login to it.
pub(super) struct Reader {
    pub(super) access: Access,
    /// The login that an exec plugin gave, until it ends.
    kept: Mutex<Option<Credentials>>,
    /// Runs log in one after the other.
    gate: Gate,
    connections: Connections,
}

/// The Secrets of a run, or why there is none.
pub(super) type Objects = BTreeMap<SecretName, Result<Object, VaultError>>;

impl Reader {
    /// Reads with this login, over connections that are kept if there are later runs for them.
    pub(super) fn new(access: Access, keeps: bool) -> Self {
        Reader {
            access,
            kept: Mutex::default(),
            gate: Gate::default(),
            connections: Connections::new(keeps),
        }
    }

    /// Reads one Secret.
    pub(super) async fn object(
        &self,
        name: &SecretName,
        run: &RunContext,
    ) -> Result<Object, VaultError> {
        let names = BTreeSet::from([name.clone()]);
        let object = self.objects(&names, run).await.remove(name);
        object.unwrap_or_else(|| Err(unread()))
    }

    /// Reads the Secrets of these names, each once.
    pub(super) async fn objects(&self, names: &BTreeSet<SecretName>, run: &RunContext) -> Objects {
        let (credentials, is_old) = match self.credentials(run).await {
            Ok(credentials) => credentials,
            Err(error) => return all_failed(names, &error),
        };
        let mut objects = self.read_all(names, credentials.clone(), run).await;
        let refused: BTreeSet<SecretName> = objects
            .iter()
            .filter(|(_, object)| is_refused(object))
            .map(|(name, _)| name.clone())
            .collect();
        if is_old && !refused.is_empty() {
            // The login has ended before its time: one more try with a new one.
            self.forget(&credentials);
            objects.extend(match self.credentials(run).await {
                Ok((credentials, _)) => self.read_all(&refused, credentials, run).await,
                Err(error) => all_failed(&refused, &error),
            });
        }
        objects
    }

    async fn read_all(
        &self,
        names: &BTreeSet<SecretName>,
        credentials: Credentials,
        run: &RunContext,
    ) -> Objects {
        let client = self.connections.client(&self.access.cluster, &credentials);
        let session = match client {
            Ok(client) => Session::new(&self.access, credentials, client),
            Err(error) => return all_failed(names, &error),
        };
        let session = &session;
        stream::iter(names.iter().cloned())
            .map(|name| async move {
                let object = session.secret(&name, run).await;
                (name, object)
            })
            .buffer_unordered(run.concurrency())
            .collect()
            .await
    }

    /// The credentials, and whether they were kept from an earlier run. Concurrent runs wait for
    /// each other here, so that a plugin is not started twice.
    async fn credentials(&self, run: &RunContext) -> Result<(Credentials, bool), VaultError> {
        if !self.access.login.is_kept() {
            return Ok((self.access.login.credentials(run).await?, false));
        }
        let late = || {
            VaultError::new(VaultErrorKind::Timeout, "no login to {} in time")
                .with_name(self.access.cluster.origin())
        };
        let mut turn = self.gate.turn(run).await.ok_or_else(late)?;
        let kept = lock(&self.kept).clone();
        if let Some(kept) = kept.filter(Credentials::is_valid) {
            return Ok((kept, true));
        }
        if let Some(error) = turn.failure() {
            return Err(error);
        }
        let credentials = self.access.login.credentials(run).await;
        turn.end(credentials.as_ref().err());
        let credentials = credentials?;
        *lock(&self.kept) = Some(credentials.clone());
        Ok((credentials, false))
    }

    /// Forgets credentials that were refused, unless another run has renewed them since.
    fn forget(&self, refused: &Credentials) {
        let mut kept = lock(&self.kept);
        if kept.as_ref().is_some_and(|kept| kept.is_same(refused)) {
            kept.take();
        }
    }
}

fn all_failed(names: &BTreeSet<SecretName>, error: &VaultError) -> Objects {
    let failed = |name: &SecretName| (name.clone(), Err(error.clone()));
    names.iter().map(failed).collect()
}

fn is_refused(object: &Result<Object, VaultError>) -> bool {
    object
        .as_ref()
        .is_err_and(|error| error.kind() == VaultErrorKind::Unauthenticated)
}

/// The Secret was forgotten, which does not happen.
pub(super) fn unread() -> VaultError {
    VaultError::new(VaultErrorKind::Unavailable, "the Secret was not read")
}
