//! A cloud with a vault, and settings for it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::connect;
use crate::suite::{Reply, Seen, Server, TOKEN};
use crate::{
    ConnectContext, Keys, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError,
};

/// What the cloud gives an application that logs in.
pub(super) const ACCESS: &str = "access-sentinel-4c1f9e";

/// A secret with its versions, the current one last.
#[derive(Clone)]
pub(super) struct Stored {
    name: &'static str,
    versions: Vec<(&'static str, String)>,
    enabled: bool,
}

impl Stored {
    pub(super) fn new(name: &'static str, versions: &[(&'static str, &str)]) -> Self {
        let versions = versions.iter();
        Stored {
            name,
            versions: versions
                .map(|(id, value)| (*id, (*value).to_owned()))
                .collect(),
            enabled: true,
        }
    }

    pub(super) fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }
}

/// What the cloud answers. Two secrets are on a page of the list.
pub(super) fn answer(seen: &Seen, secrets: &[Stored]) -> Reply {
    let (path, query) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
    if path == "/tenant/oauth2/v2.0/token" {
        let body = String::from_utf8_lossy(&seen.body);
        let is_known = seen.method == "POST" && body.contains(&format!("client_secret={TOKEN}"));
        let granted = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": ACCESS});
        return if is_known {
            Reply::json(granted.to_string())
        } else {
            let refusal = json!({"error": "invalid_client", "error_description": TOKEN});
            Reply::json(refusal.to_string()).with_status(401)
        };
    }
    if seen.header("authorization") != Some(&format!("Bearer {ACCESS}")) {
        return refusal(401, "Unauthorized", "");
    }
    let mut fields = query.split('&');
    if fields.next() != Some("api-version=7.4") {
        return refusal(400, "BadParameter", "");
    }
    let host = seen.header("host").unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (name, version) = match *parts.as_slice() {
        ["secrets"] => {
            let skip = fields.next().and_then(|field| field.strip_prefix("skip="));
            return page(host, skip.map_or(0, |skip| skip.parse().unwrap()), secrets);
        }
        ["secrets", name] => (name, None),
        ["secrets", name, version] => (name, Some(version)),
        _ => return Reply::new(404).with_body("<html>nothing</html>"),
    };
    if name == "denied" {
        return refusal(403, "Forbidden", "ForbiddenByRbac");
    }
    let mut known = secrets.iter();
    let Some(secret) = known.find(|secret| secret.name.eq_ignore_ascii_case(name)) else {
        return refusal(404, "SecretNotFound", "");
    };
    if !secret.enabled {
        return refusal(403, "Forbidden", "SecretDisabled");
    }
    let mut versions = secret.versions.iter();
    let found = match version {
        None => versions.next_back(),
        Some(version) => versions.find(|(id, _)| *id == version),
    };
    let Some((id, value)) = found else {
        return refusal(404, "SecretNotFound", "");
    };
    let id = format!("https://{host}/secrets/{}/{id}", secret.name);
    let attributes = json!({"enabled": true, "created": 1, "recoveryLevel": "Recoverable"});
    Reply::json(json!({"value": value, "id": id, "attributes": attributes, "tags": {}}).to_string())
}

fn page(host: &str, skip: usize, secrets: &[Stored]) -> Reply {
    let item = |secret: &Stored| {
        let id = format!("https://{host}/secrets/{}", secret.name);
        let attributes = json!({ "enabled": secret.enabled });
        json!({"id": id, "attributes": attributes})
    };
    let value: Vec<Value> = secrets.iter().skip(skip).take(2).map(item).collect();
    let next = skip + 2;
    let link = format!("http://{host}/secrets?api-version=7.4&skip={next}");
    let link = Some(link).filter(|_| next < secrets.len());
    Reply::json(json!({"value": value, "nextLink": link}).to_string())
}

pub(super) fn refusal(status: u16, code: &str, inner: &str) -> Reply {
    let mut error = json!({"code": code, "message": format!("no {TOKEN}")});
    if !inner.is_empty() {
        error["innererror"] = json!({ "code": inner });
    }
    Reply::json(json!({ "error": error }).to_string()).with_status(status)
}

/// A cloud with a vault that has these secrets.
pub(super) async fn serve(secrets: &[Stored]) -> Server {
    let secrets = secrets.to_vec();
    Server::start(move |seen| answer(seen, &secrets)).await
}

/// Settings for a cloud, with a vault at its address.
pub(super) fn settings(server: &Server) -> Settings {
    Settings::new()
        .with("AZURE_AUTHORITY_HOST", server.url())
        .with("AZURE_KEYVAULT_HOSTS", server.url())
        .with("AZURE_TENANT_ID", "tenant")
        .with("AZURE_CLIENT_ID", "client")
        .with("AZURE_CLIENT_SECRET", TOKEN)
}

/// A request for the keys of the vault at the address of a server, or for all.
pub(super) fn request(server: &Server, keys: &[&str]) -> SecretRequest {
    let keys = match keys {
        [] => Keys::All,
        names => Keys::names(names.iter().copied()),
    };
    SecretRequest::new(SecretPath::verbatim(server.url()), keys)
}

/// Reads in one run.
pub(super) async fn read(
    backend: &Arc<dyn VaultBackend>,
    requests: &[SecretRequest],
) -> Vec<Result<Secret, VaultError>> {
    backend.read(requests, &RunContext::new()).await
}

/// Reads with a new backend.
pub(super) async fn read_one(
    settings: &Settings,
    request: SecretRequest,
) -> Result<Secret, VaultError> {
    let backend = connect(settings, &ConnectContext::new()).unwrap();
    read(&backend, &[request]).await.pop().unwrap()
}

/// The value of a key as JSON; the error that it has; or nothing.
pub(super) fn shown(secret: &Secret, key: &str) -> String {
    match secret.value(key) {
        Some(Ok(value)) => value.to_json(),
        Some(Err(error)) => error.to_string(),
        None => "nothing".to_owned(),
    }
}

/// The targets of the requests so far, sorted.
pub(super) fn targets(server: &Server) -> Vec<String> {
    let seen = server.seen();
    let mut targets: Vec<String> = seen
        .iter()
        .map(|seen| format!("{} {}", seen.method, seen.target))
        .collect();
    targets.sort();
    targets
}

pub(super) const LOGIN: &str = "POST /tenant/oauth2/v2.0/token";
