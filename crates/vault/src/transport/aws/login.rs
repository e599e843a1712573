//! Who logs in: the sources of credentials in their order, and the credentials until they end.

use std::sync::Mutex;
use std::time::Instant;

use zeroize::Zeroizing;

use super::chain::{Base, Chain, Role};
use super::credentials::Credentials;
use super::wire::Wire;
use super::{metadata, programs, settings, sign_in, sso, sts};
use crate::shared::Gate;
use crate::sync::lock;
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// The login of a backend.
pub(super) struct Login {
    /// The access key of the settings, which comes before all others.
    keys: Option<Credentials>,
    kept: Mutex<Option<Kept>>,
    /// Runs log in one after the other.
    gate: Gate,
}

struct Kept {
    credentials: Credentials,
    since: Instant,
}

impl Login {
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Ok(Login {
            keys: keys(settings)?,
            kept: Mutex::default(),
            gate: Gate::default(),
        })
    }

    /// The credentials, and whether they are from before this run and could be got anew.
    pub(super) async fn credentials(
        &self,
        wire: &Wire,
        run: &RunContext,
    ) -> Result<(Credentials, bool), VaultError> {
        if let Some(keys) = &self.keys {
            return Ok((keys.clone(), false));
        }
        let late = || VaultError::new(VaultErrorKind::Timeout, "no AWS credentials in time");
        let mut turn = self.gate.turn(run).await.ok_or_else(late)?;
        if let Some(kept) = &*lock(&self.kept) {
            if kept.credentials.is_valid() {
                let began = run.deadline().checked_sub(run.timeout());
                let is_old = began.is_some_and(|began| kept.since < began);
                return Ok((kept.credentials.clone(), is_old));
            }
        }
        if let Some(error) = turn.failure() {
            return Err(error);
        }
        let found = self.find(wire, run).await;
        turn.end(found.as_ref().err());
        let credentials = found?;
        *lock(&self.kept) = Some(Kept {
            credentials: credentials.clone(),
            since: Instant::now(),
        });
        Ok((credentials, false))
    }

    /// Forgets credentials that were refused, unless another run has renewed them since.
    pub(super) fn forget(&self, refused: &Credentials) {
        let mut kept = lock(&self.kept);
        let is_same = |kept: &Kept| kept.credentials.key_id == refused.key_id;
        if kept.as_ref().is_some_and(is_same) {
            kept.take();
        }
    }

    /// Asks one source after the other. The first that is set up counts, whether it works or not:
    /// what another one gives is somebody else's.
    async fn find(&self, wire: &Wire, run: &RunContext) -> Result<Credentials, VaultError> {
        let settings = &wire.settings;
        let profiles = wire.profiles()?;
        let name = wire.profile();
        if profiles.has(name) || settings.value(settings::PROFILE.name).is_some() {
            if let Some(chain) = profiles.chain(name)? {
                return self.of_chain(wire, chain, &profiles.folder, run).await;
            }
        }
        if let Some(token_file) = settings.absolute_path(settings::WEB_TOKEN_FILE.name) {
            let arn = settings.value(settings::ROLE.name);
            let role = Role {
                arn: arn
                    .ok_or_else(|| half(settings::WEB_TOKEN_FILE.name, settings::ROLE.name))?
                    .to_owned(),
                session: settings
                    .value(settings::ROLE_SESSION.name)
                    .map(str::to_owned),
                external_id: None,
                seconds: None,
            };
            return sts::with_web_identity(wire, &token_file, &role, run).await;
        }
        if metadata::is_container(settings) {
            return metadata::container(wire, run).await;
        }
        metadata::machine(wire, run).await
    }

    async fn of_chain(
        &self,
        wire: &Wire,
        chain: Chain,
        folder: &std::path::Path,
        run: &RunContext,
    ) -> Result<Credentials, VaultError> {
        let mut credentials = match chain.base {
            Base::Keys(keys) => keys,
            // Set, it would have come before the profile.
            Base::Environment => {
                return Err(half("credential_source", settings::KEY_ID.name));
            }
            Base::Container => metadata::container(wire, run).await?,
            Base::Machine => metadata::machine(wire, run).await?,
            Base::WebIdentity { token_file, role } => {
                sts::with_web_identity(wire, &token_file, &role, run).await?
            }
            Base::Process(line) => programs::run(&line, folder, run).await?,
            Base::Sso(place) => sso::credentials(wire, &place, run).await?,
            Base::SignIn(session) => sign_in::credentials(wire, &session, run).await?,
        };
        for role in &chain.roles {
            credentials = sts::assume(wire, role, &credentials, run).await?;
        }
        Ok(credentials)
    }
}

/// The access key of the settings, if there is one.
pub(super) fn keys(settings: &Settings) -> Result<Option<Credentials>, VaultError> {
    let text = |name| settings.value(name).map(str::to_owned);
    match (text(settings::KEY_ID.name), text(settings::SECRET.name)) {
        (Some(key_id), Some(secret)) => Ok(Some(Credentials {
            key_id,
            secret: secret.into(),
            token: text(settings::TOKEN.name).map(Zeroizing::new),
            expires: None,
        })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(half(settings::KEY_ID.name, settings::SECRET.name)),
        (None, Some(_)) => Err(half(settings::SECRET.name, settings::KEY_ID.name)),
    }
}

/// Of two things that belong together one is not set.
fn half(set: &'static str, other: &'static str) -> VaultError {
    VaultError::configuration("{} is set and {} is not")
        .with_name(set)
        .with_name(other)
}
