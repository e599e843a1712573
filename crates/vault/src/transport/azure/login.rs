//! One login for each cloud and run, and its token until it ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::source::{App, Proof, Source};
use super::vaults::{CLOUDS, KeyVault};
use super::wire::Wire;
use super::{app, identity};
use crate::shared::{LoginToken, RunTokens, Tokens};
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// The login of a backend.
pub(super) struct Login {
    source: Source,
    /// What tokens are for, and the tokens.
    tokens: BTreeMap<&'static str, Tokens>,
}

/// What one run finds out about its logins.
pub(crate) struct RunLogins(BTreeMap<&'static str, RunTokens>);

impl Default for RunLogins {
    fn default() -> Self {
        let clouds = CLOUDS.iter();
        RunLogins(
            clouds
                .map(|cloud| (cloud.resource, RunTokens::default()))
                .collect(),
        )
    }
}

impl Login {
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let tokens = |resource| (resource, Tokens::new("Azure"));
        Ok(Login {
            source: Source::from_settings(settings)?,
            tokens: CLOUDS.iter().map(|cloud| tokens(cloud.resource)).collect(),
        })
    }

    /// The token for a vault, with a login if there is none yet.
    pub(super) async fn token(
        &self,
        wire: &Wire,
        vault: &KeyVault,
        run: &RunContext,
        of_run: &RunLogins,
    ) -> Result<Arc<LoginToken>, VaultError> {
        if let Source::App(App {
            proof: Proof::Secret(secret),
            ..
        }) = &self.source
        {
            run.remember_login(secret);
        }
        let (tokens, of_run) = self.of(vault, of_run)?;
        // Seldom needed, and large: it has the futures of all sources.
        let log_in = Box::pin(self.log_in(wire, vault.resource(), run));
        tokens.token(run, of_run, log_in).await
    }

    /// A token in the place of one that was refused: see [`Tokens::renewed`].
    pub(super) async fn renewed(
        &self,
        wire: &Wire,
        vault: &KeyVault,
        run: &RunContext,
        of_run: &RunLogins,
        refused: &Arc<LoginToken>,
    ) -> Option<Result<Arc<LoginToken>, VaultError>> {
        let (tokens, of_run) = self.of(vault, of_run).ok()?;
        let log_in = Box::pin(self.log_in(wire, vault.resource(), run));
        tokens.renewed(run, of_run, refused, log_in).await
    }

    fn of<'l>(
        &'l self,
        vault: &KeyVault,
        of_run: &'l RunLogins,
    ) -> Result<(&'l Tokens, &'l RunTokens), VaultError> {
        let resource = vault.resource();
        let found = self.tokens.get(resource).zip(of_run.0.get(resource));
        found.ok_or_else(nobody)
    }

    async fn log_in(
        &self,
        wire: &Wire,
        resource: &'static str,
        run: &RunContext,
    ) -> Result<LoginToken, VaultError> {
        match &self.source {
            Source::App(app) => app::log_in(wire, app, resource, run).await,
            Source::Service(service) => identity::of_service(service, resource, run).await,
            Source::Found { machine, tools } => {
                if let Some(machine) = machine {
                    if let Some(token) = identity::of_machine(machine, resource, run).await? {
                        return Ok(token);
                    }
                }
                let mut refused = None;
                for tool in tools {
                    match tool.log_in(resource, run).await {
                        Ok(Some(token)) => return Ok(token),
                        Ok(None) => {}
                        // Somebody may have logged in with the other one.
                        Err(error) => refused = refused.or(Some(error)),
                    }
                }
                Err(refused.unwrap_or_else(nobody))
            }
        }
    }
}

fn nobody() -> VaultError {
    VaultError::new(VaultErrorKind::Unauthenticated, "there is no login to Azure")
        .with_hint("set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give the pod or the machine an identity, or log in with `az login`")
}
