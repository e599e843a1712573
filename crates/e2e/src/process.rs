//! Programs that run beside a test.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often a server is started before a test gives up: another program may take a port between
/// the search and the start.
pub const STARTS: usize = 3;

/// A program that runs until this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts a program; what it writes goes to the file.
    ///
    /// # Errors
    ///
    /// If the program or the file cannot be opened.
    pub fn start(command: &mut Command, log: &Path) -> io::Result<Running> {
        let file = File::create(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .map_err(|error| io::Error::other(format!("{command:?} does not start: {error}")))?;
        Ok(Running {
            child,
            log: log.to_owned(),
        })
    }

    /// Checks that the program still runs.
    ///
    /// # Errors
    ///
    /// If it has ended; the text holds the end of what it wrote.
    pub fn check(&mut self) -> io::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(self.error(&format!("the server ended, {status}"))),
        }
    }

    /// Sends it a signal, such as `TERM`.
    ///
    /// # Errors
    ///
    /// If that is not possible.
    pub(crate) fn signal(&self, name: &str) -> io::Result<()> {
        let mut kill = Command::new("kill");
        kill.arg(format!("-{name}")).arg(self.id().to_string());
        crate::run(&mut kill).map(drop)
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    ///
    /// The end of what it wrote, if it runs longer than that.
    pub(crate) fn wait(&mut self, patience: Duration) -> io::Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if start.elapsed() > patience {
                return Err(self.error("the program does not end"));
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// An error with the end of what the program wrote.
    pub fn error(&self, message: &str) -> io::Error {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let end = &lines[lines.len().saturating_sub(20)..];
        io::Error::other(format!("{message}\n{}", end.join("\n")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of this machine that nobody uses, and that no other test of this process gets.
///
/// # Errors
///
/// If there is none.
pub fn free_port() -> io::Result<u16> {
    free_ports(1)
}

/// The first of so many free ports in a row.
///
/// # Errors
///
/// If there are none.
pub fn free_ports(count: u16) -> io::Result<u16> {
    static TAKEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    for _ in 0..1000 {
        let first = TcpListener::bind(("127.0.0.1", 0))?;
        let port = first.local_addr()?.port();
        let Some(end) = port.checked_add(count) else {
            continue;
        };
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if (port + 1..end).all(is_free) && taken.range(port..end).next().is_none() {
            taken.extend(port..end);
            return Ok(port);
        }
    }
    Err(io::Error::other("there are no free ports"))
}
