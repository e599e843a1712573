//! The backend and the suite that every backend runs, in a first and in a later run.

use async_trait::async_trait;

use super::connect;
use super::samples::{ACCESS, Stored, read, request, serve, settings};
use crate::suite::{self, Case, Fixture, SENTINEL, Setup};
use crate::{ConnectContext, RunContext};

struct FirstRun;
struct LaterRun;

/// A backend for a case, and the path of its vault.
async fn set_up(case: Case) -> (Setup, String) {
    let value = case.value();
    let value = value.expose().as_text().unwrap_or_default();
    let secret = match case {
        Case::Version => Stored::new("db-password", &[("1a", value), ("1b", SENTINEL)]),
        _ => Stored::new("db-password", &[("1a", value)]),
    };
    let server = serve(&[secret]).await;
    let key = match case {
        Case::MissingKey => "absent",
        Case::Several => "db-password",
        _ => "DB-Password",
    };
    let backend = connect(&settings(&server), &ConnectContext::new()).unwrap();
    let path = server.url();
    let setup = Setup::new(backend, &*path, key).with_server(server);
    let setup = match case {
        Case::Version => setup.with_version("1a"),
        Case::MissingVersion => setup.with_version("9f"),
        _ => setup,
    };
    (setup, path)
}

fn unsupported() -> Vec<(Case, &'static str)> {
    vec![
        (Case::MissingPath, "a vault that does not exist has no host"),
        (Case::Binary, "a secret of a vault is text"),
        (Case::SameName, "a vault has each name once"),
    ]
}

#[async_trait]
impl Fixture for FirstRun {
    async fn set_up(&self, case: Case) -> Setup {
        set_up(case).await.0
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[async_trait]
impl Fixture for LaterRun {
    async fn set_up(&self, case: Case) -> Setup {
        let (setup, path) = set_up(case).await;
        setup.read_before(&path).await
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        unsupported()
    }
}

#[tokio::test]
async fn it_runs_the_suite() {
    suite::run_all(&FirstRun).await;
}

#[tokio::test]
async fn it_runs_the_suite_in_a_later_run() {
    suite::run_all(&LaterRun).await;
}

#[tokio::test]
async fn what_logs_in_is_no_value_for_an_app_without_a_policy() {
    let server = serve(&[
        Stored::new("secret", &[("1", suite::TOKEN)]),
        Stored::new("token", &[("1", ACCESS)]),
        Stored::new("other", &[("1", "1")]),
    ])
    .await;
    let context = ConnectContext::new().with_confinement(true);
    let backend = super::super::INFO.connect(&settings(&server), &context);
    let backend = backend.unwrap().unwrap();
    // The second run has the token of the first and sends no secret.
    for _ in 0..2 {
        let requests = [request(&server, &["secret", "token", "other"])];
        let secret = read(&backend, &requests).await.remove(0).unwrap();
        assert!(secret.value("secret").unwrap().is_err());
        assert!(secret.value("token").unwrap().is_err());
        assert!(secret.value("other").unwrap().is_ok());
    }
    let debug = format!("{backend:?} {:?}", RunContext::new());
    assert!(!debug.contains(SENTINEL), "{debug}");
}
