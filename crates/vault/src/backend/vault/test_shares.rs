//! What runs share of a Vault server, and what they do not (rule R14).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::connect;
use super::samples::{approle, auth, errors, json_of, plain, request, serve, settings, version};
use crate::suite::{Reply, Server, TOKEN};
use crate::{
    ConnectContext, Keys, RunContext, Secret, Settings, Sharing, Traffic, VaultBackend, VaultError,
};

fn sharing(settings: &Settings) -> Arc<dyn VaultBackend> {
    let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
    let context = ConnectContext::new().with_sharing(sharing);
    connect(settings, &context).unwrap()
}

/// One run that reads one path.
async fn run(
    backend: &Arc<dyn VaultBackend>,
    path: &str,
    kv: Option<&str>,
) -> Result<Secret, VaultError> {
    let requests = [request(backend.as_ref(), path, kv)];
    let mut answers = backend.read(&requests, &RunContext::new()).await;
    answers.pop().unwrap()
}

/// How many requests there were for paths that hold this.
fn count(server: &Server, part: &str) -> usize {
    let seen = server.seen();
    seen.iter()
        .filter(|seen| seen.target.contains(part))
        .count()
}

/// A server that numbers what it answers.
async fn numbered() -> Server {
    let number = AtomicUsize::new(0);
    serve(move |path, _| {
        let number = number.fetch_add(1, Ordering::SeqCst);
        match path.split('?').next().unwrap_or_default() {
            "secret/data/a" => Some(version(1, json!({"n": number}))),
            "kv1/a" => Some(plain(&json!({"n": number}).to_string())),
            "database/creds/app" => Some(Reply::json(
                json!({"lease_id": "database/creds/app/x1", "lease_duration": 3600, "renewable": true,
                       "data": {"n": number}, "warnings": null, "auth": null})
                .to_string(),
            )),
            "totp/code/key" => Some(Reply::json(
                json!({"lease_id": "", "lease_duration": 0, "data": {"n": number}}).to_string(),
            )),
            _ => None,
        }
    })
    .await
}

#[tokio::test]
async fn secrets_are_shared_by_path_version_and_kind_of_engine() {
    let server = numbered().await;
    let backend = sharing(&settings(&server));
    let number = |found: Result<Secret, VaultError>| json_of(&found.unwrap(), "n");
    for _ in 0..3 {
        assert_eq!(number(run(&backend, "secret/data/a", None).await), "0");
    }
    assert_eq!(number(run(&backend, "secret/data/a#2", None).await), "1");
    assert_eq!(number(run(&backend, "kv1/a", Some("1")).await), "2");
    assert_eq!(number(run(&backend, "kv1/a", Some("1")).await), "2");
    assert_eq!(number(run(&backend, "secret/data/a", None).await), "0");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn what_is_leased_or_made_up_is_read_by_each_run() {
    let server = numbered().await;
    let backend = sharing(&settings(&server));
    for path in ["database/creds/app", "totp/code/key"] {
        let reads = (0..4).map(|_| run(&backend, path, Some("1")));
        let found = futures_util::future::join_all(reads).await;
        let mut all: Vec<String> = found
            .into_iter()
            .map(|found| json_of(&found.unwrap(), "n"))
            .collect();
        all.push(json_of(&run(&backend, path, Some("1")).await.unwrap(), "n"));
        all.sort();
        all.dedup();
        assert_eq!((all.len(), count(&server, path)), (5, 5), "{path}");
    }
}

#[tokio::test]
async fn a_miss_is_not_shared() {
    let asked = Arc::new(AtomicUsize::new(0));
    let (counted, is_there) = (Arc::clone(&asked), Arc::clone(&asked));
    let server = serve(move |_, _| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => None,
        1 => Some(version(1, json!({"a": "1"}))),
        _ => Some(version(2, json!({"a": "1", "b": "2"}))),
    })
    .await;
    let backend = sharing(&settings(&server));
    assert!(run(&backend, "secret/data/a", None).await.is_err());
    assert!(run(&backend, "secret/data/a", None).await.is_ok());
    assert!(run(&backend, "secret/data/a", None).await.is_ok());
    assert_eq!(is_there.load(Ordering::SeqCst), 2);
    // A key that was not there before.
    let mut wanted = request(backend.as_ref(), "secret/data/a", None);
    wanted.keys = Keys::names(["b"]);
    let answers = backend.read(&[wanted], &RunContext::new()).await;
    assert_eq!(json_of(answers[0].as_ref().unwrap(), "b"), "\"2\"");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn all_runs_log_in_once_and_renew_a_login_that_has_ended_once() {
    let good = Arc::new(AtomicUsize::new(0));
    let valid = Arc::clone(&good);
    let server = Server::start(move |seen| {
        if seen.target.ends_with("/login") {
            let number = valid.fetch_add(1, Ordering::SeqCst) + 1;
            return auth(&format!("{TOKEN}-{number}"), 3600);
        }
        let token = format!("{TOKEN}-{}", valid.load(Ordering::SeqCst));
        match seen.header("x-vault-token") {
            Some(given) if given == token => version(1, json!({"a": seen.target})),
            _ => errors(403, &["permission denied"]),
        }
    })
    .await;
    let backend = sharing(&approle(&server));
    let read_twenty = |from: usize| {
        let backend = &backend;
        async move {
            let paths: Vec<String> = (from..from + 20)
                .map(|n| format!("secret/data/{n}"))
                .collect();
            let reads = paths.iter().map(|path| run(backend, path, None));
            for found in futures_util::future::join_all(reads).await {
                found.unwrap();
            }
        }
    };
    read_twenty(0).await;
    assert_eq!(count(&server, "/login"), 1);
    // The token is revoked: nobody has the one that is good now.
    good.store(100, Ordering::SeqCst);
    read_twenty(100).await;
    assert_eq!(count(&server, "/login"), 2);
    read_twenty(200).await;
    assert_eq!(count(&server, "/login"), 2);
}

#[tokio::test]
async fn a_login_that_fails_is_tried_once_for_all_who_wait() {
    let server = Server::start(|_| errors(400, &["invalid role or secret ID"])).await;
    let backend = sharing(&approle(&server));
    for round in 1..3 {
        let paths: Vec<String> = (0..10).map(|n| format!("secret/data/{n}")).collect();
        let reads = paths.iter().map(|path| run(&backend, path, None));
        for found in futures_util::future::join_all(reads).await {
            assert!(found.unwrap_err().to_string().contains("approle"));
        }
        assert_eq!(count(&server, "/login"), round, "later runs try again");
    }
}

#[tokio::test]
async fn the_login_is_no_value_for_those_who_share_it_either() {
    let server = serve(|_, _| Some(version(1, json!({"a": TOKEN, "b": "fine"})))).await;
    let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
    let context = ConnectContext::new()
        .with_confinement(true)
        .with_sharing(sharing);
    let info = crate::backend::by_name("vault").unwrap();
    let backend = info.connect(&settings(&server), &context).unwrap().unwrap();
    for _ in 0..3 {
        let found = run(&backend, "secret/data/a", None).await.unwrap();
        assert!(found.value("a").unwrap().is_err() && found.value("b").unwrap().is_ok());
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_run_asks_once_for_an_engine_though_each_path_is_a_read_of_its_own() {
    let server = serve(|path, _| match path {
        path if path.starts_with("sys/internal/ui/mounts/") => Some(plain(
            r#"{"path":"secret/","type":"kv","options":{"version":"2"}}"#,
        )),
        path if path.starts_with("secret/data/") => Some(version(1, json!({"a": "1"}))),
        _ => Some(super::samples::no_data()),
    })
    .await;
    let backend = sharing(&settings(&server));
    let requests =
        ["x", "y", "z"].map(|name| request(backend.as_ref(), &format!("secret/{name}"), None));
    for _ in 0..2 {
        let context = RunContext::new();
        let answers = backend.read(&requests, &context).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        // Whoever shares a read is told what there is to say of it.
        assert_eq!(context.notes().len(), 3, "{:?}", context.notes());
    }
    assert_eq!((count(&server, "/mounts/"), server.seen().len()), (1, 7));
}
