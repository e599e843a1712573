//! Items of every shape, and a Connect server that has them; for the tests.

use std::sync::Arc;

use serde_json::{Value, json};

use super::connect;
use super::model::Item;
use crate::suite::{Reply, Seen, Server, TOKEN};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError,
};

pub(super) const PROD: &str = "prodvault000000000000000aa";
pub(super) const LAB: &str = "labvault0000000000000000aa";
pub(super) const LOGIN: &str = "loginitem0000000000000aaaa";
pub(super) const DOCUMENT: &str = "documentitem00000000000aaa";
pub(super) const OTPAUTH: &str =
    "otpauth://totp/Example:svc?secret=JBSWY3DPEHPK3PXP&issuer=Example";

/// A login: fields without sections, some under `add more`, a one-time password, addresses.
pub(super) fn login() -> Value {
    json!({"id": LOGIN, "title": "db main", "vault": {"id": PROD}, "category": "LOGIN", "version": 3,
      "urls": [{"label": "website", "primary": true, "href": "https://db.example.test"},
               {"href": "https://alt.example.test"}],
      "sections": [{"id": "add more"}],
      "fields": [
        {"id": "username", "type": "STRING", "purpose": "USERNAME", "label": "username", "value": "svc-user"},
        {"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password", "value": "p@ss: #1"},
        {"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain"},
        {"id": "otpfield000000000000000aaa", "section": {"id": "add more"}, "type": "OTP",
         "label": "one-time password", "value": OTPAUTH, "totp": "620460"},
        {"id": "hostfield00000000000000aaa", "section": {"id": "add more"}, "type": "STRING",
         "label": "host", "value": "db.internal"}]})
}

/// A secure note: nothing but notes.
pub(super) fn note() -> Value {
    json!({"id": "noteitem0000000000000aaaaa", "title": "runbook", "vault": {"id": PROD}, "version": 9,
      "fields": [{"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain",
                  "value": "line one\nline two\n"}]})
}

/// A database: labels that differ from their ids.
pub(super) fn database() -> Value {
    json!({"id": "dbitem0000000000000000aaaa", "title": "orders-db", "vault": {"id": PROD},
      "fields": [
        {"id": "database_type", "type": "MENU", "label": "type", "value": "postgresql"},
        {"id": "hostname", "type": "STRING", "label": "server", "value": "10.0.0.5"},
        {"id": "server", "type": "STRING", "label": "standby", "value": "10.0.0.6"},
        {"id": "sid", "type": "STRING", "label": "SID"}]})
}

/// One label at the top, in two sections of the same name and in a third one.
pub(super) fn sections() -> Value {
    json!({"id": "sectionitem000000000000aaa", "title": "sections", "vault": {"id": PROD},
      "sections": [{"id": "sec1", "label": "blue"}, {"id": "sec2", "label": "blue"}, {"id": "sec3", "label": "Green"}],
      "fields": [
        {"id": "fld0", "type": "CONCEALED", "label": "token", "value": "top"},
        {"id": "fld1", "section": {"id": "sec1", "label": "blue"}, "type": "CONCEALED", "label": "token", "value": "blue-1"},
        {"id": "fld2", "section": {"id": "sec2"}, "type": "CONCEALED", "label": "token", "value": "blue-2"},
        {"id": "fld3", "section": {"id": "sec3"}, "type": "CONCEALED", "label": "token", "value": "green"},
        {"id": "fld4", "section": {"id": "sec3"}, "type": "STRING", "label": "user", "value": "same"},
        {"id": "fld5", "section": {"id": "sec1"}, "type": "STRING", "label": "user", "value": "same"}]})
}

/// A document with files, one of them under a label that a field has too.
pub(super) fn document() -> Value {
    json!({"id": DOCUMENT, "title": "document", "vault": {"id": PROD}, "category": "DOCUMENT",
      "sections": [{"id": "sec1", "label": "tls"}],
      "fields": [{"id": "notesPlain", "label": "notesPlain", "value": "n"}, {"id": "f1", "label": "note.txt", "value": "a field"}],
      "files": [{"id": "file1", "name": "note.txt", "size": 4},
                {"id": "file2", "name": "key.pem", "section": {"id": "sec1"}},
                {"id": "file3", "name": "twin"}, {"id": "file4", "name": "twin"}]})
}

pub(super) fn item(value: Value) -> Item {
    serde_json::from_value(value).expect("an item")
}

/// An item with one field, `password`.
pub(super) fn simple(vault: &str, id: &str, title: &str, password: &str) -> Value {
    json!({"id": id, "title": title, "vault": {"id": vault}, "version": 1,
      "fields": [{"id": "password", "label": "password", "type": "CONCEALED", "value": password}]})
}

/// An id that ends in a number.
pub(super) fn id(prefix: &str, number: usize) -> String {
    format!("{prefix}{number:0width$}", width = 26 - prefix.len())
}

/// What a Connect server has.
pub(super) struct Content {
    pub(super) vaults: Vec<(&'static str, &'static str)>,
    pub(super) items: Vec<Value>,
}

impl Content {
    pub(super) fn new(items: Vec<Value>) -> Self {
        Content {
            vaults: vec![(PROD, "Production"), (LAB, "Lab")],
            items,
        }
    }

    pub(super) async fn serve(self) -> Server {
        Server::start(move |seen| self.answer(seen)).await
    }

    /// The answer of a server whose filters ignore letter case, as some do.
    pub(super) fn answer(&self, seen: &Seen) -> Reply {
        if seen.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return refusal(401, "Invalid bearer token");
        }
        let (path, query) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let reply = |value: &Value| Reply::json(value.to_string());
        match parts.as_slice() {
            ["v1", "vaults"] => {
                let vaults = self
                    .vaults
                    .iter()
                    .map(|(id, name)| json!({"id": id, "name": name}));
                reply(&vaults.collect())
            }
            ["v1", "vaults", vault, rest @ ..] if self.vaults.iter().any(|(id, _)| id == vault) => {
                let items = || {
                    self.items
                        .iter()
                        .filter(|item| item["vault"]["id"] == *vault)
                };
                let one = |id: &str| items().find(|item| item["id"] == id);
                match rest {
                    ["items"] => {
                        let title = title_of(query);
                        let matches = |item: &&Value| {
                            let own = item["title"].as_str().unwrap_or_default().to_lowercase();
                            title.as_ref().is_none_or(|title| *title == own)
                        };
                        reply(&items().filter(matches).map(summary).collect())
                    }
                    ["items", id] => match one(id) {
                        Some(item) => reply(item),
                        None => refusal(404, &format!("item {id} not found")),
                    },
                    ["items", id, "files", file, "content"] if one(id).is_some() => Reply::new(200)
                        .with_header("Content-Type", "application/octet-stream")
                        .with_body([&[0, 255], file.as_bytes()].concat()),
                    _ => refusal(404, "file not found"),
                }
            }
            ["v1", "vaults", vault, ..] => refusal(403, &format!("vault {vault} is not in scope")),
            _ => Reply::new(404).with_body("404 page not found"),
        }
    }
}

pub(super) fn refusal(status: u16, message: &str) -> Reply {
    Reply::json(json!({"status": status, "message": message}).to_string()).with_status(status)
}

/// An item as a list has it.
fn summary(item: &Value) -> Value {
    let mut item = item.clone();
    if let Some(item) = item.as_object_mut() {
        for key in ["fields", "sections", "files"] {
            item.remove(key);
        }
    }
    item
}

/// The title that a filter asks for, in lower case.
fn title_of(query: &str) -> Option<String> {
    let filter = query.strip_prefix("filter=")?;
    let filter = percent_encoding::percent_decode_str(filter).decode_utf8_lossy();
    let title = filter.strip_prefix("title eq \"")?.strip_suffix('"')?;
    Some(title.to_lowercase())
}

pub(super) fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("OP_CONNECT_HOST", server.url())
        .with("OP_CONNECT_TOKEN", TOKEN)
}

/// A request for keys at a path.
pub(super) fn request(backend: &Arc<dyn VaultBackend>, path: &str, keys: &[&str]) -> SecretRequest {
    SecretRequest::new(
        backend.parse_path(path).unwrap(),
        Keys::names(keys.iter().copied()),
    )
}

/// Reads `password` at each path; the requests that arrived are in the server.
pub(super) async fn read(
    server: &Server,
    paths: &[&str],
) -> (Vec<Result<Secret, VaultError>>, RunContext) {
    let backend = connect(&settings(server), &ConnectContext::new()).unwrap();
    let requests: Vec<_> = paths
        .iter()
        .map(|path| request(&backend, path, &["password"]))
        .collect();
    let run = RunContext::default();
    let before = server.seen().len() as u64;
    let answers = backend.read(&requests, &run).await;
    assert_eq!(answers.len(), paths.len());
    assert_eq!(before + run.requests_sent(), server.seen().len() as u64);
    (answers, run)
}

/// The paths and queries that arrived.
pub(super) fn targets(server: &Server) -> Vec<String> {
    server.seen().into_iter().map(|seen| seen.target).collect()
}

/// The value of `password`.
pub(super) fn password(answer: &Result<Secret, VaultError>) -> String {
    let secret = answer.as_ref().unwrap();
    secret
        .value("password")
        .unwrap()
        .unwrap()
        .expose()
        .as_text()
        .unwrap()
        .to_owned()
}

/// Twenty items in two vaults.
pub(super) fn twenty() -> Vec<Value> {
    (0..20)
        .map(|n| {
            simple(
                [PROD, LAB][n % 2],
                &id("item", n),
                &format!("title {n}"),
                &format!("value {n}"),
            )
        })
        .collect()
}
