//! A fake Conjur with the answers of the real one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use manifill_vault::suite::{Reply, Seen};
use manifill_vault::transport::http::Url;
use serde_json::{Map, Value, json};

pub(crate) const ACCOUNT: &str = "example";
pub(crate) const LOGIN: &str = "host/apps/argocd";
pub(crate) const KEY: &str = "1vgw4jzvyzmay95mrx2s5ad1d2m3hh2rdz38j6kgy2s7dxg1v4y6hg";
pub(crate) const SERVICE: &str = "kubernetes";
pub(crate) const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhcmdvY2QifQ.c2lnbmF0dXJl";
pub(crate) const PASSWORD: &str = "s3cr3t ü\n";

/// The versions of a variable.
fn versions(id: &str) -> Vec<Vec<u8>> {
    match id {
        "prod/db/user" => vec![b"svc_orders".to_vec()],
        "prod/db/password" => vec![b"old".to_vec(), PASSWORD.into()],
        "prod/db/keystore" => vec![(0..=255).collect()],
        "prod/db/root" => vec![b"forbidden".to_vec()],
        _ => Vec::new(),
    }
}

fn access_token() -> String {
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({"sub": LOGIN, "iat": now, "exp": now + 480});
    let part = |value: Value| STANDARD.encode(value.to_string());
    let head = json!({"alg": "conjur.org/slosilo/v2", "kid": "1"});
    json!({"protected": part(head), "payload": part(claims), "signature": "c2ln"}).to_string()
}

/// Whether a request has an access token of this server.
fn has_token(seen: &Seen) -> bool {
    let header = seen.header("authorization").unwrap_or_default();
    let token = header.strip_prefix("Token token=\"");
    let token = token.and_then(|rest| rest.strip_suffix('"'));
    let token = token.and_then(|token| STANDARD.decode(token).ok());
    let token = token.and_then(|token| serde_json::from_slice::<Value>(&token).ok());
    token.is_some_and(|token| token["signature"] == "c2ln")
}

fn not_found() -> Reply {
    let body = json!({"error": {"code": "not_found", "message": "is empty or not found."}});
    Reply::json(body.to_string()).with_status(404)
}

pub(crate) fn answer(seen: &Seen) -> Reply {
    let url = Url::parse(&format!("http://h{}", seen.target)).unwrap();
    let parts: Vec<String> = url.path_segments().unwrap().map(decoded).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let parameter = |name: &str| {
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    };
    if seen.method == "POST" {
        let sent = String::from_utf8_lossy(&seen.body);
        let is_right = match parts.as_slice() {
            ["authn", ACCOUNT, LOGIN, "authenticate"] => sent == KEY,
            ["authn-jwt", SERVICE, ACCOUNT, "authenticate"] => sent == format!("jwt={JWT}"),
            _ => false,
        };
        return if is_right {
            Reply::new(200).with_body(access_token())
        } else {
            Reply::new(401)
        };
    }
    if !has_token(seen) {
        return Reply::new(401);
    }
    match parts.as_slice() {
        ["secrets"] => batch(seen, &parameter("variable_ids").unwrap_or_default()),
        ["secrets", ACCOUNT, "variable", "prod/db/root"] => Reply::new(403),
        ["secrets", ACCOUNT, "variable", id] => {
            let versions = versions(id);
            let number = parameter("version").map(|text| text.parse::<usize>().unwrap());
            let index = number.unwrap_or(versions.len()).checked_sub(1);
            match index.and_then(|index| versions.get(index)) {
                Some(value) => Reply::new(200)
                    .with_header("Content-Type", "application/octet-stream")
                    .with_body(value.clone()),
                None => not_found(),
            }
        }
        ["resources", ACCOUNT] if parameter("kind").as_deref() == Some("variable") => {
            let ids = ["user", "password", "keystore", "root"];
            let resource = |key: &str| json!({"id": format!("{ACCOUNT}:variable:prod/db/{key}"), "owner": "x"});
            Reply::json(Value::from_iter(ids.map(resource)).to_string())
        }
        _ => Reply::new(404).with_body("<html>"),
    }
}

/// All values or none, as the server has it.
fn batch(seen: &Seen, ids: &str) -> Reply {
    let encodes = seen.header("accept-encoding") == Some("base64");
    let mut values = Map::new();
    for full in ids.split(',') {
        let id = full.strip_prefix("example:variable:").unwrap_or_default();
        let Some(value) = versions(id).pop() else {
            return not_found();
        };
        if id == "prod/db/root" {
            return Reply::new(403);
        }
        let text = match String::from_utf8(value.clone()) {
            // With a line break after 60 characters and at the end.
            _ if encodes => {
                let text = STANDARD.encode(value);
                let lines = text.as_bytes().chunks(60);
                lines
                    .map(|line| String::from_utf8_lossy(line) + "\n")
                    .collect()
            }
            Ok(text) => text,
            Err(_) => return Reply::new(406),
        };
        values.insert(full.to_owned(), text.into());
    }
    let reply = Reply::json(Value::Object(values).to_string());
    if encodes {
        reply.with_header("Content-Encoding", "base64")
    } else {
        reply
    }
}

fn decoded(part: &str) -> String {
    let url = Url::parse(&format!("http://h/?x={part}")).unwrap();
    let (_, text) = url.query_pairs().next().unwrap();
    text.into_owned()
}
