//! The suite that every backend runs.
//!
//! A backend's tests describe, as a [`Fixture`], how to bring about each [`Case`]: a secret that
//! is found, a path that is not there, a server that answers nonsense. [`run_all`] then reads and
//! judges: the right value or the right [`VaultErrorKind`], in order, and never a sign of
//! [`SENTINEL`] in anything that could be printed. A case that makes no sense for a backend is
//! declared with its reason, so that nothing is left out in silence.
//!
//! ```
//! use std::sync::Arc;
//! use manifill_vault::backend::memory::Memory;
//! use manifill_vault::suite::{self, Case, Fixture, Setup};
//!
//! struct InMemory;
//!
//! #[async_trait::async_trait]
//! impl Fixture for InMemory {
//!     async fn set_up(&self, case: Case) -> Setup {
//!         let backend = Memory::new().with("db", [("password", case.value())]);
//!         Setup::new(Arc::new(backend), "db", "password")
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! suite::check(Case::Found, &InMemory).await.unwrap();
//! # });
//! ```

mod case;
mod seen;
mod server;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use case::Case;
pub use seen::Seen;
pub use server::{Fault, Reply, Server};

use crate::backend::confined::Confined;
use crate::{
    Keys, RunContext, Secret, SecretPath, SecretRequest, SecretValue, VaultBackend, VaultError,
    VaultErrorKind,
};

/// The mark in every value, token and server answer of the suite; it must show nowhere.
pub const SENTINEL: &str = "sentinel-4c1f9e";

/// The login that a fixture gives to its backend.
pub const TOKEN: &str = "token-sentinel-4c1f9e";

/// How a backend's tests bring about the cases.
#[async_trait]
pub trait Fixture: Sync {
    /// Makes a backend, and what stands behind it, for a case: see each [`Case`].
    async fn set_up(&self, case: Case) -> Setup;

    /// The cases that make no sense for this backend, each with the reason.
    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        Vec::new()
    }
}

/// A backend that is ready for a case, and what to read from it.
#[derive(Debug)]
pub struct Setup {
    backend: Arc<dyn VaultBackend>,
    path: String,
    key: String,
    version: Option<String>,
    server: Option<Server>,
}

impl Setup {
    /// A backend, and the path and the key to read.
    pub fn new(
        backend: Arc<dyn VaultBackend>,
        path: impl Into<String>,
        key: impl Into<String>,
    ) -> Self {
        let (path, key) = (path.into(), key.into());
        Setup {
            backend,
            path,
            key,
            version: None,
            server: None,
        }
    }

    /// Reads this version.
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The server behind the backend: it lives as long as the case, and the suite breaks it.
    pub fn with_server(mut self, server: Server) -> Self {
        self.server = Some(server);
        self
    }

    /// Reads this path before the case begins, so that the backend has logged in and the case is about
    /// what comes after.
    ///
    /// # Panics
    /// If the backend cannot read it; this is for tests.
    pub async fn read_before(self, path: &str) -> Self {
        let path = self.backend.parse_path(path);
        let request = path.map(|path| SecretRequest::new(path, Keys::All));
        let Ok(request) = request else {
            panic!("the path to read before cannot be one of the backend");
        };
        let mut answers = self.backend.read(&[request], &RunContext::new()).await;
        if let Some(Err(error)) = answers.pop() {
            panic!("the path to read before cannot be read: {error}");
        }
        if let Some(server) = &self.server {
            server.forget();
        }
        self
    }

    fn path(&self) -> Result<SecretPath, String> {
        self.backend
            .parse_path(&self.path)
            .map_err(|error| format!("path `{}`: {error}", self.path))
    }

    fn request(&self, version: Option<&String>) -> Result<SecretRequest, String> {
        let mut request = SecretRequest::new(self.path()?, Keys::names([self.key.as_str()]));
        request.version = version.cloned();
        Ok(request)
    }
}

/// Runs every case that the fixture does not declare unsupported.
///
/// # Panics
/// If any case fails; the message lists all that do.
pub async fn run_all(fixture: &impl Fixture) {
    let mut failures = Vec::new();
    let unsupported = fixture.unsupported();
    for (case, reason) in &unsupported {
        assert!(
            !reason.is_empty(),
            "{case:?} is declared unsupported without a reason"
        );
    }
    for &case in Case::ALL {
        if unsupported.iter().any(|(declared, _)| *declared == case) {
            continue;
        }
        if let Err(failure) = check(case, fixture).await {
            failures.push(format!("{}: {failure}", case.as_str()));
        }
    }
    assert!(
        failures.is_empty(),
        "the backend fails:\n  {}",
        failures.join("\n  ")
    );
}

/// Runs one case.
///
/// # Errors
/// What the backend did wrong.
pub async fn check(case: Case, fixture: &impl Fixture) -> Result<(), String> {
    let mut setup = fixture.set_up(case).await;
    if case == Case::OwnLogin {
        setup.backend = Arc::new(Confined(setup.backend));
    }
    if !setup.backend.has_versions() && matches!(case, Case::Version | Case::MissingVersion) {
        return Err("the backend has no versions: declare this case unsupported".to_owned());
    }
    let elsewhere = match case {
        Case::Redirect => Some(Server::start(|_| Reply::json(format!("\"{SENTINEL}\""))).await),
        _ => None,
    };
    if let Some(fault) = case.fault(elsewhere.as_ref()) {
        let server = setup
            .server
            .as_ref()
            .ok_or("the fixture has no server to break")?;
        if case.recovers() {
            server.fail_next(1, fault);
        } else {
            server.fail_always(fault);
        }
    }
    let run = RunContext::new()
        .with_timeout(case.timeout())
        .with_concurrency(4);
    let outcome = judge(case, &setup, &run).await;
    if elsewhere.is_some_and(|server| !server.seen().is_empty()) {
        return Err("the redirect to another host was followed".to_owned());
    }
    leaks_nothing(&format!("{:?} {:?} {:?}", setup.backend, run, run.notes()))?;
    outcome
}

async fn judge(case: Case, setup: &Setup, run: &RunContext) -> Result<(), String> {
    let answer = read_one(setup, setup.version.as_ref(), run).await?;
    let sent = setup
        .server
        .as_ref()
        .map_or(0, |server| server.seen().len());
    match case {
        Case::MissingKey => match answer.map_err(|error| error.to_string())?.value(&setup.key) {
            None => Ok(()),
            Some(_) => Err("there is an answer for a key that does not exist".to_owned()),
        },
        Case::SameName => match &answer {
            Err(error) => expect(
                error,
                &[VaultErrorKind::Ambiguous, VaultErrorKind::Configuration],
            ),
            Ok(secret) => match secret.value(&setup.key) {
                Some(Err(error)) => expect(error, &[VaultErrorKind::Ambiguous]),
                _ => Err("one of two different values was chosen in silence".to_owned()),
            },
        },
        Case::OwnLogin => match answer.map_err(|error| error.to_string())?.value(&setup.key) {
            Some(Err(error)) => expect(error, &[VaultErrorKind::PermissionDenied]),
            Some(Ok(_)) => Err("the login is given out: send it with `Request::login` or `bearer`, or `RunContext::remember_login`".to_owned()),
            None => Err("the key has no value".to_owned()),
        },
        Case::Several => several(setup, run).await,
        Case::Version => {
            has_value(&answer, setup, &case.value())?;
            let newest = read_one(setup, None, run).await?;
            match has_value(&newest, setup, &case.value()) {
                Ok(()) => Err("the version makes no difference".to_owned()),
                Err(_) => Ok(()),
            }
        }
        Case::TooManyRequests | Case::Dropped => {
            has_value(&answer, setup, &case.value())?;
            counted(run, sent)
        }
        _ => match case.expected() {
            None => has_value(&answer, setup, &case.value()),
            Some(kind) => {
                match &answer {
                    Ok(_) => return Err("there is an answer".to_owned()),
                    Err(error) => expect(error, &[kind])?,
                }
                if case == Case::ServerError && !(2..=20).contains(&sent) {
                    return Err(format!("it was tried {sent} times"));
                }
                counted(run, sent)
            }
        },
    }
}

async fn several(setup: &Setup, run: &RunContext) -> Result<(), String> {
    let all = SecretRequest::new(setup.path()?, Keys::All);
    let absent = SecretRequest::new(setup.path()?, Keys::names(["no-such-key-here"]));
    let requests = [setup.request(None)?, absent, all, setup.request(None)?];
    let answers = setup.backend.read(&requests, run).await;
    if answers.len() != requests.len() {
        return Err(format!(
            "{} answers to {} requests",
            answers.len(),
            requests.len()
        ));
    }
    for (index, answer) in answers.iter().enumerate() {
        leaks_nothing(&format!("{answer:?}"))?;
        if index == 1 {
            let secret = answer.as_ref().map_err(|error| error.to_string())?;
            if secret.value("no-such-key-here").is_some() {
                return Err("the answers are not in the order of the requests".to_owned());
            }
            if !secret.names().any(|name| name == setup.key) {
                return Err("the names do not list the key that exists".to_owned());
            }
        } else {
            has_value(answer, setup, &Case::Several.value())?;
        }
    }
    Ok(())
}

async fn read_one(
    setup: &Setup,
    version: Option<&String>,
    run: &RunContext,
) -> Result<Result<Secret, VaultError>, String> {
    let request = setup.request(version)?;
    let read = setup.backend.read(std::slice::from_ref(&request), run);
    // A backend that overlooks the deadline must fail, not hang.
    let mut answers = tokio::time::timeout(Duration::from_secs(120), read)
        .await
        .map_err(|_| "the deadline of the run was overlooked".to_owned())?;
    let (Some(answer), true) = (answers.pop(), answers.is_empty()) else {
        return Err("there is not one answer to one request".to_owned());
    };
    leaks_nothing(&format!("{answer:?}"))?;
    if let Err(error) = &answer {
        prints_nothing(error)?;
    }
    if let Ok(secret) = &answer {
        if let Some(Err(error)) = secret.value(&setup.key) {
            prints_nothing(error)?;
        }
    }
    Ok(answer)
}

fn has_value(
    answer: &Result<Secret, VaultError>,
    setup: &Setup,
    wanted: &SecretValue,
) -> Result<(), String> {
    let secret = answer.as_ref().map_err(|error| error.to_string())?;
    match secret.value(&setup.key) {
        None => Err("the key has no value".to_owned()),
        Some(Err(error)) => Err(error.to_string()),
        Some(Ok(value)) if value == wanted => Ok(()),
        Some(Ok(_)) => Err("the value is another one".to_owned()),
    }
}

fn expect(error: &VaultError, kinds: &[VaultErrorKind]) -> Result<(), String> {
    if kinds.contains(&error.kind()) {
        return Ok(());
    }
    Err(format!("`{error}` is {:?}, not {kinds:?}", error.kind()))
}

fn counted(run: &RunContext, sent: usize) -> Result<(), String> {
    if run.requests_sent() == sent as u64 {
        return Ok(());
    }
    Err(format!(
        "{sent} requests arrived, {} were counted",
        run.requests_sent()
    ))
}

fn prints_nothing(error: &VaultError) -> Result<(), String> {
    leaks_nothing(&format!("{error} {:?}", error.hint()))?;
    let mut cause = std::error::Error::source(error);
    while let Some(link) = cause {
        leaks_nothing(&format!("{link} {link:?}"))?;
        cause = link.source();
    }
    Ok(())
}

fn leaks_nothing(text: &str) -> Result<(), String> {
    if text.contains(SENTINEL) {
        return Err(format!("a secret shows: {text}"));
    }
    Ok(())
}
