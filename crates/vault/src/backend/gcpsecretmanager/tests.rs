//! The suite that every backend runs: by a key, in a first and in a later run, and by a token.

use async_trait::async_trait;

use super::connect;
use super::samples::{accessed, by_token, missing, serve};
use crate::suite::{self, Case, Fixture, SENTINEL, Server, Setup};
use crate::{ConnectContext, Exposed, Settings};

const PATH: &str = "projects/shop/secrets/db";

#[derive(Clone, Copy)]
enum Scripted {
    FirstRun,
    LaterRun,
    ByToken,
}

async fn server(case: Case) -> (Server, Settings) {
    let value = case.value();
    let payload = match (case, value.expose()) {
        (Case::SameName, _) => br#"{"password":"1","password":"2"}"#.to_vec(),
        (_, Exposed::Bytes(bytes)) => bytes.to_vec(),
        (_, other) => other.as_text().unwrap_or_default().as_bytes().to_vec(),
    };
    serve(move |name| match name.strip_prefix(PATH) {
        Some("/versions/latest") if case == Case::Version => {
            accessed("db", "2", SENTINEL.as_bytes())
        }
        Some("/versions/latest" | "/versions/1") => accessed("db", "1", &payload),
        _ => missing(),
    })
    .await
}

#[async_trait]
impl Fixture for Scripted {
    async fn set_up(&self, case: Case) -> Setup {
        let (server, by_key) = server(case).await;
        let settings = match self {
            Scripted::ByToken => by_token(&server),
            _ => by_key,
        };
        let path = match case {
            Case::MissingPath => "projects/shop/secrets/absent",
            _ => PATH,
        };
        let key = match case {
            Case::MissingKey => "absent",
            Case::SameName => "password",
            _ => "db",
        };
        let backend = connect(&settings, &ConnectContext::new()).unwrap();
        let setup = Setup::new(backend, path, key).with_server(server);
        let setup = match case {
            Case::Version => setup.with_version("1"),
            Case::MissingVersion => setup.with_version("9"),
            _ => setup,
        };
        match self {
            Scripted::LaterRun => setup.read_before(PATH).await,
            _ => setup,
        }
    }
}

#[tokio::test]
async fn it_runs_the_suite_by_a_key() {
    suite::run_all(&Scripted::FirstRun).await;
}

#[tokio::test]
async fn it_runs_the_suite_in_a_later_run() {
    suite::run_all(&Scripted::LaterRun).await;
}

#[tokio::test]
async fn it_runs_the_suite_by_a_token() {
    suite::run_all(&Scripted::ByToken).await;
}
