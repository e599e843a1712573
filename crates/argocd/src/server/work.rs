//! Where the work of a request is done.

use std::convert::Infallible;
use std::pin::pin;

use futures_util::future::{Either, select};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::failure::Failure;

/// Does the work of a request on a thread that may compute for long. Dropping the future ends the
/// work where it waits next, with the programs that it has started.
///
/// # Errors
/// A panic, of which nothing is told.
pub(crate) async fn apart<T, F>(work: impl FnOnce() -> F + Send + 'static) -> Result<T, Failure>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Failure>>,
{
    let (wanted, unwanted) = oneshot::channel::<Infallible>();
    let runtime = Handle::current();
    let task = tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            match select(pin!(work()), unwanted).await {
                Either::Left((done, _)) => done,
                Either::Right(_) => Err(Failure::cancelled()),
            }
        })
    });
    let done = task.await;
    drop(wanted);
    done.unwrap_or_else(|_| Err(Failure::fault()))
}
