//! What the HTTP client takes from the environment: proxies and the system's certificates.
//!
//! A process cannot safely change its own environment, so each test here starts this program
//! again, for the one test that is otherwise ignored.
#![cfg(all(feature = "http", feature = "suite"))]
#![allow(clippy::unwrap_used, missing_docs)]

use std::process::Command;

use manifill_vault::RunContext;
use manifill_vault::suite::{Reply, Server};
use manifill_vault::transport::http::{Client, HttpSettings, Retry, Url};

const TARGET: &str = "MANIFILL_TEST_TARGET";

#[tokio::test]
#[ignore = "run by the other tests, with a prepared environment"]
async fn child() {
    let Ok(target) = std::env::var(TARGET) else {
        return;
    };
    let client = Client::new(HttpSettings::new("Test Vault")).unwrap();
    let request = client.get(Url::parse(&target).unwrap());
    match request.send(&RunContext::default(), &Retry::never()).await {
        Ok(answer) => assert_eq!(answer.text().unwrap(), "through"),
        Err(error) => panic!("{error}"),
    }
}

/// Whether the child gets its answer, and what it said.
async fn run_child(target: &str, environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(TARGET, target);
    for name in [
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "request_method",
    ] {
        command
            .env_remove(name)
            .env_remove(name.to_ascii_uppercase());
    }
    command.envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

async fn server() -> Server {
    Server::start(|_| Reply::new(200).with_body("through")).await
}

#[tokio::test]
async fn a_proxy_is_used_except_where_it_must_not_be() {
    let (proxy, server) = (server().await, server().await);
    let target = "http://vault.invalid/v1/x";
    let (answered, said) = run_child(target, &[("HTTP_PROXY", &proxy.url())]).await;
    assert!(answered, "{said}");
    assert_eq!(proxy.seen()[0].target, target);

    let environment = [("HTTP_PROXY", &*proxy.url()), ("NO_PROXY", "127.0.0.1")];
    let (answered, said) = run_child(&server.url(), &environment).await;
    assert!(answered, "{said}");
    assert_eq!((proxy.seen().len(), server.seen().len()), (1, 1));
}

#[tokio::test]
async fn plain_http_needs_no_certificates() {
    let server = server().await;
    let none = [
        ("SSL_CERT_FILE", "/nonexistent"),
        ("SSL_CERT_DIR", "/nonexistent"),
    ];
    let (answered, said) = run_child(&server.url(), &none).await;
    assert!(answered, "{said}");
    let (answered, said) = run_child(&server.url().replace("http:", "https:"), &none).await;
    assert!(
        !answered && said.contains("the server does not speak TLS"),
        "{said}"
    );
}
