//! An OpenBao server of a test's own.

use std::collections::BTreeSet;
use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use manifill_conformance::{run, servers};
use manifill_vault::http::{Answer, Client, HttpSettings, Method, Retry, Url};
use manifill_vault::{Run, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The token that may do everything.
const ROOT: &str = "conformance-root";

/// A running server; it ends when it is dropped.
pub(crate) struct OpenBao {
    process: Child,
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
        let port = free_port();
        let mut command = bao(&folder);
        command
            .args(["server", "-dev", "-dev-no-store-token", "-config=audit.hcl"])
            .arg(format!("-dev-root-token-id={ROOT}"))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .args(flags);
        let scheme = match flags.is_empty() {
            true => "http",
            false => {
                command.arg("-dev-tls-cert-dir=.");
                "https"
            }
        };
        let http = HttpSettings::new("OpenBao").with_any_certificate();
        let url = format!("{scheme}://127.0.0.1:{port}");
        let mut server = Self::run(command, folder, http, url);
        server.until(200).await;
        server
    }

    /// A server with a listener of the test's own; it is sealed and has no token.
    pub(crate) async fn start_with(listener: &str, folder: TempDir, http: HttpSettings) -> Self {
        let port = free_port();
        let config = format!(
            "storage \"inmem\" {{}}\nlistener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n{listener}}}\n"
        );
        std::fs::write(folder.path().join("server.hcl"), config).unwrap();
        let mut command = bao(&folder);
        command.args(["server", "-config=server.hcl"]);
        let url = format!("https://127.0.0.1:{port}");
        let mut server = Self::run(command, folder, http, url);
        // Not initialized.
        server.until(501).await;
        server
    }

    fn run(mut command: Command, folder: TempDir, http: HttpSettings, url: String) -> Self {
        let log = File::create(folder.path().join("server.log")).unwrap();
        let process = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let client = Client::new(http).unwrap();
        let token = ROOT.to_owned();
        OpenBao {
            process,
            folder,
            client,
            url,
            token,
        }
    }

    /// Waits until the server says so of its health.
    async fn until(&mut self, status: u16) {
        let start = Instant::now();
        loop {
            let health = self.ask(Method::GET, "sys/health", None).await;
            if health.is_ok_and(|answer| answer.status() == status) {
                return;
            }
            let ended = self.process.try_wait().unwrap();
            if ended.is_some() || start.elapsed() > Duration::from_secs(30) {
                panic!(
                    "OpenBao does not start ({ended:?}):\n{}",
                    self.log("server.log")
                );
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
        self.until(200).await;
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
        request.send(&Run::default(), &Retry::never()).await
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

impl Drop for OpenBao {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn bao(folder: &TempDir) -> Command {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        let setup = servers().join("openbao/setup.sh");
        run(&mut Command::new(setup)).unwrap().trim_end().to_owned()
    });
    let mut command = Command::new(program);
    command
        .current_dir(folder.path())
        .env("HOME", folder.path());
    command
}

/// A free port after which another one is free, for the cluster; no test gets that of another.
fn free_port() -> u16 {
    static TAKEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        if port == u16::MAX || TcpListener::bind(("127.0.0.1", port + 1)).is_err() {
            continue;
        }
        let mut taken = TAKEN.lock().unwrap();
        if !taken.contains(&port) && !taken.contains(&(port + 1)) {
            taken.extend([port, port + 1]);
            return port;
        }
    }
}
