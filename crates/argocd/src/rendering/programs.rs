//! Helm and kustomize: which ones the operator names, and how they are run (rule R13).

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use manifill::{Input, printable};
use manifill_vault::transport::process::{Failure, Program, hide_memory};

use super::error::{RenderingError, RenderingErrorKind, cut, shown};
use super::private_folder::{self, PrivateFolder};
use super::remote::RemoteHosts;
use super::workspace::Workspace;

/// How much of what a program says about a mistake is told, in bytes.
const TOLD: usize = 4096;

/// How often it is looked at how much a running program has written.
const LOOK: Duration = Duration::from_millis(250);

/// A program that renders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renders {
    Helm,
    Kustomize,
}

impl Renders {
    /// Its name as a program.
    fn file(self) -> &'static str {
        match self {
            Renders::Helm => "helm",
            Renders::Kustomize => "kustomize",
        }
    }

    /// What it prints for a folder. Places in it are lines of no file of the repository, so it has a
    /// name that nobody takes for one; the file is what Helm and kustomize say themselves (rule R12).
    pub(crate) fn input(self, folder: &str, text: String) -> Input {
        let folder = if folder.is_empty() { "." } else { folder };
        Input::new(format!("what {self} prints for {}", shown(folder)), text)
    }
}

impl fmt::Display for Renders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Renders::Helm => "Helm",
            Renders::Kustomize => "kustomize",
        })
    }
}

/// The programs that the operator names, where they work, and which hosts they may need.
#[derive(Debug)]
pub struct Programs {
    workspace: Workspace,
    helm: Option<PathBuf>,
    kustomize: Option<PathBuf>,
    pub(crate) remote: RemoteHosts,
}

impl Programs {
    /// No programs yet. From here on no other process of the same user can look into this one.
    pub fn new(workspace: Workspace) -> Self {
        hide_memory();
        Programs {
            workspace,
            helm: None,
            kustomize: None,
            remote: RemoteHosts::default(),
        }
    }

    /// Names Helm, by its path or by a name in `PATH`.
    ///
    /// # Errors
    /// [`RenderingErrorKind::Host`] if there is no such file, or if it may not be executed.
    pub fn with_helm(mut self, program: impl AsRef<Path>) -> Result<Self, RenderingError> {
        self.helm = Some(find(program.as_ref())?);
        Ok(self)
    }

    /// Names kustomize, by its path or by a name in `PATH`.
    ///
    /// # Errors
    /// [`RenderingErrorKind::Host`] if there is no such file, or if it may not be executed.
    pub fn with_kustomize(mut self, program: impl AsRef<Path>) -> Result<Self, RenderingError> {
        self.kustomize = Some(find(program.as_ref())?);
        Ok(self)
    }

    /// Opens hosts that charts and kustomizations may name.
    #[must_use]
    pub fn with_remote_hosts(mut self, hosts: RemoteHosts) -> Self {
        self.remote = hosts;
        self
    }

    /// Makes a folder for a run, in which the programs are found.
    pub(crate) fn prepare(&self, renders: Renders) -> Result<PrivateFolder, RenderingError> {
        self.path(renders)?;
        let folder = self.workspace.private_folder()?;
        for renders in [Renders::Helm, Renders::Kustomize] {
            if let Ok(path) = self.path(renders) {
                folder.link_program(renders.file(), path)?;
            }
        }
        Ok(folder)
    }

    fn path(&self, renders: Renders) -> Result<&Path, RenderingError> {
        let path = match renders {
            Renders::Helm => &self.helm,
            Renders::Kustomize => &self.kustomize,
        };
        path.as_deref().ok_or_else(|| {
            let message = format!("this needs {renders}, which this server does not have");
            RenderingError::new(RenderingErrorKind::Host, message)
                .with_hint("the operator of the server has to name the program")
        })
    }

    /// Runs a program in a folder of the repository's private copy, and gives what it prints.
    pub(crate) async fn run(
        &self,
        renders: Renders,
        folder: &PrivateFolder,
        at: &str,
        arguments: Vec<OsString>,
        until: Instant,
    ) -> Result<String, RenderingError> {
        let app = shown(if at.is_empty() { "." } else { at });
        let home = folder.home();
        let limits = self.workspace.limits();
        let mut program = Program::bare(self.path(renders)?, &folder.repository(at))
            .args(arguments)
            .env("PATH", folder.bin())
            .env("HOME", &home)
            .env("TMPDIR", &home)
            .with_file_limit(limits.file)
            .with_memory_limit(limits.memory);
        for kind in ["CACHE", "CONFIG", "DATA"] {
            let place = home.join(format!("helm-{}", kind.to_lowercase()));
            program = program.env(format!("HELM_{kind}_HOME"), place);
        }
        let time = until.saturating_duration_since(Instant::now());
        let run = pin!(program.run(b"", limits.output, time));
        let output = match select(run, pin!(writes_too_much(folder))).await {
            Either::Left((output, _)) => output,
            Either::Right(((), _)) => {
                let message = format!("{renders} writes more to disk for {app} than it may");
                return Err(RenderingError::new(RenderingErrorKind::Limit, message));
            }
        };
        let output = output.map_err(|failure| failed(renders, failure))?;
        match output.code {
            Some(0) => match String::from_utf8(output.stdout.to_vec()) {
                Ok(text) => Ok(text),
                Err(_) => Err(says(renders, "nothing that is UTF-8 text")),
            },
            Some(_) if is_out_of_memory(&output.stderr) => {
                let most = limits.memory;
                let message = format!("{renders} needs more than {most} bytes of memory for {app}");
                let hint = "a chart that is not made to need it needs much less; MANIFILL_SERVER_MEMORY \
                    and the memory of the container decide what a program may take";
                Err(RenderingError::new(RenderingErrorKind::Limit, message).with_hint(hint))
            }
            Some(_) => {
                let text = String::from_utf8_lossy(&output.stderr);
                Err(says(renders, &told(&text, folder.path())))
            }
            None => {
                let message = format!("{renders} was ended by a signal");
                let most = limits.file;
                let hint =
                    format!("a file that it writes may have {most} bytes, and memory may be short");
                Err(RenderingError::new(RenderingErrorKind::Limit, message).with_hint(hint))
            }
        }
    }
}

/// What the runtime of Go says when it gets no more memory; what it was about to do decides which.
const OUT_OF_MEMORY: [&str; 6] = [
    "out of memory",
    "cannot allocate memory",
    "cannot map pages in arena address space",
    "failed to reserve page summary memory",
    "failed to allocate aligned heap memory",
    "memory reservation exceeds address space limit",
];

/// Whether a program has ended because it got no more memory.
fn is_out_of_memory(stderr: &[u8]) -> bool {
    let text = String::from_utf8_lossy(stderr);
    let mut errors = text
        .lines()
        .filter_map(|line| line.strip_prefix("fatal error: "));
    errors.any(|error| OUT_OF_MEMORY.iter().any(|words| error.contains(words)))
}

/// Ends once a program has written more than it may.
async fn writes_too_much(folder: &PrivateFolder) {
    while private_folder::size(&folder.home()) <= folder.room() {
        tokio::time::sleep(LOOK).await;
    }
}

fn failed(renders: Renders, failure: Failure) -> RenderingError {
    let (kind, what) = match failure {
        Failure::TooLong => (RenderingErrorKind::Timeout, "was not done in time"),
        Failure::TooMuch => (RenderingErrorKind::Limit, "prints more than it may"),
        Failure::NoSuchFile => (RenderingErrorKind::Host, "is no longer there"),
        Failure::NotExecutable => (RenderingErrorKind::Host, "may not be executed"),
        _ => (RenderingErrorKind::Host, "could not be run"),
    };
    RenderingError::new(kind, format!("{renders} {what}"))
}

fn says(renders: Renders, what: &str) -> RenderingError {
    RenderingError::new(
        RenderingErrorKind::Program,
        format!("{renders} says: {what}"),
    )
}

/// What a program says about a mistake, without remarks, and without the folder that nobody knows.
fn told(stderr: &str, folder: &Path) -> String {
    let folder = folder.display().to_string();
    let stderr = stderr
        .replace(&format!("{folder}/repository/"), "")
        .replace(&format!("{folder}/values/"), "")
        .replace(&folder, "");
    let is_remark = |line: &str| {
        line.is_empty() || line.starts_with("Use --debug flag") || line.starts_with("WARNING")
    };
    let lines = stderr
        .lines()
        .map(str::trim_end)
        .filter(|line| !is_remark(line));
    let lines: Vec<_> = lines.map(printable).collect();
    // What comes before the mistake is what a program logs on its way.
    let first = lines.iter().rposition(|line| line.starts_with("Error: "));
    let text = lines[first.unwrap_or(0)..].join("\n");
    let text = text.strip_prefix("Error: ").unwrap_or(&text);
    match text {
        "" => "nothing, and fails".to_owned(),
        text => cut(text, TOLD),
    }
}

/// The absolute path of a program that is named by its path or by a name in `PATH`.
///
/// # Errors
/// [`RenderingErrorKind::Host`] if there is no such file, or if it may not be executed.
pub(crate) fn find(program: &Path) -> Result<PathBuf, RenderingError> {
    let wrong = |message| RenderingError::new(RenderingErrorKind::Host, message);
    let found = if program.components().count() > 1 {
        Some(program.to_owned())
    } else {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let mut paths = std::env::split_paths(&folders).map(|folder| folder.join(program));
        paths.find(|path| may_be_executed(path))
    };
    let found = found.and_then(|path| std::path::absolute(path).ok());
    match found.filter(|path| path.is_file()) {
        None => Err(wrong(format!(
            "there is no program `{}`",
            program.display()
        ))),
        Some(path) if !may_be_executed(&path) => {
            let message = format!("the program `{}` may not be executed", program.display());
            let hint = "its file needs the permission that `chmod +x` gives";
            Err(wrong(message).with_hint(hint))
        }
        Some(path) => Ok(path),
    }
}

fn may_be_executed(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_a_program_says_is_short_and_does_not_name_the_private_folder() {
        let folder = "/tmp/manifill-rendering-0/server-a/run-b".as_ref();
        for (stderr, wanted) in [
            (
                "WARNING: x\nError: execution error at (web/templates/a.yaml:1:4): no name\n\nUse --debug flag to render out invalid YAML\n",
                "execution error at (web/templates/a.yaml:1:4): no name",
            ),
            (
                "walk.go:75: found a link\nError: failed to parse /tmp/manifill-rendering-0/server-a/run-b/values/HELM_VALUES: line 1\n",
                "failed to parse HELM_VALUES: line 1",
            ),
            (
                "Error: accumulating resources from './a.yaml': open /tmp/manifill-rendering-0/server-a/run-b/repository/x/a.yaml: no such file\n",
                "accumulating resources from './a.yaml': open x/a.yaml: no such file",
            ),
            ("panic: \u{1b}[31mred\nmore", "panic: \\u{1b}[31mred\nmore"),
            ("", "nothing, and fails"),
        ] {
            assert_eq!(told(stderr, folder), wanted);
        }
        assert!(told(&"é".repeat(9999), folder).len() < 5000);
    }
}
