mod address;
mod cache;
mod client;
mod connection;
mod login;
mod model;
mod path;
mod read;
mod session;
mod token;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod test_cache;
#[cfg(test)]
mod test_login;
#[cfg(test)]
mod test_read;
#[cfg(test)]
mod test_settings;
#[cfg(test)]
mod test_shares;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use self::client::Client;
use self::read::{Kv, KvData, Wanted};
use self::session::{Known, Session};
use super::info::KV_VERSION;
use crate::backend::distinct;
use crate::settings::ConnectContext;
use crate::shared::{Found, SharedReads};
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

/// Secrets of HashiCorp Vault or OpenBao.
pub struct Vault {
    client: Arc<Client>,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<Wanted, KvData, VaultError>>,
    kv: Kv,
    repairs: bool,
}

/// Makes the backend from its settings; nothing is connected yet.
///
/// # Errors
/// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    Ok(Arc::new(Vault::in_context(settings, context)?))
}

impl Vault {
    /// Makes the backend from its settings; nothing is connected yet.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::vault::Vault;
    /// let settings = Settings::new()
    ///     .with("VAULT_ADDR", "https://vault.example.com:8200")
    ///     .with("AVP_AUTH_TYPE", "approle")
    ///     .with("AVP_ROLE_ID", "675a50e7")
    ///     .with("AVP_SECRET_ID", "841771dc");
    /// let backend = Vault::from_settings(&settings)?;
    /// # let _ = backend;
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Vault::in_context(settings, &ConnectContext::new())
    }

    fn in_context(settings: &Settings, context: &ConnectContext) -> Result<Self, VaultError> {
        let settings = &settings.with_aliases(super::info::INFO.settings);
        let kv = Kv::parse(settings.value("AVP_KV_VERSION").unwrap_or("2")).ok_or_else(|| {
            let message = "unsupported kvVersion specified in AVP_KV_VERSION: it must be 1 or 2";
            VaultError::new(VaultErrorKind::Configuration, message)
        });
        let client = Client::from_settings(settings, context);
        let repairs = settings.switch("MANIFILL_VAULT_PATH_REPAIR");
        let ((client, kv), repairs) = VaultError::both(VaultError::both(client, kv), repairs)?;
        let shares = |sharing| SharedReads::new(sharing, client.origin());
        Ok(Vault {
            shares: context.sharing().map(shares),
            client: Arc::new(client),
            kv,
            repairs: repairs.unwrap_or(true) && !context.is_restricted(),
        })
    }

    /// Sets whether a path that lacks `/data/` is read with it. It must not be where rules say
    /// which paths may be read, since they have judged the path as it is written (rule R8).
    pub fn with_path_repair(mut self, repairs: bool) -> Self {
        self.repairs = repairs;
        self
    }

    /// Reads what is wanted, or takes it from another run if all of these keys are in it: a key that
    /// is missing there may have come since.
    async fn find(
        &self,
        session: &Session<'_>,
        known: &Arc<Known>,
        wanted: &Wanted,
        keys: &[Keys],
    ) -> Result<Found<KvData>, VaultError> {
        let repairs = self.repairs;
        let Some(shares) = &self.shares else {
            let found = read::read(session, wanted, repairs).await;
            return found.map(Found::own);
        };
        let ask = |run: RunContext| {
            let (client, known) = (Arc::clone(&self.client), Arc::clone(known));
            let wanted = wanted.clone();
            async move {
                let session = Session::new(&client, &run, known);
                read::read(&session, &wanted, repairs).await
            }
        };
        let is_enough = |found: &KvData| keys.iter().all(|keys| found.has_all(keys));
        let found = shares.read_enough(wanted, session.run, ask, is_enough);
        found.await
    }

    /// What a request comes down to.
    fn wanted(&self, request: &SecretRequest, run: &RunContext) -> Result<Wanted, VaultError> {
        let wrong = |message| VaultError::new(VaultErrorKind::InvalidRequest, message);
        let path = request.path.as_str();
        // Paths come from `parse_path`, but a program may have made one itself.
        let path = self
            .parse_path(path)
            .map_err(|_| wrong("the path {} cannot be one of Vault").with_name(path))?;
        let kv = match request.options.get(KV_VERSION) {
            None => self.kv,
            Some(text) => Kv::parse(text).ok_or_else(|| {
                wrong("unsupported kvVersion specified: {}")
                    .with_name(text)
                    .with_hint("the annotation avp.kubernetes.io/kv-version is \"1\" or \"2\"")
            })?,
        };
        let version = match (&request.version, kv) {
            (None, _) => None,
            (Some(_), Kv::One) => {
                run.note("only KV version 2 has versions of secrets; other versions in placeholders have no effect");
                None
            }
            (Some(text), Kv::Two) => {
                let wrong = || wrong("the version {} of the path {} is not a number");
                let is_number = text.bytes().all(|b| b.is_ascii_digit());
                let version = text.parse().ok().filter(|_| is_number);
                let version =
                    version.ok_or_else(|| wrong().with_name(text).with_name(path.as_str()))?;
                // To the server, 0 is the newest.
                Some(version).filter(|version| *version != 0)
            }
        };
        Ok(Wanted {
            path: path.as_str().to_owned(),
            version,
            kv,
        })
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("server", &self.client.origin())
            .field("login", &self.client.method())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for Vault {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let wanted: Vec<Result<Wanted, VaultError>> = requests
            .iter()
            .map(|request| self.wanted(request, run))
            .collect();
        self.client.note_settings(run);
        let known = Arc::<Known>::default();
        let session = self.client.session(run, Arc::clone(&known));
        let (session, known) = (&session, &known);
        let find = |wanted: Wanted, keys: Vec<Keys>| async move {
            self.find(session, known, &wanted, &keys).await
        };
        let secret = |_: &Wanted, found: &Found<KvData>, keys: &Keys| found.secret(keys);
        distinct::answers(requests, wanted, run, find, secret).await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        path::parse(path, self.client.namespace())
    }

    fn options(&self) -> Cow<'_, [&str]> {
        Cow::Borrowed(super::info::INFO.annotations)
    }
}
