//! What runs share of an instance (rule R14).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::connect;
use super::samples::{TEAM_ID, map, path, request, settings, with};
use crate::suite::Server;
use crate::{ConnectContext, RunContext, Sharing, Traffic, VaultBackend};

fn sharing(server: &Server, is_by_author: bool) -> Arc<dyn VaultBackend> {
    let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
    let context = ConnectContext::new()
        .with_sharing(sharing)
        .with_author(is_by_author);
    connect(&settings(server), &context).unwrap()
}

async fn has(backend: &Arc<dyn VaultBackend>, at: &str, key: &str) -> bool {
    let wanted = [request(&path("kv", at), &[key])];
    let mut answers = backend.read(&wanted, &RunContext::new()).await;
    let answer = answers.pop().unwrap();
    answer.is_ok_and(|secret| secret.value(key).is_some())
}

/// A server whose secret has one more field with each read of it.
async fn growing() -> Server {
    let reads = AtomicUsize::new(0);
    Server::start(move |seen| {
        let number = if seen.target.ends_with("db") {
            reads.fetch_add(1, Ordering::SeqCst)
        } else {
            0
        };
        let fields = (0..=number).map(|n| format!("\"f{n}\":\"v\""));
        let data = format!("{{{}}}", fields.collect::<Vec<_>>().join(","));
        with([map("db", &data)]).answer(seen)
    })
    .await
}

#[tokio::test]
async fn secrets_are_shared_and_a_missing_key_is_looked_for_again() {
    let server = growing().await;
    let backend = sharing(&server, false);
    for _ in 0..3 {
        assert!(has(&backend, "team/db", "f0").await);
        assert!(has(&backend, "team", "db").await);
    }
    assert_eq!(server.seen().len(), 2, "a login and a read");
    // A key that was not there before.
    assert!(has(&backend, "team/db", "f1").await);
    assert_eq!(server.seen().len(), 3);
    // By the id of its group it is another one: a list, and a read.
    for _ in 0..3 {
        assert!(has(&backend, &format!("{TEAM_ID}/db"), "f0").await);
    }
    assert_eq!(server.seen().len(), 5);
    server.forget();
    for _ in 0..2 {
        assert!(!has(&backend, "team", "absent").await);
    }
    assert_eq!(server.seen().len(), 2 * 3, "a miss is not shared");
}

#[tokio::test]
async fn nothing_is_shared_where_an_author_has_set_something() {
    let server = growing().await;
    let backend = sharing(&server, true);
    for _ in 0..3 {
        assert!(has(&backend, "team/db", "f0").await);
    }
    assert_eq!(server.seen().len(), 1 + 3);
}
