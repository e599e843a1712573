//! The request log, the probes, activity, `/__ctl`, starting and stopping.

mod client;

use std::net::TcpStream;

use client::{Client, LOGIN, server};
use manifill_connect_fake::{Data, Options, Server};

#[test]
fn the_log_keeps_everything_but_the_token() {
    let server = server(|_| ());
    let mut first = Client::new(&server);
    let raw = "/v1/vaults?filter=name+eq%20%22Shared%20Name%22&x=%zz";
    first.get(raw);
    first.get("/v1/vaults/odd%20name/");
    Client::new(&server).get("/heartbeat");
    let log = server.requests();
    let lines: Vec<_> = log.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            &format!("GET {raw} -> 200"),
            "GET /v1/vaults/odd%20name/ -> 400",
            "GET /heartbeat -> 200"
        ]
    );
    assert_eq!(log[0].path, "/v1/vaults");
    assert_eq!(
        log[0].headers,
        [
            ("host".into(), "x".into()),
            ("user-agent".into(), "plain".into())
        ]
    );
    assert_eq!(log[0].connection, log[1].connection);
    assert_ne!(log[0].connection, log[2].connection);
    assert!(!format!("{server:?} {log:?}").contains(server.token()));
    server.clear_requests();
    assert!(server.requests().is_empty());
}

#[test]
fn the_probes_need_no_token() {
    let server = server(|_| ());
    let mut client = Client::new(&server).with_authorization(None);
    let heartbeat = client.get("/heartbeat");
    assert_eq!((heartbeat.text(), heartbeat.status), (".", 200));
    assert!(heartbeat.headers["content-type"].starts_with("text/plain"));
    let health = client.get("/health").json();
    assert_eq!(
        (&health["name"], &health["version"]),
        (&"1Password Connect API".into(), &"1.8.2".into())
    );
    assert_eq!(health["dependencies"][2]["status"], "UNINITIALIZED");
    assert_eq!(client.get("/v1/vaults").status, 401);
    assert_eq!(
        client.get("/health").json()["dependencies"][2]["status"],
        "UNINITIALIZED"
    );
    Client::new(&server).get("/v1/vaults");
    assert_eq!(
        client.get("/health").json()["dependencies"][2]["status"],
        "ACTIVE"
    );
    let metrics = client.get("/metrics");
    assert!(
        metrics
            .text()
            .contains("http_requests_total{code=\"401\"} 1\n")
    );
}

#[test]
fn activity_tells_what_was_asked_newest_first() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    client.get("/v1/vaults");
    client.get("/v1/vaults/hiddenvault000000000000aaa");
    client.get(LOGIN);
    client.get("/heartbeat");
    let page = client.get("/v1/activity?limit=2");
    assert_eq!(page.headers["content-range"], "1-2/3");
    let list = page.json();
    assert_eq!(list[0]["action"], "READ");
    assert_eq!(list[0]["result"], "SUCCESS");
    assert_eq!(
        list[0]["resource"]["item"]["id"],
        "loginitem0000000000000aaaa"
    );
    assert_eq!(list[0]["actor"]["userAgent"], "plain");
    assert_eq!(list[1]["result"], "DENY");
    assert_eq!(list.as_array().unwrap().len(), 2);
    let rest = client.get("/v1/activity?limit=2&offset=3");
    assert_eq!(rest.headers["content-range"], "4-4/4");
    assert_eq!(
        rest.json()[0]["resource"],
        serde_json::json!({"type": "VAULT"})
    );
}

#[test]
fn clients_in_other_languages_steer_the_server() {
    let server = server(|_| ());
    let mut client = Client::new(&server).with_authorization(None);
    assert_eq!(client.get("/__ctl?mark=first%20step").status, 200);
    client.get("/heartbeat");
    assert_eq!(client.get("/__ctl?fault=503x1&mark=second").status, 200);
    client.get("/v1/vaults");
    assert_eq!(client.get("/__ctl?fault=rubbish").status, 400);
    let log = server.requests();
    let seen: Vec<_> = log
        .iter()
        .map(|request| {
            (
                request.mark.as_deref(),
                request.path.as_str(),
                request.status,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some("first step"), "/heartbeat", Some(200)),
            (Some("second"), "/v1/vaults", Some(503)),
        ]
    );
}

#[test]
fn a_dropped_server_is_gone() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    assert_eq!(client.get("/heartbeat").status, 200);
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    drop(server);
    assert!(client.send("GET", "/heartbeat").is_err());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn an_address_in_use_is_an_error() {
    let first = server(|_| ());
    let address = first
        .url()
        .strip_prefix("http://")
        .unwrap()
        .parse()
        .unwrap();
    let options = Options {
        address,
        ..Options::default()
    };
    assert!(Server::start_blocking(options).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_server_runs_on_the_runtime_of_the_caller() {
    let server = Server::start(Options {
        data: Data::fixtures(),
        ..Options::default()
    })
    .await
    .unwrap();
    let status = tokio::task::block_in_place(|| Client::new(&server).get(LOGIN).status);
    assert_eq!(status, 200);
    let waiting = tokio::time::timeout(std::time::Duration::from_millis(20), server.wait());
    assert!(
        waiting.await.is_err(),
        "a server serves until it is dropped"
    );
}
