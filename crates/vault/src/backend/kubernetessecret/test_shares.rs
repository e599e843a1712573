//! What runs share of a cluster (rule R14).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::connect;
use super::samples::{answer, kubeconfig, kubeconfig_settings, object, request};
use crate::suite::{Server, TOKEN};
use crate::{ConnectContext, RunContext, Secret, Sharing, Traffic, VaultBackend, VaultError};

async fn run(backend: &Arc<dyn VaultBackend>, key: &str) -> Result<Secret, VaultError> {
    let requests = [request("argocd:db", &[key])];
    let mut answers = backend.read(&requests, &RunContext::new()).await;
    answers.pop().unwrap()
}

#[tokio::test]
async fn a_secret_is_read_once_and_again_for_what_it_lacks() {
    let objects = Arc::new(Mutex::new(vec![object(
        "argocd",
        "db",
        &[("user", b"svc")],
    )]));
    let content = Arc::clone(&objects);
    let server = Server::start(move |seen| answer(&content.lock().unwrap(), TOKEN, seen)).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let cluster = format!("{{server: '{}'}}", server.url());
    std::fs::write(&file, kubeconfig(&cluster, &format!("{{token: {TOKEN}}}"))).unwrap();
    let settings = kubeconfig_settings(&file);
    let sharing = |seconds| {
        let sharing = Sharing::new(Duration::from_secs(seconds), &Traffic::new());
        let context = ConnectContext::new().with_sharing(sharing);
        connect(&settings, &context).unwrap()
    };
    let backend = sharing(3600);
    for _ in 0..3 {
        assert!(run(&backend, "user").await.unwrap().value("user").is_some());
    }
    assert_eq!(server.seen().len(), 1);
    *objects.lock().unwrap() = vec![object("argocd", "db", &[("user", b"svc"), ("pin", b"1")])];
    assert!(run(&backend, "pin").await.unwrap().value("pin").is_some());
    assert_eq!(server.seen().len(), 2);
    *objects.lock().unwrap() = Vec::new();
    assert!(run(&backend, "user").await.is_ok());
    assert!(
        run(&backend, "puk").await.is_err(),
        "it is gone, and that is told"
    );
    assert!(run(&backend, "user").await.is_err());
    // Without a window nothing is shared.
    *objects.lock().unwrap() = vec![object("argocd", "db", &[("user", b"svc")])];
    let (backend, before) = (sharing(0), server.seen().len());
    for _ in 0..3 {
        run(&backend, "user").await.unwrap();
    }
    assert_eq!(server.seen().len(), before + 3);
}

#[tokio::test]
async fn a_plugin_is_started_once_for_all_and_once_more_when_its_login_has_ended() {
    let names: Vec<String> = (0..20).map(|number| format!("s{number}")).collect();
    let objects: Vec<_> = names
        .iter()
        .map(|name| object("argocd", name, &[("user", b"svc")]))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    let log = folder.path().join("log");
    std::fs::write(&token, "first").unwrap();
    let valid = token.clone();
    let server = Server::start(move |seen| {
        let valid = std::fs::read_to_string(&valid).unwrap();
        answer(&objects, &valid, seen)
    })
    .await;
    let script = format!(
        "echo started >>'{}'; printf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"%s\"}}}}' \"$(cat '{}')\"",
        log.display(),
        token.display()
    );
    let user = serde_json::json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never",
        "command": "sh", "args": ["-c", script],
    }});
    let file = folder.path().join("config");
    let cluster = format!("{{server: '{}'}}", server.url());
    std::fs::write(&file, kubeconfig(&cluster, &user.to_string())).unwrap();
    let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
    let context = ConnectContext::new().with_sharing(sharing);
    let backend = connect(&kubeconfig_settings(&file), &context).unwrap();
    let read_half = |half: usize| {
        let (backend, names) = (&backend, &names);
        async move {
            let reads = names[half * 10..][..10].iter().map(|name| async move {
                let requests = [request(&format!("argocd:{name}"), &["user"])];
                backend.read(&requests, &RunContext::new()).await.remove(0)
            });
            for found in futures_util::future::join_all(reads).await {
                found.unwrap();
            }
        }
    };
    let started = || std::fs::read_to_string(&log).unwrap().lines().count();
    read_half(0).await;
    assert_eq!(started(), 1);
    std::fs::write(&token, "second").unwrap();
    read_half(1).await;
    assert_eq!(started(), 2);
}
