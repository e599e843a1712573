//! A server of Argo CD's plugin protocol, whoever wrote it.

use std::fs;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::direct;
use crate::process::Running;

/// Far more than a start or an end takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A plugin server that runs until this is dropped.
#[derive(Debug)]
pub struct PluginServer {
    running: Running,
    /// Where it unpacks what is sent.
    work: PathBuf,
    folder: TempDir,
}

impl PluginServer {
    /// Starts `manifill argocd-plugin` with arguments, by a program before it if there is one, and
    /// waits for the sockets of these names. `environment` is all of its environment but `PATH`,
    /// `HOME` and `TMPDIR`.
    ///
    /// # Errors
    ///
    /// What the server wrote, if it does not start.
    pub fn native(
        command: &[&Path],
        sockets: &Path,
        names: &[&str],
        arguments: &[&str],
        environment: &[(String, String)],
    ) -> io::Result<PluginServer> {
        let folder = tempfile::tempdir()?;
        let work = folder.path().join("tmp");
        for part in ["tmp", "home"] {
            fs::create_dir(folder.path().join(part))?;
        }
        let Some((program, before)) = command.split_first() else {
            return Err(io::Error::other("there is no program"));
        };
        let mut command = direct(program);
        command
            .args(before)
            .args(["argocd-plugin", "--socket-dir"])
            .arg(sockets)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path().join("home"))
            .env("TMPDIR", &work)
            .envs(environment.iter().cloned());
        let names = names
            .iter()
            .map(|name| sockets.join(format!("{name}.sock")));
        PluginServer::start(&mut command, folder, work, &names.collect::<Vec<_>>())
    }

    /// Starts a server that logs into a folder, and waits for its sockets.
    pub(crate) fn start(
        command: &mut Command,
        folder: TempDir,
        work: PathBuf,
        sockets: &[PathBuf],
    ) -> io::Result<PluginServer> {
        let running = Running::start(command, &folder.path().join("log"))?;
        let mut server = PluginServer {
            running,
            work,
            folder,
        };
        let start = Instant::now();
        for socket in sockets {
            while UnixStream::connect(socket).is_err() {
                server.running.check()?;
                if start.elapsed() > PATIENCE {
                    return Err(server.running.error("the server does not listen"));
                }
                sleep(Duration::from_millis(20));
            }
        }
        Ok(server)
    }

    /// Sends it a signal, such as `TERM`.
    ///
    /// # Errors
    ///
    /// If that is not possible.
    pub fn signal(&self, name: &str) -> io::Result<()> {
        self.running.signal(name)
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    ///
    /// The end of what it wrote, if it does not end in time.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.running.wait(PATIENCE)
    }

    /// The most memory that it had, in bytes.
    ///
    /// # Errors
    ///
    /// If it has ended.
    pub fn peak_memory(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.running.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        let kilobytes = kilobytes.ok_or_else(|| io::Error::other("there is no VmHWM"))?;
        Ok(kilobytes * 1024)
    }

    /// What is left of what was sent, below the server's working folder.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn left(&self) -> io::Result<Vec<PathBuf>> {
        let mut left = Vec::new();
        let mut folders = vec![self.work.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                // The folder of a native server, which is there for as long as the server is.
                if name.starts_with("manifill-rendering-") || name.starts_with("server-") {
                    folders.push(path);
                } else if name != "lock" {
                    left.push(path);
                }
            }
        }
        Ok(left)
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
