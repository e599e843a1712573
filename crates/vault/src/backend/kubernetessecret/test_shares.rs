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
