mod aside;
mod content;
mod database;
mod document;
mod element;
mod header;
mod inner;
mod input;
mod kdf;
mod key;
mod markup;
mod path;
mod reference;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod test_damage;
#[cfg(test)]
mod test_keys;
#[cfg(test)]
mod tests;
mod unopened;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use self::database::Database;
use self::key::Login;
use self::path::EntryName;
use self::unopened::Unopened;
use crate::settings::ConnectContext;
use crate::shared::{Found, Shareable, SharedReads};
use crate::{
    PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend, VaultError,
    VaultErrorKind, files,
};

/// More than this is not a database of passwords (rule R11).
const MOST: u64 = 64 * 1024 * 1024;

/// What is in a content that is not encrypted, and what a file says of itself, for the fuzz target
/// `keepass`: whether each can be read.
#[cfg(fuzzing)]
pub fn fuzz_database(bytes: &[u8]) -> (bool, bool) {
    let content = Database::of_content(bytes).is_ok();
    (content, header::Header::parse(bytes).is_ok())
}

/// Secrets in a database of KeePass.
pub struct KeePass {
    source: Arc<Source>,
    /// What runs share, in a long-lived program.
    shares: Option<SharedReads<(), Database, VaultError>>,
}

/// A file, and what opens it.
struct Source {
    file: PathBuf,
    login: Login,
}

impl Shareable for Database {}

/// Makes the backend from its settings; nothing is opened yet.
///
/// # Errors
/// As [`KeePass::from_settings`].
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut backend = KeePass::from_settings(settings)?;
    let name = backend.source.name();
    let shares = |sharing| SharedReads::new(sharing, name);
    backend.shares = context.sharing().map(shares);
    Ok(Arc::new(backend))
}

impl KeePass {
    /// Makes the backend from `KEEPASS_FILE` and `KEEPASS_PASSWORD` or `KEEPASS_KEY_FILE`; nothing
    /// is opened yet.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::keepass::KeePass;
    /// let settings = Settings::new()
    ///     .with("KEEPASS_FILE", "team.kdbx")
    ///     .with("KEEPASS_PASSWORD", "correct horse battery staple");
    /// let backend = KeePass::from_settings(&settings)?;
    /// # let _ = backend;
    /// # Ok::<(), manifill_vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is missing.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let file = settings.path("KEEPASS_FILE").ok_or_else(|| {
            VaultError::configuration("{} is not set")
                .with_name("KEEPASS_FILE")
                .with_hint("set it to the database, a file that ends with .kdbx")
        });
        let (file, login) = VaultError::both(file, Login::from_settings(settings))?;
        Ok(KeePass {
            source: Arc::new(Source { file, login }),
            shares: None,
        })
    }

    /// Opens the database, or takes it from another run that has just opened it, if all that is
    /// wanted is in it.
    async fn open(
        &self,
        wanted: &[SecretRequest],
        run: &RunContext,
    ) -> Result<Found<Database>, VaultError> {
        let Some(shares) = &self.shares else {
            let opened = Arc::clone(&self.source).open(run.clone()).await;
            return opened.map(Found::own);
        };
        let open = |run: RunContext| Arc::clone(&self.source).open(run);
        let is_enough = |database: &Database| {
            let has = |request| entry(request).is_ok_and(|name| database.has(&name, &request.keys));
            wanted.iter().all(has)
        };
        shares.read_enough(&(), run, open, is_enough).await
    }
}

impl Source {
    fn name(&self) -> String {
        self.file.display().to_string()
    }

    /// Opens the database, which takes as long as whoever made it wanted.
    async fn open(self: Arc<Self>, run: RunContext) -> Result<Database, VaultError> {
        let (source, its_run) = (Arc::clone(&self), run.clone());
        let opened = aside::until(run.deadline(), move || source.open_now(&its_run)).await;
        opened.unwrap_or_else(|unopened| Err(self.error(unopened, &run)))
    }

    fn open_now(&self, run: &RunContext) -> Result<Database, VaultError> {
        let deadline = run.deadline();
        let file = files::read(&self.file, MOST, deadline).map_err(Unopened::from);
        let file = file.map_err(|unopened| self.error(unopened, run))?;
        let key = self.login.key(deadline)?;
        Database::open(&file, &key, deadline).map_err(|unopened| self.error(unopened, run))
    }

    fn error(&self, unopened: Unopened, run: &RunContext) -> VaultError {
        let error = unopened.error(&self.name());
        match unopened {
            Unopened::WrongKey => error.with_hint(self.login.hint()),
            Unopened::TooLate => error
                .with_hint(run.timeout_hint())
                .about_setting("KEEPASS_FILE"),
            _ => error.about_setting("KEEPASS_FILE"),
        }
    }
}

impl fmt::Debug for KeePass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeePass")
            .field("file", &self.source.file)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for KeePass {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        if let Some(password) = self.source.login.password() {
            run.remember_login(password);
        }
        let database = match self.open(requests, run).await {
            Ok(database) => database,
            Err(error) => return requests.iter().map(|_| Err(error.clone())).collect(),
        };
        let answer = |request: &SecretRequest| {
            let name = entry(request)?;
            database.secret(&name, &request.keys, run)
        };
        requests.iter().map(answer).collect()
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        EntryName::parse(path).map(|name| name.plain())
    }

    fn has_versions(&self) -> bool {
        false
    }
}

/// Paths come from [`VaultBackend::parse_path`], but a program may have made one itself.
fn entry(request: &SecretRequest) -> Result<EntryName, VaultError> {
    let path = request.path.as_str();
    EntryName::parse(path).map_err(|_| {
        VaultError::new(
            VaultErrorKind::InvalidRequest,
            "the path {} is not that of an entry",
        )
        .with_name(path)
    })
}
