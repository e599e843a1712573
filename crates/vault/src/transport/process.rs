//! Other programs: started without a shell, fed, read up to a limit and ended in time.
//!
//! Two kinds: a backend's program is the operator's and has the operator's [environment](Program::new);
//! one that works on an author's files gets an [empty one](Program::bare). It runs on a tokio runtime
//! with I/O and time.
//!
//! ```
//! # #[cfg(unix)]
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use std::time::Duration;
//! use manifill_vault::transport::process::Program;
//!
//! let program = Program::bare("/bin/sh".as_ref(), "/".as_ref()).args(["-c", "echo $HOME-"]);
//! let output = program.run(b"", 1024, Duration::from_secs(9)).await.unwrap();
//! assert_eq!(*output.stdout, *b"-\n");
//! # });
//! ```

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

use crate::files::push;
use crate::transport::{orphans, runtime};

/// What of the standard error is kept; the rest is read and dropped, so that nobody waits.
const KEPT_OF_STDERR: usize = 16 * 1024;

/// What a program left behind.
pub struct Output {
    /// The exit status; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: Zeroizing<Vec<u8>>,
    /// The first 16 KiB of its standard error. That of a backend's program may hold secrets and is
    /// never shown.
    pub stderr: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Output {
    /// The exit status only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// Why a program left nothing behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// There is no such file.
    NoSuchFile,
    /// The file is there but may not be executed.
    NotExecutable,
    /// The system could not start it, or lost it.
    Broken,
    /// It wrote too much.
    TooMuch,
    /// It was not done in time.
    TooLong,
    /// There is no runtime to wait on.
    NoRuntime,
}

/// A program that is about to be started.
#[must_use = "a program does nothing until it runs"]
pub struct Program {
    command: Command,
    file_limit: Option<u64>,
    memory_limit: Option<u64>,
    /// Whether nothing that it started may outlive it. An operator's program may leave an agent.
    alone: bool,
}

impl Program {
    /// A program by its path or by a name in `PATH`, and the folder that it runs in. It is never
    /// the working folder just because that is where we are: under Argo CD that is the app
    /// author's, and programs look for their modules and settings where they run (rule R7).
    ///
    /// It has the environment of this process, which is the operator's, less what an app's author
    /// can put there (rule R13).
    pub fn new(program: &Path, folder: &Path) -> Self {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env("PWD", folder)
            .env_remove("OLDPWD");
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_authors(name)) {
            command.env_remove(name);
        }
        Program {
            command,
            file_limit: None,
            memory_limit: None,
            alone: false,
        }
    }

    /// A program by its path, and the folder that it runs in, for an author's files: its environment
    /// is empty but for what [`env`](Program::env) sets, and what it started ends with it (rule R13).
    ///
    /// Where this process inherits orphans, as the first one of a container does, those that have
    /// ended are waited for afterwards. Such a process should start all its programs here: children
    /// that it started otherwise cannot be told from orphans, and their exit status would be lost.
    pub fn bare(program: &Path, folder: &Path) -> Self {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear();
        Program {
            command,
            file_limit: None,
            memory_limit: None,
            alone: true,
        }
    }

    /// Limits the bytes of each file that the program writes. It has an effect on Linux only, where
    /// a program that writes more is killed.
    pub fn with_file_limit(mut self, bytes: u64) -> Self {
        self.file_limit = Some(bytes);
        self
    }

    /// Limits the bytes of memory that the program takes for its data, and so does each that it starts.
    /// It has an effect on Linux only, where a program that wants more is told that there is none.
    pub fn with_memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = Some(bytes);
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it: `input` on its standard input, which is closed if there is none, and at most
    /// `limit` bytes from its standard output.
    ///
    /// It leads a process group of its own, and the whole group is killed when the time is over,
    /// when it writes too much and when the caller goes away; that of a [bare](Program::bare) one also
    /// when the program itself has ended.
    ///
    /// # Errors
    /// A [`Failure`], whether it could not be started or was not allowed to end.
    pub async fn run(
        mut self,
        input: &[u8],
        limit: usize,
        time: Duration,
    ) -> Result<Output, Failure> {
        if time.is_zero() {
            return Err(Failure::TooLong);
        }
        runtime::ready().map_err(|_| Failure::NoRuntime)?;
        let stdin = if input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        };
        self.command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        self.command.process_group(0);
        hide_memory();
        let child =
            orphans::start(|| self.command.spawn()).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Failure::NoSuchFile,
                std::io::ErrorKind::PermissionDenied => Failure::NotExecutable,
                _ => Failure::Broken,
            })?;
        let mut running = Running {
            id: child.id(),
            child,
            alone: self.alone,
        };
        running.limit(self.file_limit, self.memory_limit);
        let outcome = tokio::time::timeout(time, talk(&mut running, input, limit)).await;
        outcome.map_err(|_| Failure::TooLong)?
    }
}

/// Whether an app's author sets this variable: Argo CD passes on what an Application says.
fn is_authors(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("ARGOCD_ENV_") || name.starts_with("PARAM_") || name == "ARGOCD_APP_PARAMETERS"
}

/// Keeps what is started from looking into this process, whose memory and environment others of
/// the same user could read otherwise (rule R13). It lasts as long as the process. Each program that
/// is started does it, too; a server does it when it starts.
pub fn hide_memory() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // It fails only for values that the kernel does not know.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

async fn talk(running: &mut Running, input: &[u8], limit: usize) -> Result<Output, Failure> {
    let child = &mut running.child;
    let stdin = child.stdin.take();
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Failure::Broken);
    };
    let write = async move {
        if let Some(mut stdin) = stdin {
            // A program that does not read all of its input is none the worse for it.
            let _ = stdin.write_all(input).await;
        }
        Ok(())
    };
    let read = async move {
        let mut kept = Zeroizing::new(Vec::new());
        match take(stdout, limit, &mut kept).await? {
            0 => Ok(kept),
            _ => Err(Failure::TooMuch),
        }
    };
    let listen = async move {
        let (mut stderr, mut kept) = (stderr, Zeroizing::new(Vec::new()));
        take(&mut stderr, KEPT_OF_STDERR, &mut kept).await?;
        let rest = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        rest.map_err(|_| Failure::Broken).map(|_| kept)
    };
    let ((), stdout, stderr) = futures_util::future::try_join3(write, read, listen).await?;
    running.end_group().await;
    let status = running.child.wait().await.map_err(|_| Failure::Broken)?;
    Ok(Output {
        code: status.code(),
        stdout,
        stderr,
    })
}

/// Reads up to `limit` bytes and tells how many of one byte more there are.
async fn take(
    mut source: impl tokio::io::AsyncRead + Unpin,
    limit: usize,
    kept: &mut Zeroizing<Vec<u8>>,
) -> Result<usize, Failure> {
    let mut chunk = Zeroizing::new([0; 8192]);
    while kept.len() < limit {
        let room = chunk.len().min(limit - kept.len());
        let read = source.read(&mut chunk[..room]).await;
        match read.map_err(|_| Failure::Broken)? {
            0 => return Ok(0),
            length => push(kept, &chunk[..length]),
        }
    }
    let more = source.read(&mut chunk[..1]).await;
    more.map_err(|_| Failure::Broken)
}

/// A child, which is ended with its whole group unless it was waited for.
struct Running {
    child: Child,
    /// Its number, also once it was waited for.
    id: Option<u32>,
    alone: bool,
}

/// How many milliseconds a killed child may take to be gone; what takes longer hangs in the
/// kernel and is left to the runtime.
const MOST_DYING: u32 = 500;

impl Running {
    #[cfg(unix)]
    fn group(&self) -> Option<rustix::process::Pid> {
        rustix::process::Pid::from_raw(i32::try_from(self.id?).ok()?)
    }

    /// Kills what a program has left in its group, if it may leave nothing. That is done when it has
    /// ended and before it is waited for, since its number is its own until then.
    async fn end_group(&self) {
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        if let Some(group) = self.group().filter(|_| self.alone) {
            use rustix::process::{Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
            let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            while let Ok(None) = waitid(WaitId::Pid(group), look) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// A limit can be set for a process only, so the program has begun already. It reads an author's
    /// files first; what it writes in the meantime counts in the folder that it may write to, and what
    /// memory it has by then counts when it wants more.
    fn limit(&self, files: Option<u64>, memory: Option<u64>) {
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{Resource, Rlimit, prlimit};
            for (resource, bytes) in [(Resource::Fsize, files), (Resource::Data, memory)] {
                if bytes.is_some() {
                    let limit = Rlimit {
                        current: bytes,
                        maximum: bytes,
                    };
                    // One that has ended already writes nothing.
                    let _ = prlimit(self.group(), resource, limit);
                }
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (files, memory);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let waited_for = self.child.id().is_none();
        #[cfg(unix)]
        if let Some(group) = self.group().filter(|_| !waited_for) {
            // A group that is gone already needs no killing.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        #[cfg(not(unix))]
        let _ = self.child.start_kill();
        // Whoever drops this may end the process next, and then nobody would wait for the child.
        for _ in 0..MOST_DYING {
            if waited_for || !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        #[cfg(unix)]
        orphans::ended(self.id, self.alone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_apps_author_sets_is_known_by_its_name() {
        for name in [
            "ARGOCD_ENV_X",
            "ARGOCD_ENV_",
            "PARAM_X",
            "ARGOCD_APP_PARAMETERS",
        ] {
            assert!(is_authors(name.as_ref()), "{name}");
        }
        for name in [
            "ARGOCD_APP_NAME",
            "ARGOCD_ENVIRONMENT",
            "OP_TOKEN",
            "PATH",
            "PARAM",
        ] {
            assert!(!is_authors(name.as_ref()), "{name}");
        }
    }

    /// Nobody waits for it later if this process ends next.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_program_is_gone_and_waited_for_once_its_caller_goes_away() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("started");
        let script = r#"echo $$ > "$1.new"; mv "$1.new" "$1"; sleep 600"#;
        let program = Program::new("sh".as_ref(), "/".as_ref())
            .args(["-c", script, "sh"])
            .args([&file]);
        let run = program.run(b"", 1, Duration::from_secs(600));
        let started = async {
            while !file.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            _ = run => panic!("it sleeps"),
            () = started => {}
        }
        let process = std::fs::read_to_string(&file).unwrap();
        assert!(!Path::new("/proc").join(process.trim()).exists());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_program_gets_no_file_that_is_open_here_and_nobody_looks_into_its_parent() {
        use rustix::process::{DumpableBehavior, dumpable_behavior};

        let open = tempfile::NamedTempFile::new().unwrap();
        let program = Program::new("ls".as_ref(), "/".as_ref()).args(["-l", "/proc/self/fd"]);
        let output = program.run(b"", 65536, Duration::from_secs(60)).await;
        let output = output.unwrap_or_else(|failure| panic!("{failure:?}"));
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(listed.contains(" 0 -> /dev/null"), "{listed}");
        let name = open.path().to_str().unwrap();
        assert!(!listed.contains(name), "{listed}");
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_bare_program_sees_nothing_of_this_environment_and_writes_no_large_file() {
        let run = async |program: Program| {
            let output = program.run(b"go\n", 1024, Duration::from_secs(60)).await;
            output.unwrap_or_else(|failure| panic!("{failure:?}"))
        };
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        let env = Program::bare("/usr/bin/env".as_ref(), "/".as_ref()).env("HOME", "/nowhere");
        assert_eq!(*run(env).await.stdout, *b"HOME=/nowhere\n");

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("large");
        let write = || {
            let script = format!(
                "read go; exec /usr/bin/head -c 100000 /dev/zero > {}",
                file.display()
            );
            Program::bare("/bin/sh".as_ref(), "/".as_ref()).args(["-c", &script])
        };
        let written = || std::fs::metadata(&file).unwrap().len();
        run(write()).await;
        assert_eq!(written(), 100_000);
        run(write().with_file_limit(4096)).await;
        assert!(written() <= 4096, "{}", written());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_program_takes_no_more_memory_than_it_may() {
        let run = async |limit: u64| {
            // A shell that holds what it reads.
            let script = "read go; x=$(/usr/bin/head -c 50000000 /dev/zero | /usr/bin/tr '\\0' x); echo ${#x}";
            let program = Program::bare("/bin/sh".as_ref(), "/".as_ref())
                .args(["-c", script])
                .with_memory_limit(limit);
            let output = program.run(b"go\n", 1024, Duration::from_secs(60)).await;
            output.unwrap_or_else(|failure| panic!("{failure:?}"))
        };
        assert_eq!(*run(1 << 30).await.stdout, *b"50000000\n");
        let output = run(20 << 20).await;
        assert_ne!(output.code, Some(0));
        assert_eq!(*output.stdout, *b"");
    }
}
