//! Programs that run beside a test.

use std::fs::File;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

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

/// A port of this machine that nobody uses.
///
/// # Errors
///
/// If there is none.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
