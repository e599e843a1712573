//! moto, which answers as AWS does and checks signatures with AWS's own code.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Running, STARTS, direct, free_port, installed, run, servers};

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub struct Moto {
    process: Running,
    packages: PathBuf,
    _folder: TempDir,
    port: u16,
}

impl Moto {
    /// Starts a server that takes any login until [`check_signatures`](Moto::check_signatures).
    ///
    /// # Errors
    ///
    /// If it cannot be installed or does not get ready.
    pub fn start() -> io::Result<Moto> {
        let mut started = Moto::start_once();
        for _ in 1..STARTS {
            if started.is_err() {
                started = Moto::start_once();
            }
        }
        started
    }

    fn start_once() -> io::Result<Moto> {
        let packages = installed(Command::new(servers().join("package.sh")).arg("moto"))?;
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let mut command = python(&packages);
        command
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p"])
            .arg(port.to_string())
            .current_dir(folder.path())
            // More calls than there are before signatures are checked.
            .env("INITIAL_NO_AUTH_ACTION_COUNT", "1000000");
        let mut server = Moto {
            process: Running::start(&mut command, &folder.path().join("server.log"))?,
            packages,
            _folder: folder,
            port,
        };
        let start = Instant::now();
        while server.ask("GET", "data.json", "").is_err() {
            server.process.check()?;
            if start.elapsed() > Duration::from_secs(60) {
                return Err(server.process.error("moto does not get ready"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// The address of all services.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Makes users, a role, secrets, parameters and a key with AWS's own client, and hands back
    /// what `servers/moto/make.py` tells of them.
    ///
    /// # Errors
    ///
    /// What went wrong.
    pub fn make(&self) -> io::Result<String> {
        let mut command = python(&self.packages);
        command
            .arg(servers().join("moto/make.py"))
            .arg(self.url())
            .env("HOME", "/nowhere");
        run(&mut command)
    }

    /// From now on signatures and permissions are checked.
    ///
    /// # Errors
    ///
    /// If the server does not say so.
    pub fn check_signatures(&self) -> io::Result<()> {
        self.ask("POST", "reset-auth", "0")
    }

    /// Asks the server about itself.
    fn ask(&self, method: &str, what: &str, body: &str) -> io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "{method} /moto-api/{what} HTTP/1.0\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let is_good = answer
            .lines()
            .next()
            .is_some_and(|line| line.contains(" 200 "));
        is_good
            .then_some(())
            .ok_or_else(|| io::Error::other(answer))
    }
}

/// What AWS's own client finds in an environment and nothing else: what `servers/moto/chain.py`
/// prints.
///
/// # Errors
///
/// If the client cannot be installed or started.
pub fn aws_credentials(environment: &[(String, String)]) -> io::Result<String> {
    let packages = installed(Command::new(servers().join("package.sh")).arg("moto"))?;
    let mut command = python(&packages);
    command
        .arg(servers().join("moto/chain.py"))
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env("PYTHONPATH", packages);
    run(&mut command)
}

/// Python with moto and AWS's client, and without settings of AWS.
fn python(packages: &std::path::Path) -> Command {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = direct(python);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command.env("PYTHONPATH", packages);
    command
}
