//! What takes long, beside everything else that a run does.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use tokio::sync::oneshot;

use super::unopened::Unopened;
use crate::files::Unread;

/// Does work on a thread of its own. If the time is over before, the thread is left behind: nothing
/// can stop it. Another one looks at the clock, so that this works without a runtime, as a program
/// may have none where nothing but files is read.
///
/// # Errors
/// [`Unopened::TooLate`] if the time is over.
pub(super) async fn until<T: Send + 'static>(
    deadline: Instant,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unopened> {
    let (send, done) = mpsc::sync_channel(1);
    let (tell, told) = oneshot::channel();
    let watch = move || {
        let time = deadline.saturating_duration_since(Instant::now());
        let outcome = done.recv_timeout(time).map_err(|error| match error {
            RecvTimeoutError::Timeout => Unopened::TooLate,
            RecvTimeoutError::Disconnected => Unopened::Damaged,
        });
        // Nobody may be waiting any more, here and below.
        let _ = tell.send(outcome);
    };
    let work = move || drop(send.send(work()));
    let begun = thread::Builder::new().spawn(watch);
    begun
        .and_then(|_| thread::Builder::new().spawn(work))
        .map_err(|_| Unopened::Unread(Unread::Failed))?;
    told.await.unwrap_or(Err(Unopened::Damaged))
}
