//! What runs share of a Secret Server (rule R14).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::connect;
use super::samples::{by_token, json_of, request};
use crate::suite::{Reply, Server};
use crate::{ConnectContext, RunContext, Secret, Sharing, Traffic, VaultBackend, VaultError};

fn sharing(server: &Server, is_by_author: bool) -> Arc<dyn VaultBackend> {
    let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
    let context = ConnectContext::new()
        .with_sharing(sharing)
        .with_author(is_by_author);
    connect(&by_token(server), &context).unwrap()
}

async fn run(backend: &Arc<dyn VaultBackend>, path: &str, key: &str) -> Result<Secret, VaultError> {
    let wanted = [request(path, &[key])];
    let mut answers = backend.read(&wanted, &RunContext::new()).await;
    answers.pop().unwrap()
}

/// A server whose secret gets one more field with each answer, and whose file has a number.
async fn growing() -> Server {
    let (secrets, files) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Server::start(move |seen| {
        if seen.target.ends_with("/fields/file") {
            let number = files.fetch_add(1, Ordering::SeqCst);
            return Reply::new(200).with_body(format!("file {number}"));
        }
        if seen.target.ends_with("/secrets/9") {
            return Reply::json(r#"{"message":"none"}"#).with_status(404);
        }
        let number = secrets.fetch_add(1, Ordering::SeqCst);
        let field = |n: usize| json!({"fieldName": format!("f{n}"), "slug": "", "itemValue": "v"});
        let mut items: Vec<_> = (0..=number).map(field).collect();
        items.push(
            json!({"fieldName": "File", "slug": "file", "isFile": true, "fileAttachmentId": 5}),
        );
        Reply::json(json!({"id": 7, "name": "db", "items": items}).to_string())
    })
    .await
}

#[tokio::test]
async fn secrets_and_files_are_shared_and_a_missing_key_is_looked_for_again() {
    let server = growing().await;
    let backend = sharing(&server, false);
    for _ in 0..3 {
        assert!(
            run(&backend, "7", "f0")
                .await
                .unwrap()
                .value("f0")
                .is_some()
        );
        let secret = run(&backend, "7", "file").await.unwrap();
        assert_eq!(json_of(&secret, "file"), "\"file 0\"");
    }
    assert_eq!(server.seen().len(), 2);
    // A key that was not there before.
    assert!(
        run(&backend, "7", "f1")
            .await
            .unwrap()
            .value("f1")
            .is_some()
    );
    assert_eq!(server.seen().len(), 3);
    for _ in 0..2 {
        assert!(run(&backend, "9", "f0").await.is_err());
    }
    assert_eq!(server.seen().len(), 5, "a miss is not shared");
}

#[tokio::test]
async fn nothing_is_shared_where_an_author_has_set_something() {
    let server = growing().await;
    let backend = sharing(&server, true);
    for _ in 0..3 {
        assert!(run(&backend, "7", "f0").await.is_ok());
    }
    assert_eq!(server.seen().len(), 3);
}
