//! The suite, against the answers of a scripted server.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use super::samples::{backend, found, missing, serve};
use crate::SecretValue;
use crate::suite::{self, Case, Fixture, Reply, Setup};

struct Scripted;

#[async_trait]
impl Fixture for Scripted {
    async fn set_up(&self, case: Case) -> Setup {
        let server = serve(move |_, body| {
            if case == Case::MissingPath || body["SecretId"] != "team/db" {
                return missing();
            }
            let stage = body["VersionStage"].as_str();
            let value = match (case, stage) {
                (Case::MissingVersion, Some(_)) => return missing(),
                (Case::Version, None) => SecretValue::text("newest"),
                _ => case.value(),
            };
            let value = match (case, value.expose().as_text()) {
                (Case::Binary, _) => value,
                (Case::MissingKey, _) => SecretValue::text(r#"{"other":"1"}"#),
                (Case::SameName, _) => SecretValue::text(r#"{"password":"1","password":"2"}"#),
                (_, Some(text)) => SecretValue::text(json!({ "password": text }).to_string()),
                (_, None) => value,
            };
            Reply::json(found("team/db", &value).to_string())
        })
        .await;
        let key = match case {
            Case::Binary => "SecretBinary",
            _ => "password",
        };
        let setup = Setup::new(Arc::new(backend(&server)), "team/db", key).with_server(server);
        match case {
            Case::Version | Case::MissingVersion => setup.with_version("AWSPREVIOUS"),
            _ => setup,
        }
    }
}

#[tokio::test]
async fn the_suite_passes() {
    suite::run_all(&Scripted).await;
}
