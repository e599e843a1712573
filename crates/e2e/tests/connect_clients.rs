//! The official 1Password Connect clients find in the fake server what they find in a real one,
//! and ask it for what they ask a real one.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::OnceLock;

use manifill_connect_fake::{Data, Options, Recorded, Server};
use manifill_e2e::{Packages, run, servers, skip};

#[test]
fn python() {
    if skip("the official Python client") {
        return;
    }
    let folder = servers().join("connect-clients");
    let log = record(&mut packages().python(&folder.join("check.py")));
    compare(
        &log,
        include_str!("../servers/connect-clients/python.requests"),
    );
    assert!(agents(&log).all(|agent| agent.starts_with("python-httpx/")));
    // One until it was dropped on demand, and one after that.
    assert_eq!(connections(&log), 2);
}

#[test]
fn javascript() {
    if skip("the official JavaScript client") {
        return;
    }
    let folder = servers().join("connect-clients");
    let log = record(&mut packages().node(&folder.join("check.js")));
    compare(
        &log,
        include_str!("../servers/connect-clients/javascript.requests"),
    );
    assert!(agents(&log).all(|agent| agent.starts_with("connect-sdk-js/1.4.2")));
    // As many as the requests in parallel take.
    assert_eq!(connections(&log), 2);
}

fn packages() -> &'static Packages {
    static PACKAGES: OnceLock<Packages> = OnceLock::new();
    PACKAGES.get_or_init(|| Packages::install().unwrap())
}

/// Runs a client against a fresh server of the fixtures.
fn record(client: &mut Command) -> Vec<Recorded> {
    let server = Server::start_blocking(Options {
        data: Data::fixtures(),
        ..Options::default()
    })
    .unwrap();
    client
        .env("OP_CONNECT_HOST", server.url())
        .env("OP_CONNECT_TOKEN", server.token());
    run(client).unwrap();
    server.requests()
}

/// Compares the requests of each step, the id of the vault shortened to `V`. The order of those
/// that are sent in parallel does not count.
fn compare(log: &[Recorded], expected: &str) {
    let mut text = String::new();
    for step in log.chunk_by(|one, next| one.mark == next.mark) {
        let mark = step[0].mark.as_deref().unwrap();
        text += &format!("{mark}\n");
        let mut lines: Vec<String> = step.iter().map(line).collect();
        if mark.ends_with("(in parallel)") {
            lines.sort();
        }
        text.extend(lines);
    }
    assert!(text == expected, "these are the requests:\n{text}");
}

fn line(request: &Recorded) -> String {
    let line = request
        .to_string()
        .replace("prodvault000000000000000aa", "V");
    format!("  {line}\n")
}

fn connections(log: &[Recorded]) -> usize {
    let numbers: BTreeSet<u64> = log.iter().map(|request| request.connection).collect();
    numbers.len()
}

fn agents(log: &[Recorded]) -> impl Iterator<Item = &str> {
    let headers = log.iter().flat_map(|request| &request.headers);
    headers
        .filter(|(name, _)| name == "user-agent")
        .map(|(_, value)| value.as_str())
}
