//! Argo CD's own plugin server, and a client that plays its repo-server with Argo CD's own code.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use crate::{PluginServer, direct, run, servers};

/// The programs of `servers/argocd-cmp`.
#[derive(Debug, Clone)]
pub struct ArgoCdCmp {
    folder: PathBuf,
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
        let work = folder.path().join("work/_cmp_server");
        PluginServer::start(
            &mut command,
            folder,
            work,
            &[sockets.join(format!("{name}.sock"))],
        )
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
