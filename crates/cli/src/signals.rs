//! Signals that ask the program to end: what it has started ends first (rule R7).
//!
//! They are heard on a thread of their own, so that they count while nothing waits, too. While
//! something waits, that thread leaves it the time to end: whatever is dropped ends the process
//! groups of its programs.

use std::future::Future;
use std::process::ExitCode;
#[cfg(unix)]
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Runs what waits until it is done, on a runtime of this thread, or until a signal asks the
/// program to end: then what waits is dropped, and the status is 128 and the signal's number.
#[cfg(unix)]
pub(crate) fn until_ended<T>(
    runtime: &tokio::runtime::Runtime,
    work: impl Future<Output = T>,
) -> Result<T, ExitCode> {
    static SIGNALS: OnceLock<Signals> = OnceLock::new();
    let signals = SIGNALS.get_or_init(Signals::heard);
    let _working = signals
        .working
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    runtime.block_on(async {
        tokio::select! {
            biased;
            signal = signals.next() => Err(status(signal)),
            done = work => Ok(done),
        }
    })
}

#[cfg(not(unix))]
pub(crate) fn until_ended<T>(
    runtime: &tokio::runtime::Runtime,
    work: impl Future<Output = T>,
) -> Result<T, ExitCode> {
    Ok(runtime.block_on(work))
}

#[cfg(unix)]
fn status(signal: u8) -> ExitCode {
    ExitCode::from(128 + signal)
}

#[cfg(unix)]
struct Signals {
    /// The number of the one that came.
    came: tokio::sync::watch::Receiver<Option<u8>>,
    /// Held while something waits.
    working: Arc<Mutex<()>>,
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen. Without a thread for it, signals end the program at once, as they do in
    /// any other.
    fn heard() -> Self {
        let (sender, came) = tokio::sync::watch::channel(None);
        let working = Arc::<Mutex<()>>::default();
        let (ready, listens) = std::sync::mpsc::channel();
        let others = Arc::clone(&working);
        let listen = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                runtime.block_on(listen(&ready, &sender, &others));
            }
        };
        if std::thread::Builder::new().spawn(listen).is_ok() {
            // An error says that the thread has given up.
            let _ = listens.recv();
        }
        Signals { came, working }
    }

    /// The number of the signal that asks the program to end.
    async fn next(&self) -> u8 {
        let mut came = self.came.clone();
        let number = came.wait_for(Option::is_some).await;
        match number.map(|number| *number) {
            Ok(Some(number)) => number,
            _ => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
async fn listen(
    ready: &std::sync::mpsc::Sender<()>,
    sender: &tokio::sync::watch::Sender<Option<u8>>,
    working: &Mutex<()>,
) {
    use std::time::Duration;
    use tokio::signal::unix::{SignalKind, signal};

    /// Two seconds: what computes for longer does not hear the signal, and has no programs.
    const PATIENCE: u32 = 200;

    let [hangup, interrupt, terminate] = [
        SignalKind::hangup(),
        SignalKind::interrupt(),
        SignalKind::terminate(),
    ]
    .map(|kind| signal(kind).map(|signal| (signal, kind)));
    let (Ok(mut hangup), Ok(mut interrupt), Ok(mut terminate)) = (hangup, interrupt, terminate)
    else {
        return;
    };
    let _ = ready.send(());
    let kind = tokio::select! {
        _ = hangup.0.recv() => hangup.1,
        _ = interrupt.0.recv() => interrupt.1,
        _ = terminate.0.recv() => terminate.1,
    };
    let number = u8::try_from(kind.as_raw_value()).unwrap_or_default();
    sender.send_replace(Some(number));
    for _ in 0..PATIENCE {
        if working.try_lock().is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    std::process::exit(128 + i32::from(number));
}
