//! What people see while they wait.

use std::future::Future;
use std::io::{IsTerminal as _, Write as _};
use std::pin::pin;
use std::time::Duration;

use crate::output::Output;

/// How long nothing is said, and how often the line changes.
const STEP: Duration = Duration::from_secs(1);

/// Runs what waits, and says so on a terminal where it takes longer than a second. The line goes
/// away afterwards.
pub(crate) async fn shown<T>(work: impl Future<Output = T>, output: &Output) -> T {
    if !output.is_for_people() || !std::io::stderr().is_terminal() {
        return work.await;
    }
    let mut work = pin!(work);
    let mut seconds = 0;
    let done = loop {
        tokio::select! {
            biased;
            done = &mut work => break done,
            () = tokio::time::sleep(STEP) => {
                seconds += STEP.as_secs();
                line(&format!("\rwaiting for the vault, {seconds} s"));
            }
        }
    };
    if seconds > 0 {
        line("\r\u{1b}[K");
    }
    done
}

fn line(text: &str) {
    let mut terminal = std::io::stderr().lock();
    // A terminal that went away is no reason to fail.
    let _ = terminal
        .write_all(text.as_bytes())
        .and_then(|()| terminal.flush());
}
