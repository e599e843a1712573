mod client;
mod login;
mod model;
mod path;
mod variables;
mod wanted;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod test_login;
#[cfg(test)]
mod test_requests;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};

use self::client::{Client, Session};
use self::variables::Values;
use self::wanted::Wanted;
use crate::settings::ConnectContext;
use crate::shared::{Found, RunTokens, SharedReads};
use crate::{
    PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend, VaultError,
};

/// Variables of Conjur.
pub struct Conjur {
    client: Arc<Client>,
    /// What runs share, in a long-lived program: those that want the same variables.
    shares: Option<SharedReads<BTreeSet<String>, Values, VaultError>>,
}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// As [`Conjur::from_settings`].
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    Ok(Arc::new(Conjur::in_context(settings, context)?))
}

impl Conjur {
    /// Makes the backend from its settings; nothing is connected yet.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::conjur::Conjur;
    /// let settings = Settings::new()
    ///     .with("CONJUR_APPLIANCE_URL", "https://conjur.example.com")
    ///     .with("CONJUR_ACCOUNT", "example")
    ///     .with("CONJUR_AUTHN_LOGIN", "host/apps/argocd")
    ///     .with("CONJUR_AUTHN_API_KEY", "1vgw4jz…");
    /// let backend = Conjur::from_settings(&settings)?;
    /// # let _ = backend;
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if a setting is
    /// missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Conjur::in_context(settings, &ConnectContext::new())
    }

    fn in_context(settings: &Settings, context: &ConnectContext) -> Result<Self, VaultError> {
        let settings = &settings.with_aliases(super::info::INFO.settings);
        let client = Client::from_settings(settings, context)?;
        let shares = |sharing| SharedReads::new(sharing, client.origin());
        Ok(Conjur {
            shares: context.sharing().map(shares),
            client: Arc::new(client),
        })
    }

    /// Reads variables, or takes them from another run that has read the same ones.
    async fn values(
        &self,
        ids: &BTreeSet<String>,
        run: &RunContext,
        of_run: &Arc<RunTokens>,
    ) -> Result<Found<Values>, VaultError> {
        let Some(shares) = &self.shares else {
            let session = self.session(run, of_run);
            return session.values(ids).await.map(Found::own);
        };
        let ask = |run: RunContext| {
            let (client, of_run) = (Arc::clone(&self.client), Arc::clone(of_run));
            let ids = ids.clone();
            async move {
                let session = Session {
                    client: &client,
                    run: &run,
                    of_run: &of_run,
                };
                session.values(&ids).await
            }
        };
        shares.read(ids, run, ask).await
    }

    fn session<'c>(&'c self, run: &'c RunContext, of_run: &'c RunTokens) -> Session<'c> {
        Session {
            client: &self.client,
            run,
            of_run,
        }
    }

    async fn read_all(&self, wanted: &mut Wanted, run: &RunContext) -> Result<(), VaultError> {
        let of_run = Arc::<RunTokens>::default();
        let session = self.session(run, &of_run);
        if wanted.needs_list() {
            wanted.listed = session.list().await?;
        }
        let ids = wanted.ids();
        if !ids.is_empty() {
            let found = self.values(&ids, run, &of_run).await?;
            wanted.found = found.0.clone();
        }
        let session = &session;
        let old = wanted
            .versions()
            .into_iter()
            .map(|(id, version)| async move {
                let value = session.value(&id, Some(version)).await;
                ((id, version), value)
            });
        // Made before the stream, as in `RunContext::each`.
        let old: Vec<_> = old.collect();
        wanted.old = stream::iter(old)
            .buffer_unordered(run.concurrency())
            .collect()
            .await;
        if wanted.listed.is_none() && wanted.lacks_something() {
            // Without it the message has no names, which is no reason for another error.
            wanted.listed = session.list().await.ok().flatten();
        }
        Ok(())
    }
}

impl fmt::Debug for Conjur {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conjur")
            .field("server", &self.client.origin())
            .field("login", &self.client.method())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for Conjur {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let mut wanted = Wanted::new(requests);
        let failure = if wanted.is_empty() {
            None
        } else {
            self.read_all(&mut wanted, run).await.err()
        };
        let answers = requests.iter().map(|request| match &failure {
            Some(error) => wanted.check(request).and(Err(error.clone())),
            None => wanted.answer(request),
        });
        answers.collect()
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        path::parse(path)
    }
}
