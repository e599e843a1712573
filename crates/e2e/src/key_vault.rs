//! A key vault over Microsoft's own generated code, and what one logs in to it with.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Running, client, direct, go, packages, run, servers};

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub struct KeyVault {
    _process: Running,
    folder: TempDir,
    ready: Value,
}

impl KeyVault {
    /// The tenant that it knows.
    pub const TENANT: &'static str = "10000000-0000-0000-0000-000000000001";
    /// The application that may read from it.
    pub const READER: &'static str = "20000000-0000-0000-0000-000000000001";
    /// An application that may not.
    pub const NOBODY: &'static str = "20000000-0000-0000-0000-000000000002";
    /// The secret of both.
    pub const SECRET: &'static str = "Zk58Q~reader.+secret";
    /// What the managed identity wants to be sent.
    pub const HEADER: &'static str = "identity-header";

    /// Builds the server unless it is there, and starts it.
    ///
    /// # Errors
    ///
    /// What the build wrote, if it failed, or what the server did.
    pub fn start() -> io::Result<KeyVault> {
        let program = go("azurekeyvault", None)?;
        let folder = tempfile::tempdir()?;
        let mut process = Running::start(
            direct(program).arg(folder.path()),
            &folder.path().join("server.log"),
        )?;
        let (start, file) = (Instant::now(), folder.path().join("ready.json"));
        while !file.exists() {
            process.check()?;
            if start.elapsed() > Duration::from_secs(60) {
                return Err(process.error("the key vault does not get ready"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let ready = serde_json::from_slice(&std::fs::read(file)?)?;
        Ok(KeyVault {
            _process: process,
            folder,
            ready,
        })
    }

    /// The address of the vault, and of the service to log in at.
    pub fn url(&self) -> String {
        self.text("vault")
    }

    /// The address of the managed identity.
    pub fn identity(&self) -> String {
        self.text("identity")
    }

    /// A proxy that leads every host to the vault.
    pub fn proxy(&self) -> String {
        self.text("near")
    }

    /// The version of the key `sops-key`.
    pub fn key_version(&self) -> String {
        self.text("key")
    }

    /// A file of the server: `ca.pem`, `app.pem` with the certificate and the key of the applications,
    /// and `pod`, the token of one.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Lets Microsoft's client write secrets and read them, and hands back what it tells of them: by
    /// their names the values of their versions.
    ///
    /// # Errors
    ///
    /// What the client wrote, if something was not as it expects.
    pub fn make(&self) -> io::Result<Value> {
        let mut command = client("azurekeyvault")?;
        let https = ["https_proxy", "HTTPS_PROXY"];
        for name in https {
            command.env_remove(name);
        }
        command
            .env("VAULT", self.url())
            .env("FOLDER", self.folder.path())
            .env("NOBODY", KeyVault::NOBODY)
            .env("AZURE_TENANT_ID", KeyVault::TENANT)
            .env("AZURE_CLIENT_ID", KeyVault::READER)
            .env("AZURE_CLIENT_SECRET", KeyVault::SECRET)
            .env("IDENTITY_ENDPOINT", self.identity())
            .env("IDENTITY_HEADER", KeyVault::HEADER);
        let told = run(&mut command)?;
        let last = told.lines().last().unwrap_or_default();
        Ok(serde_json::from_str(last)?)
    }

    /// The requests since it was asked last: method, path, and who asked.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub fn requests(&self) -> io::Result<Vec<String>> {
        let host = self.proxy().replace("http://", "");
        let mut stream = TcpStream::connect(&host)?;
        write!(stream, "GET /requests HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer
            .split_once("\r\n\r\n")
            .ok_or_else(|| io::Error::other(answer.clone()))?;
        Ok(serde_json::from_str(body)?)
    }

    fn text(&self, name: &str) -> String {
        self.ready[name].as_str().unwrap_or_default().to_owned()
    }
}

/// The tokens that Microsoft's own client finds in each environment of a file: what
/// `servers/azurekeyvault/chain.py` prints. `ca` is the one that it trusts.
///
/// # Errors
///
/// If the client cannot be installed or started.
pub fn azure_tokens(environments: &Path, ca: &Path) -> io::Result<String> {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = direct(python);
    command
        .arg("-B")
        .arg(servers().join("azurekeyvault/chain.py"))
        .args([environments, ca])
        .env("PYTHONPATH", packages("azurekeyvault")?);
    run(&mut command)
}
