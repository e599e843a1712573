//! A server for tests, which answers as Conjur does.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::connect;
use crate::suite::{Reply, Seen, Server, TOKEN};
use crate::transport::http::Url;
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultError,
};

/// The variables of the account `acme`, each with its versions, the newest at the end.
#[derive(Clone, Default)]
pub(super) struct Variables {
    pub(super) values: BTreeMap<String, Vec<Vec<u8>>>,
    /// Those that the login sees and may not read.
    pub(super) forbidden: BTreeSet<String>,
    /// Whether the login may not list them.
    pub(super) unlisted: bool,
    /// Whether the server knows no base64.
    pub(super) is_old: bool,
}

impl Variables {
    pub(super) fn with(mut self, id: &str, versions: &[&[u8]]) -> Self {
        let versions = versions.iter().map(|value| value.to_vec()).collect();
        self.values.insert(id.to_owned(), versions);
        self
    }

    pub(super) fn with_forbidden(mut self, id: &str) -> Self {
        self.forbidden.insert(id.to_owned());
        self.with(id, &[b"forbidden"])
    }

    /// What the server answers to a request with a login.
    pub(super) fn answer(&self, seen: &Seen) -> Reply {
        let path = seen.target.split('?').next().unwrap_or_default();
        let parameter = |name: &str| {
            let url = Url::parse(&format!("http://h{}", seen.target)).unwrap();
            let mut pairs = url.query_pairs();
            pairs
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        if path == "/secrets" {
            let ids = parameter("variable_ids").unwrap_or_default();
            let encodes = seen.header("accept-encoding") == Some("base64") && !self.is_old;
            return self.batch(&ids.split(',').collect::<Vec<_>>(), encodes);
        }
        if path == "/resources/acme" && parameter("kind").as_deref() == Some("variable") {
            if self.unlisted {
                return Reply::new(403);
            }
            let ids = self.values.keys();
            let ids = ids.map(|id| json!({"id": format!("acme:variable:{id}"), "owner": "x"}));
            return Reply::json(Value::from_iter(ids).to_string());
        }
        let Some(id) = path.strip_prefix("/secrets/acme/variable/") else {
            return Reply::new(404).with_body("<html>no route</html>");
        };
        let id = decoded(id);
        if self.forbidden.contains(&id) {
            return Reply::new(403);
        }
        let versions = self.values.get(&id).map(Vec::as_slice).unwrap_or_default();
        let number = parameter("version").map(|text| text.parse::<usize>().unwrap());
        let index = number.unwrap_or(versions.len()).checked_sub(1);
        match index.and_then(|index| versions.get(index)) {
            Some(value) => Reply::new(200)
                .with_header("Content-Type", "application/octet-stream")
                .with_body(value.clone()),
            None => not_found(),
        }
    }

    fn batch(&self, ids: &[&str], encodes: bool) -> Reply {
        let mut values = Map::new();
        for full in ids {
            let id = full.strip_prefix("acme:variable:").unwrap_or_default();
            let newest = self.values.get(id).and_then(|versions| versions.last());
            let Some(value) = newest else {
                return not_found();
            };
            if self.forbidden.contains(id) {
                return Reply::new(403);
            }
            let text = match String::from_utf8(value.clone()) {
                _ if encodes => lines(value),
                Ok(text) => text,
                Err(_) => return Reply::new(406),
            };
            values.insert((*full).to_owned(), text.into());
        }
        let reply = Reply::json(Value::Object(values).to_string());
        if encodes {
            reply.with_header("Content-Encoding", "base64")
        } else {
            reply
        }
    }
}

/// Base64 with a line break after 60 characters and at the end.
fn lines(value: &[u8]) -> String {
    let text = STANDARD.encode(value);
    let lines = text.as_bytes().chunks(60);
    let lines = lines.map(|line| String::from_utf8_lossy(line) + "\n");
    lines.collect()
}

fn decoded(text: &str) -> String {
    let url = Url::parse(&format!("http://h/?x={text}")).unwrap();
    let (_, text) = url.query_pairs().next().unwrap();
    text.into_owned()
}

/// A 404 of the API.
pub(super) fn not_found() -> Reply {
    let body = json!({"error": {"code": "not_found", "message": "is empty or not found"}});
    Reply::json(body.to_string()).with_status(404)
}

/// The access token that a login brings; its number tells it from others.
pub(super) fn access_token(number: u64) -> String {
    let payload = STANDARD.encode(format!(r#"{{"sub":"host/app","iat":1000,"n":{number}}}"#));
    json!({"protected": "cA==", "payload": payload, "signature": "cw=="}).to_string()
}

/// The header that a request has with this access token.
pub(super) fn header(token: &str) -> String {
    format!("Token token=\"{}\"", STANDARD.encode(token))
}

/// A server with these variables, and with the logins of [`settings`] and of a service `k8s`.
pub(super) async fn serve(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |seen| {
        if seen.method == "POST" {
            let is_key = seen.target == "/authn/acme/host%2Fapp/authenticate"
                && seen.body == TOKEN.as_bytes();
            let is_jwt = seen.target.starts_with("/authn-jwt/k8s/acme/");
            return if is_key || is_jwt {
                Reply::new(200).with_body(access_token(1))
            } else {
                Reply::new(401)
            };
        }
        if seen.header("authorization") != Some(&header(&access_token(1))) {
            return Reply::new(401);
        }
        answer(seen)
    })
    .await
}

/// A server with these variables.
pub(super) async fn with(variables: Variables) -> Server {
    serve(move |seen| variables.answer(seen)).await
}

/// Settings for a server and a login by API key.
pub(super) fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("CONJUR_APPLIANCE_URL", server.url())
        .with("CONJUR_ACCOUNT", "acme")
        .with("CONJUR_AUTHN_LOGIN", "host/app")
        .with("CONJUR_AUTHN_API_KEY", TOKEN)
}

/// A request for keys of a path, `path#version`, or for all of them.
pub(super) fn request(path: &str, keys: &[&str]) -> SecretRequest {
    let (path, version) = match path.split_once('#') {
        Some((path, version)) => (path, Some(version)),
        None => (path, None),
    };
    let keys = match keys {
        [] => Keys::All,
        keys => Keys::names(keys.iter().copied()),
    };
    let mut request = SecretRequest::new(SecretPath::verbatim(path), keys);
    request.version = version.map(str::to_owned);
    request
}

/// Reads in one run with a new backend.
pub(super) async fn read(
    settings: &Settings,
    requests: &[SecretRequest],
) -> Vec<Result<Secret, VaultError>> {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    backend.read(requests, &RunContext::default()).await
}

/// Reads one key.
pub(super) async fn read_one(
    settings: &Settings,
    path: &str,
    key: &str,
) -> Result<Secret, VaultError> {
    let mut answers = read(settings, &[request(path, &[key])]).await;
    answers.pop().unwrap()
}

/// The value of a key as JSON; nothing if it is missing.
pub(super) fn json_of(answer: &Result<Secret, VaultError>, key: &str) -> String {
    let value = answer.as_ref().unwrap().value(key);
    value.map_or_else(String::new, |value| value.unwrap().to_json())
}

/// The requests so far, without the logins.
pub(super) fn targets(server: &Server) -> Vec<String> {
    let seen = server.seen().into_iter();
    let reads = seen.filter(|seen| seen.method == "GET");
    reads.map(|seen| seen.target).collect()
}
