//! A server as a process, from its start to a signal.

use std::panic::PanicHookInfo;
use std::time::Duration;

use manifill::settings::Sources;
use manifill_vault::transport::process::hide_memory;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::error::{Mistake, ServeError};
use super::log::{Detail, Field, Level, Log};
use super::options::Options;
use super::server::Server;

/// How long what is cut off has to end its programs.
const LAST: Duration = Duration::from_secs(2);

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// A signal asked it to, and it did.
    AsAsked,
    /// A second signal with this number did not let it wait.
    AtOnce(u8),
}

/// Makes this process one for secrets: from here on no other process of the same user can look into
/// it, what it creates is closed to others, no file that is open by now is left to the programs that it
/// starts, and a panic is told without its text. It comes before
/// anything is read.
pub fn protect(detail: Detail) {
    hide_memory();
    // What is open already was not opened here, and is no business of the programs that are started.
    close_fds::set_fds_cloexec(3, &[]);
    // The sockets' own mode is set when they are there.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let log = Log::stderr(detail);
    std::panic::set_hook(Box::new(move |panic| tell_panic(&log, panic)));
}

/// Serves until SIGTERM, SIGINT or SIGHUP: then no more is taken, and what runs may end. A second
/// signal ends it at once.
///
/// # Errors
/// As [`Server::bind`], and a system without threads or signals.
pub fn run(options: &Options, settings: Sources, detail: Detail) -> Result<Ended, ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| no_system("event loop", &error))?;
    let ended = runtime.block_on(serve(options, settings, Log::stderr(detail)));
    // What is left over is dropped, and ends its programs.
    runtime.shutdown_timeout(LAST);
    ended
}

async fn serve(options: &Options, settings: Sources, log: Log) -> Result<Ended, ServeError> {
    let signals = signals().map_err(|error| no_system("signals", &error))?;
    let server = Server::bind(options, settings, log).await?;
    let came = |count: usize| {
        let mut signals = signals.clone();
        async move {
            if signals.wait_for(|came| came.0 >= count).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    server.run(came(1), came(2)).await;
    Ok(match *signals.borrow() {
        (2.., number) => Ended::AtOnce(number),
        _ => Ended::AsAsked,
    })
}

/// How many signals have come that ask the process to end, and the number of the last one.
fn signals() -> std::io::Result<watch::Receiver<(usize, u8)>> {
    let (sender, came) = watch::channel((0, 0));
    for kind in [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
    ] {
        let mut signal = signal(kind)?;
        let sender = sender.clone();
        let number = u8::try_from(kind.as_raw_value()).unwrap_or_default();
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                sender.send_modify(|(count, last)| (*count, *last) = (*count + 1, number));
            }
        });
    }
    Ok(came)
}

fn no_system(what: &str, error: &std::io::Error) -> ServeError {
    Mistake::new(format!("the system provides no {what}: {}", error.kind())).into()
}

/// The text of a panic can hold anything, so only its place is told.
fn tell_panic(log: &Log, panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let fields = [("place", Field::Text(place.as_deref().unwrap_or_default()))];
    log.tell(Level::Error, "a fault of manifill", &fields);
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_told_without_its_text() {
        let lines = Lines::default();
        let log = Log::new(lines.clone(), Detail::Debug);
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| tell_panic(&log, panic)));
        let value = "sentinel-of-a-panic";
        assert!(std::panic::catch_unwind(|| panic!("{value}")).is_err());
        std::panic::set_hook(before);
        let told = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(told.contains("\"a fault of manifill\""), "{told}");
        assert!(
            told.contains("process.rs:") && !told.contains(value),
            "{told}"
        );
    }
}
