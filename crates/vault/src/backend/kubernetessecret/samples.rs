//! An API server with Secrets, and kubeconfigs for it; for the tests.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::KubernetesSecret;
use super::process::Process;
use crate::suite::{Reply, SENTINEL, Seen, Server, TOKEN};
use crate::{
    Keys, RunContext, Secret, SecretPath, SecretRequest, SecretValue, Settings, VaultBackend as _,
    VaultError,
};

/// A Secret as the server has it.
pub(super) fn object(namespace: &str, name: &str, data: &[(&str, &[u8])]) -> Value {
    let data: serde_json::Map<String, Value> = data
        .iter()
        .map(|(key, value)| ((*key).to_owned(), STANDARD.encode(value).into()))
        .collect();
    json!({"kind": "Secret", "apiVersion": "v1", "type": "Opaque", "data": data,
        "metadata": {"name": name, "namespace": namespace, "resourceVersion": "41",
            "managedFields": [{"manager": "kubectl"}]}})
}

/// The answer that says why there is no other.
pub(super) fn status(code: u16, reason: &str, details: Value) -> Reply {
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": format!("{reason}: {SENTINEL}"), "reason": reason, "details": details, "code": code});
    Reply::json(status.to_string()).with_status(code)
}

/// What a server with these Secrets answers to this token.
pub(super) fn answer(objects: &[Value], token: &str, seen: &Seen) -> Reply {
    if seen.header("authorization") != Some(&format!("Bearer {token}")) {
        return status(401, "Unauthorized", Value::Null);
    }
    let parts: Vec<&str> = seen.target.trim_start_matches('/').split('/').collect();
    let ["api", "v1", "namespaces", namespace, "secrets", name] = parts.as_slice() else {
        return Reply::new(404).with_body("404 page not found");
    };
    let found = objects.iter().find(|object| {
        let metadata = &object["metadata"];
        metadata["namespace"] == *namespace && metadata["name"] == *name
    });
    match found {
        Some(object) => Reply::json(object.to_string()),
        None => status(404, "NotFound", json!({"name": name, "kind": "secrets"})),
    }
}

/// A server with these Secrets.
pub(super) async fn serve(objects: Vec<Value>) -> Server {
    Server::start(move |seen| answer(&objects, TOKEN, seen)).await
}

/// A folder with a kubeconfig, and a process that finds nothing else.
pub(super) struct TestHome {
    folder: TempDir,
    pub(super) process: Process,
}

impl TestHome {
    /// A kubeconfig with this cluster and this user, both as flow YAML.
    pub(super) fn new(cluster: &str, user: &str) -> Self {
        let place = TestHome::empty();
        place.file("config", &kubeconfig(cluster, user));
        place
    }

    pub(super) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = Process {
            service: None,
            account: folder.path().join("account"),
            home: None,
        };
        TestHome { folder, process }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(super) fn settings(&self) -> Settings {
        kubeconfig_settings(&self.path("config"))
    }

    pub(super) fn backend(&self) -> Result<KubernetesSecret, VaultError> {
        KubernetesSecret::from_process(&self.settings(), &self.process, false)
    }
}

pub(super) fn kubeconfig_settings(file: &Path) -> Settings {
    Settings::new().with("KUBECONFIG", file.to_str().unwrap())
}

pub(super) fn kubeconfig(cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\npreferences: {{}}\ncurrent-context: main\n\
         contexts: [{{name: main, context: {{cluster: here, user: me, namespace: elsewhere}}}}]\n\
         clusters: [{{name: here, cluster: {cluster}}}]\n\
         users: [{{name: me, user: {user}}}]\n"
    )
}

/// The backend for a server, by a token.
pub(super) fn backend(server: &Server) -> KubernetesSecret {
    let cluster = format!("{{server: '{}'}}", server.url());
    TestHome::new(&cluster, &format!("{{token: {TOKEN}}}"))
        .backend()
        .unwrap()
}

/// A request for keys of a path.
pub(super) fn request(path: &str, keys: &[&str]) -> SecretRequest {
    SecretRequest::new(
        SecretPath::verbatim(path),
        Keys::names(keys.iter().copied()),
    )
}

/// Reads `password` at each path.
pub(super) async fn read(
    backend: &KubernetesSecret,
    paths: &[&str],
) -> Vec<Result<Secret, VaultError>> {
    let requests: Vec<_> = paths
        .iter()
        .map(|path| {
            SecretRequest::new(backend.parse_path(path).unwrap(), Keys::names(["password"]))
        })
        .collect();
    backend.read(&requests, &RunContext::default()).await
}

/// The error of the one answer.
pub(super) async fn failure(backend: &KubernetesSecret, path: &str) -> VaultError {
    read(backend, &[path]).await.remove(0).unwrap_err()
}

/// Whether the one answer holds this text.
pub(super) async fn has(backend: &KubernetesSecret, path: &str, text: &str) -> bool {
    let answers = read(backend, &[path]).await;
    answers[0].as_ref().unwrap().value("password") == Some(Ok(&SecretValue::text(text)))
}
