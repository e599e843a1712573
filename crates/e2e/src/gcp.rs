//! A Google Cloud over Google's own generated code, in Go, and the credentials that log in there.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Running, STARTS, direct, free_port, go, packages, run, servers};

/// Far more than a start takes on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub struct Gcp {
    process: Running,
    folder: TempDir,
    port: u16,
}

impl Gcp {
    /// Builds the server unless it is there, starts it, and waits until it answers.
    ///
    /// # Errors
    ///
    /// If it cannot be built or does not get ready.
    pub fn start() -> io::Result<Gcp> {
        let program = go("gcp", None)?;
        let mut started = Gcp::start_once(&program);
        for _ in 1..STARTS {
            if started.is_err() {
                started = Gcp::start_once(&program);
            }
        }
        started
    }

    fn start_once(program: &Path) -> io::Result<Gcp> {
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let mut command = direct(program);
        command
            .arg("-folder")
            .arg(folder.path())
            .arg("-port")
            .arg(port.to_string());
        let mut server = Gcp {
            process: Running::start(&mut command, &folder.path().join("server.log"))?,
            folder,
            port,
        };
        let start = Instant::now();
        while server.asked().is_err() {
            server.process.check()?;
            if start.elapsed() > START {
                return Err(server.process.error("the server does not get ready"));
            }
            sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// The address of all services.
    pub fn url(&self) -> String {
        format!("http://{}", self.host())
    }

    /// Its host and port.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A file that it has written: `reader.json` and other credentials, `ca.pem`.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of these files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What was asked since this was called last, `METHOD PATH` each.
    ///
    /// # Errors
    ///
    /// If the server does not say so.
    pub fn asked(&self) -> io::Result<Vec<String>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(b"GET /asked HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .ok_or_else(|| io::Error::other("no answer"))?;
        if !head.contains(" 200 ") {
            return Err(io::Error::other(head));
        }
        Ok(body.lines().map(str::to_owned).collect())
    }
}

/// What Google's own client finds in the environments of a file, where what is meant for Google goes
/// to this address: what `servers/gcpsecretmanager/logins.py` prints.
///
/// # Errors
///
/// If the client cannot be installed or started.
pub fn google_logins(url: &str, environments: &Path) -> io::Result<String> {
    let packages = packages("gcpsecretmanager")?;
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = direct(python);
    command
        .arg("-B")
        .arg(servers().join("gcpsecretmanager/logins.py"))
        .arg(url)
        .arg(environments)
        .env("PYTHONPATH", packages);
    run(&mut command)
}
