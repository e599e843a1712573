//! Faults, request by request.

mod client;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use client::{Client, DOCUMENT, LOGIN, PRODUCTION, server};
use manifill_connect_fake::Fault;

#[test]
fn a_status_lasts_for_the_requests_it_was_ordered_for() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    for (text, status, message) in [
        ("401x1", 401, "Invalid bearer token"),
        (
            "408x1",
            408,
            "sync did not complete within timeout, please retry the request",
        ),
        ("500x1", 500, "Something went wrong"),
        ("503x1", 503, "Service Unavailable"),
    ] {
        server.fault_rule(text.parse().unwrap());
        assert_eq!(
            client.get("/heartbeat").status,
            200,
            "only the API is at fault"
        );
        let answer = client.get("/v1/vaults");
        assert_eq!(
            (answer.status, answer.message().as_str()),
            (status, message)
        );
        assert_eq!(client.get("/v1/vaults").status, 200);
    }
    server.fault(Fault::Status(418, "teapot".into()), 2);
    assert_eq!(client.get("/v1/vaults").message(), "teapot");
    assert_eq!(client.get(LOGIN).status, 418);
    assert_eq!(client.get(LOGIN).status, 200);
}

#[test]
fn a_fault_without_end_ends_when_it_is_cleared() {
    let server = server(|options| options.faults = vec!["502".parse().unwrap()]);
    let mut client = Client::new(&server);
    for _ in 0..3 {
        assert_eq!(client.get("/v1/vaults").status, 502);
    }
    server.clear_faults();
    assert_eq!(client.get("/v1/vaults").status, 200);
}

#[test]
fn spurious_refusals_name_the_vault() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    server.fault(Fault::TransientForbidden, 1);
    assert_eq!(client.get("/v1/vaults").status, 200);
    assert_eq!(client.get("/v1/vaults/").status, 200);
    let answer = client.get(LOGIN);
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.message(),
        "Authorization: token does not have access to vault prodvault000000000000000aa"
    );
    assert_eq!(client.get(LOGIN).status, 200);
}

#[test]
fn too_many_requests_say_when_to_come_back() {
    let server = server(|_| ());
    server.fault(Fault::TooManyRequests { retry_after: 3 }, 1);
    let answer = Client::new(&server).get("/v1/vaults");
    assert_eq!(
        (answer.status, answer.headers["retry-after"].as_str()),
        (429, "3")
    );
}

#[test]
fn a_proxy_answers_with_a_page() {
    let server = server(|_| ());
    server.fault(Fault::HtmlBadGateway, 1);
    let answer = Client::new(&server).get("/v1/vaults");
    assert_eq!(
        (answer.status, answer.headers["content-type"].as_str()),
        (502, "text/html")
    );
    assert!(answer.text().starts_with("<html>"));
    assert_eq!(answer.headers.get("1password-connect-version"), None);
}

#[test]
fn truncated_json_is_none() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    let whole = client.get(LOGIN);
    server.fault(Fault::TruncatedJson, 1);
    let half = client.get(LOGIN);
    assert_eq!(half.status, 200);
    assert!(whole.body.starts_with(&half.body));
    assert!(serde_json::from_slice::<serde_json::Value>(&half.body).is_err());
}

#[test]
fn a_dropped_connection_gives_no_byte() {
    let server = server(|_| ());
    server.fault(Fault::DroppedConnection, 1);
    let mut client = Client::new(&server);
    let error = client.send("GET", "/v1/vaults").err().unwrap();
    assert!(matches!(
        error.kind(),
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset
    ));
    assert_eq!(Client::new(&server).get("/v1/vaults").status, 200);
    let log = server.requests();
    assert_eq!((log[0].status, log[1].status), (None, Some(200)));
    assert_eq!(log[0].to_string(), "GET /v1/vaults -> no answer");
}

#[test]
fn answers_come_late_on_demand() {
    let server = server(|options| options.latency = Duration::from_millis(30));
    server.fault(Fault::Delay(Duration::from_millis(40)), 1);
    let mut client = Client::new(&server);
    let start = Instant::now();
    assert_eq!(client.get("/v1/vaults").status, 200);
    // A lower bound holds on any machine, however busy.
    assert!(start.elapsed() >= Duration::from_millis(70));
}

#[test]
fn files_may_not_be_there_yet() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    let content = format!("{DOCUMENT}/files/filetxt00000000000000aaaaa/content");
    for status in [500, 503] {
        server.fault(Fault::FileNotSynced(status), 1);
        assert_eq!(client.get(DOCUMENT).status, 200);
        assert_eq!(client.get(&content).status, status);
        assert_eq!(client.get(&content).status, 200);
    }
}

#[test]
fn a_rule_may_concern_some_targets_only() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    server.fault_rule("503x1@/items?".parse().unwrap());
    assert_eq!(client.get(LOGIN).status, 200);
    let list = format!("{PRODUCTION}/items?filter=title+eq+%22twin%22");
    assert_eq!(client.get(&list).status, 503);
    assert_eq!(client.get(&list).status, 200);
}
