//! A read that is under way and belongs to no run.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use crate::RunContext;
use crate::sync::lock;

/// What a backend reads and other runs may be given, too. What it holds of secrets must be wiped
/// when it is dropped.
pub(crate) trait Shareable: Send + Sync + 'static {
    /// Whether others may be given it: not if it was made for the one who asked.
    fn may_be_shared(&self) -> bool {
        true
    }
}

/// A read under way. Whoever waits for it moves it on, so it goes on as long as somebody does,
/// whichever of them has begun it, and ends when nobody is left.
pub(super) type Flight<V, E> = Shared<BoxFuture<'static, Landed<V, E>>>;
pub(super) type WeakFlight<V, E> = WeakShared<BoxFuture<'static, Landed<V, E>>>;

/// What a read has come to.
pub(super) enum Landed<V, E> {
    /// An answer for all.
    Shared(Arc<Answer<V>>),
    /// What only the run that began it may have, once: an error, or an answer that is not shared.
    Own(OwnAnswer<V, E>),
}

/// What one run can take; nothing if the read panicked.
pub(super) type OwnAnswer<V, E> = Arc<Mutex<Option<(Result<V, E>, RunContext)>>>;

/// An answer with what has to be told to each run that gets it: remarks, and the logins that it was
/// read with, which no app gets as a value (rule R7).
pub(super) struct Answer<V> {
    pub(super) value: Arc<V>,
    pub(super) run: RunContext,
}

impl<V, E> Clone for Landed<V, E> {
    fn clone(&self) -> Self {
        match self {
            Landed::Shared(answer) => Landed::Shared(Arc::clone(answer)),
            Landed::Own(answer) => Landed::Own(Arc::clone(answer)),
        }
    }
}

/// Begins a read; `keep` is called with an answer for all, and dropped without one.
pub(super) fn begin<V, E, F, K>(reading: F, run: RunContext, keep: K) -> Flight<V, E>
where
    V: Shareable,
    E: Send + 'static,
    F: Future<Output = Result<V, E>> + Send + 'static,
    K: FnOnce(&Arc<Answer<V>>) + Send + 'static,
{
    async move {
        // One run must not go down with another.
        let outcome = AssertUnwindSafe(reading).catch_unwind().await;
        match outcome.ok() {
            Some(Ok(value)) if value.may_be_shared() => {
                let value = Arc::new(value);
                let answer = Arc::new(Answer { value, run });
                keep(&answer);
                Landed::Shared(answer)
            }
            outcome => {
                drop(keep);
                let own = outcome.map(|outcome| (outcome, run));
                Landed::Own(Arc::new(Mutex::new(own)))
            }
        }
    }
    .boxed()
    .shared()
}

/// Takes what only one may have.
pub(super) fn take<V, E>(own: &OwnAnswer<V, E>) -> Option<(Result<V, E>, RunContext)> {
    lock(own).take()
}
