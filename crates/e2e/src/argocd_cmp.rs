//! Argo CD's own plugin server, and a client that plays its repo-server with Argo CD's own code.

use std::fs;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::Running;
use crate::{direct, run, servers};

/// Far more than a start takes on a busy machine.
const START: Duration = Duration::from_secs(60);

/// The programs of `servers/argocd-cmp`.
#[derive(Debug, Clone)]
pub struct ArgoCdCmp {
    folder: PathBuf,
}

/// A plugin server that runs until this is dropped.
#[derive(Debug)]
pub struct PluginServer {
    running: Running,
    socket: PathBuf,
    folder: TempDir,
}

impl ArgoCdCmp {
    /// Builds the programs unless they are there.
    ///
    /// # Errors
    ///
    /// What the build wrote.
    pub fn build() -> io::Result<ArgoCdCmp> {
        // Tests of one process run side by side, and the first of them builds.
        static BUILDS: Mutex<()> = Mutex::new(());
        let _alone = BUILDS.lock().map_err(|_| io::Error::other("argocd-cmp"))?;
        let folder = run(&mut Command::new(servers().join("argocd-cmp/build.sh")))?;
        Ok(ArgoCdCmp {
            folder: PathBuf::from(folder.trim_end()),
        })
    }

    /// Starts `argocd-cmp-server` with a plugin, whose file and name these are, and waits for its
    /// socket. The environment is the one of the plugin's container, beside a `PATH` that begins
    /// with a folder of programs.
    ///
    /// # Errors
    ///
    /// What the server wrote, if it does not start.
    pub fn serve(
        &self,
        sockets: &Path,
        name: &str,
        file: &str,
        programs: &Path,
        environment: &[(String, String)],
    ) -> io::Result<PluginServer> {
        let folder = tempfile::tempdir()?;
        for part in ["config", "work", "home"] {
            fs::create_dir(folder.path().join(part))?;
        }
        fs::write(folder.path().join("config/plugin.yaml"), file)?;
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = direct(self.folder.join("argocd-cmp-server"));
        command
            .arg("--config-dir-path")
            .arg(folder.path().join("config"))
            .env_clear()
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("HOME", folder.path().join("home"))
            .env("TMPDIR", folder.path().join("home"))
            .env("ARGOCD_CMP_WORKDIR", folder.path().join("work"))
            .env("ARGOCD_PLUGINSOCKFILEPATH", sockets)
            .envs(environment.iter().cloned());
        let running = Running::start(&mut command, &folder.path().join("log"))?;
        let mut server = PluginServer {
            running,
            socket: sockets.join(format!("{name}.sock")),
            folder,
        };
        let start = Instant::now();
        while UnixStream::connect(&server.socket).is_err() {
            server.running.check()?;
            if start.elapsed() > START {
                return Err(server.running.error("the server does not listen"));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Runs jobs, so many at once, against the sockets of a folder, and hands back the answers. Both
    /// are lists in JSON; `client/main.go` says what is in them.
    ///
    /// # Errors
    ///
    /// What the client wrote, if it fails itself.
    pub fn ask(&self, sockets: &Path, parallel: usize, jobs: &str) -> io::Result<String> {
        let folder = tempfile::tempdir()?;
        let mut client = direct(self.folder.join("client"))
            .arg("-parallel")
            .arg(parallel.to_string())
            .env("ARGOCD_PLUGINSOCKFILEPATH", sockets)
            .env("TMPDIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        // Nothing is written before all is read.
        if let Some(mut stdin) = client.stdin.take() {
            stdin.write_all(jobs.as_bytes())?;
        }
        let output = client.wait_with_output()?;
        if output.status.success() {
            return String::from_utf8(output.stdout).map_err(io::Error::other);
        }
        Err(io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    }
}

impl PluginServer {
    /// What is left of what was sent, below the server's working folder.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn left(&self) -> io::Result<Vec<PathBuf>> {
        let work = self.folder.path().join("work/_cmp_server");
        fs::read_dir(work)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect()
    }

    /// The command lines of the programs that it started and that still run.
    ///
    /// # Errors
    ///
    /// If the processes cannot be listed.
    pub fn children(&self) -> io::Result<Vec<String>> {
        let own = self.running.id().to_string();
        let mut children = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let process = entry?.path();
            // Others end while they are looked at.
            let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
            let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            let mut fields = after_name.split(' ');
            let (state, parent) = (fields.next(), fields.next());
            if parent == Some(own.as_str()) && state != Some("Z") {
                let words = fs::read(process.join("cmdline")).unwrap_or_default();
                children.push(String::from_utf8_lossy(&words).replace('\0', " "));
            }
        }
        Ok(children)
    }

    /// What the server has logged.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn log(&self) -> io::Result<String> {
        fs::read_to_string(self.folder.path().join("log"))
    }
}
