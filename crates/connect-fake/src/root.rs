//! What lies outside `/v1`: the probes, which need no token, and `/__ctl`.

use std::collections::BTreeMap;

use serde_json::json;

use crate::fault::Faults;
use crate::log::Log;
use crate::query::Query;
use crate::response::Response;

/// The server version that is imitated.
pub(crate) const VERSION: &str = "1.8.2";

pub(crate) fn heartbeat() -> Response {
    Response::text(".")
}

/// A server is healthy before it was ever given a token, though no secret can be read by then.
pub(crate) fn health(log: &Log) -> Response {
    let is_unlocked = log.read(|entries| {
        entries.iter().any(|entry| {
            entry.request.path.starts_with("/v1/") && entry.request.status == Some(200)
        })
    });
    let (sync, account) = if is_unlocked {
        (
            "ACTIVE",
            json!({"service": "1Password", "status": "ACTIVE"}),
        )
    } else {
        let message = "Make a request with a valid bearer token to initialize";
        (
            "TOKEN_NEEDED",
            json!({"service": "1Password", "status": "UNINITIALIZED", "message": message}),
        )
    };
    Response::json(&json!({
        "name": "1Password Connect API",
        "version": VERSION,
        "dependencies": [
            {"service": "sync", "status": sync},
            {"service": "sqlite", "status": "ACTIVE", "message": "Connected to fake data"},
            account,
        ],
    }))
}

/// Counts of answers by status, in Prometheus' text format.
pub(crate) fn metrics(log: &Log) -> Response {
    let counts = log.read(|entries| {
        let mut counts = BTreeMap::new();
        for status in entries.iter().filter_map(|entry| entry.request.status) {
            *counts.entry(status).or_insert(0) += 1;
        }
        counts
    });
    let mut text = String::from("# TYPE http_requests_total counter\n");
    for (status, count) in counts {
        text += &format!("http_requests_total{{code=\"{status}\"}} {count}\n");
    }
    Response::typed(200, "text/plain; version=0.0.4; charset=utf-8", text)
}

/// Sets a mark in the log, orders a fault.
pub(crate) fn control(query: &Query, log: &Log, faults: &Faults) -> Response {
    if let Some(mark) = query.value("mark") {
        log.mark(mark);
    }
    if let Some(text) = query.value("fault") {
        match text.parse() {
            Ok(rule) => faults.push(rule),
            Err(error) => return Response::error(400, error.to_string()),
        }
    }
    Response::text("ok")
}
