//! Other programs: started without a shell, fed, read up to a limit and ended in time.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

use crate::files::push;
use crate::transport::runtime;

/// What of the standard error is kept; the rest is read and dropped, so that nobody waits.
const KEPT_OF_STDERR: usize = 16 * 1024;

/// What a program left behind.
pub(crate) struct Output {
    /// The exit status; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Zeroizing<Vec<u8>>,
    /// The beginning of it. It may hold secrets and is never shown.
    pub(crate) stderr: Zeroizing<Vec<u8>>,
}

/// Why a program left nothing behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
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

/// Runs a program: `input` on its standard input, at most `limit` bytes from its standard output.
///
/// It leads a process group of its own, and the whole group is killed when the time is over, when
/// it writes too much and when the caller goes away.
pub(crate) async fn run(
    command: &mut Command,
    input: &[u8],
    limit: usize,
    time: Duration,
) -> Result<Output, Failure> {
    if time.is_zero() {
        return Err(Failure::TooLong);
    }
    runtime::ready().map_err(|_| Failure::NoRuntime)?;
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::NoSuchFile,
        std::io::ErrorKind::PermissionDenied => Failure::NotExecutable,
        _ => Failure::Broken,
    })?;
    let mut group = Group::of(&child);
    let outcome = tokio::time::timeout(time, talk(&mut child, input, limit)).await;
    let output = outcome.map_err(|_| Failure::TooLong)??;
    group.leave_alone();
    Ok(output)
}

async fn talk(child: &mut Child, input: &[u8], limit: usize) -> Result<Output, Failure> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Failure::Broken);
    };
    let write = async move {
        // A program that does not read all of its input is none the worse for it.
        let _ = stdin.write_all(input).await;
        drop(stdin);
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
    let status = child.wait().await.map_err(|_| Failure::Broken)?;
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

/// The process group of a child that was not waited for yet, so that its number is still its own.
struct Group(Option<u32>);

impl Group {
    fn of(child: &Child) -> Self {
        Group(child.id())
    }

    fn leave_alone(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        {
            let pid = self.0.and_then(|id| i32::try_from(id).ok());
            if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
                // A group that is gone already needs no killing.
                let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
            }
        }
    }
}
