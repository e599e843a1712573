//! An OpenBao server of a test's own.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use manifill_e2e::{Running, STARTS, bao, free_ports};
use manifill_vault::transport::http::{Answer, Client, HttpSettings, Method, Retry, Url};
use manifill_vault::{RunContext, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The token that may do everything.
const ROOT: &str = "e2e-root";

/// A running server; it ends when it is dropped.
pub(crate) struct OpenBao {
    process: Running,
    folder: TempDir,
    client: Client,
    url: String,
    token: String,
}

impl OpenBao {
    /// A server in its development mode: unsealed, in memory, with KV version 2 at `secret/`.
    pub(crate) async fn start() -> Self {
        Self::start_dev(&[]).await
    }

    /// The same with TLS; the CA is in the file `vault-ca.pem`.
    pub(crate) async fn start_tls() -> Self {
        Self::start_dev(&["-dev-tls"]).await
    }

    async fn start_dev(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("audit.log");
        let config = format!("audit \"file\" \"log\" {{ options {{ file_path = {log:?} }} }}\n");
        std::fs::write(folder.path().join("audit.hcl"), config).unwrap();
        let scheme = if flags.is_empty() { "http" } else { "https" };
        let http = HttpSettings::new("OpenBao").with_any_certificate();
        Self::run(folder, http, scheme, 200, |command, _, port| {
            command
                .args(["-dev", "-dev-no-store-token", "-config=audit.hcl"])
                .arg(format!("-dev-root-token-id={ROOT}"))
                .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
                .args(flags);
            if !flags.is_empty() {
                command.arg("-dev-tls-cert-dir=.");
            }
        })
        .await
    }

    /// A server with a listener of the test's own; it is sealed and has no token.
    pub(crate) async fn start_with(listener: &str, folder: TempDir, http: HttpSettings) -> Self {
        // 501: not initialized.
        Self::run(folder, http, "https", 501, |command, folder, port| {
            let config = format!(
                "storage \"inmem\" {{}}\nlistener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n{listener}}}\n"
            );
            std::fs::write(folder.join("server.hcl"), config).unwrap();
            command.arg("-config=server.hcl");
        })
        .await
    }

    /// Starts a server and waits until it says `health` of itself.
    async fn run(
        mut folder: TempDir,
        http: HttpSettings,
        scheme: &str,
        health: u16,
        configure: impl Fn(&mut Command, &Path, u16),
    ) -> Self {
        let mut client = Client::new(http).unwrap();
        let program = bao().unwrap();
        for left in (0..STARTS).rev() {
            // The port behind it is that of the cluster.
            let port = free_ports(2).unwrap();
            let mut command = Command::new(&program);
            command
                .current_dir(folder.path())
                .env("HOME", folder.path())
                .arg("server");
            configure(&mut command, folder.path(), port);
            let log = folder.path().join("server.log");
            let mut server = OpenBao {
                process: Running::start(&mut command, &log).unwrap(),
                folder,
                client,
                url: format!("{scheme}://127.0.0.1:{port}"),
                token: ROOT.to_owned(),
            };
            match server.until(health).await {
                Ok(()) => return server,
                Err(error) if left == 0 => panic!("OpenBao does not start: {error}"),
                Err(_) => (folder, client) = (server.folder, server.client),
            }
        }
        unreachable!("the last start fails or is good")
    }

    /// Waits until the server says so of its health.
    async fn until(&mut self, status: u16) -> io::Result<()> {
        let start = Instant::now();
        loop {
            let health = self.ask(Method::GET, "sys/health", None).await;
            if health.is_ok_and(|answer| answer.status() == status) {
                return Ok(());
            }
            self.process.check()?;
            if start.elapsed() > Duration::from_secs(30) {
                return Err(self.process.error("the server does not get ready"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Unseals a server that is new, and gets its token.
    pub(crate) async fn initialize(&mut self) {
        let keys = self
            .put(
                "sys/init",
                json!({"secret_shares": 1, "secret_threshold": 1}),
            )
            .await;
        self.put("sys/unseal", json!({"key": keys["keys"][0]}))
            .await;
        self.token = keys["root_token"].as_str().unwrap().to_owned();
        self.until(200).await.unwrap();
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A file beside the server.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Settings with the token that may do everything.
    pub(crate) fn settings(&self) -> Settings {
        Settings::new()
            .with("VAULT_ADDR", &self.url)
            .with("AVP_AUTH_TYPE", "token")
            .with("VAULT_TOKEN", &self.token)
    }

    /// Changes something; the answer, or null. A mount of KV version 2 that is new refuses for a
    /// moment.
    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        for _ in 0..200 {
            let answer = self
                .ask(Method::PUT, path, Some(body.clone()))
                .await
                .unwrap();
            let text = String::from_utf8_lossy(answer.body()).into_owned();
            if (200..300).contains(&answer.status()) {
                return serde_json::from_str(&text).unwrap_or_default();
            }
            assert!(
                text.contains("Upgrading from non-versioned"),
                "{path}: {text}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{path}: the mount does not become ready");
    }

    /// Reads something.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, None).await.unwrap();
        answer.success().unwrap().json().unwrap()
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, manifill_vault::VaultError> {
        let url = Url::parse(&format!("{}/v1/{path}", self.url)).unwrap();
        let mut request = self
            .client
            .request(method, url)
            .header("x-vault-token", &self.token);
        if let Some(body) = body {
            request = request.body("application/json", body.to_string());
        }
        request.send(&RunContext::default(), &Retry::never()).await
    }

    /// What the server was asked so far, by its own audit log: operation and path. Requests of
    /// the tests themselves are left out.
    pub(crate) fn audited(&self) -> Vec<String> {
        let log = self.log("audit.log");
        let entries = log
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        entries
            .filter(|entry| {
                let policies = entry["auth"]["policies"].as_array();
                let is_root = policies.is_some_and(|policies| policies.contains(&json!("root")));
                let is_asked = entry["request"]["remote_address"].is_string();
                entry["type"] == "request" && is_asked && !is_root
            })
            .map(|entry| {
                let request = &entry["request"];
                let text = |name: &str| request[name].as_str().unwrap().to_owned();
                format!("{} {}", text("operation"), text("path"))
            })
            .collect()
    }

    fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap_or_default()
    }
}
