//! The suite, against the answers of a scripted server.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use super::samples::{backend, serve};
use crate::suite::{self, Case, Fixture, Setup};

struct Scripted;

#[async_trait]
impl Fixture for Scripted {
    async fn set_up(&self, case: Case) -> Setup {
        let server = serve(move |name| {
            let text = case.value().expose().as_text().map(str::to_owned);
            let object = |text: &str| Some(json!({ "password": text }).to_string());
            match (case, name) {
                (Case::MissingPath, _) => None,
                (Case::MissingVersion, name) if name.contains(':') => None,
                (Case::Version, "/team/db") => object("newest"),
                (Case::MissingKey, _) => Some(r#"{"other":"1"}"#.to_owned()),
                (Case::SameName, _) => Some(r#"{"password":"1","password":"2"}"#.to_owned()),
                (Case::EmptyValue, _) => text.as_deref().and_then(object),
                (_, "/team/db" | "/team/db:2") => text.as_deref().and_then(object),
                _ => None,
            }
        })
        .await;
        let setup = Setup::new(Arc::new(backend(&server)), "/team/db", "password");
        let setup = setup.with_server(server);
        match case {
            Case::Version | Case::MissingVersion => setup.with_version("2"),
            _ => setup,
        }
    }

    fn unsupported(&self) -> Vec<(Case, &'static str)> {
        vec![(Case::Binary, "a parameter is text")]
    }
}

#[tokio::test]
async fn the_suite_passes() {
    suite::run_all(&Scripted).await;
}
