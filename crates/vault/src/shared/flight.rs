//! A read that is under way and belongs to no run.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, Weak};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use super::reads::{Inner, Shareable};
use crate::RunContext;
use crate::sync::lock;

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

/// The place where a read will land. If the read is given up, the place is free again.
pub(super) struct Place<K: Ord, V, E> {
    pub(super) reads: Weak<Inner<K, V, E>>,
    pub(super) key: K,
    pub(super) number: u64,
}

impl<K, V, E> Place<K, V, E>
where
    K: Clone + Ord + Send + Sync + 'static,
    V: Shareable,
    E: Send + 'static,
{
    /// Sends a read on its way.
    pub(super) fn begin<F>(self, reading: F, run: RunContext) -> Flight<V, E>
    where
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        async move {
            // One run must not go down with another.
            let outcome = AssertUnwindSafe(reading).catch_unwind().await;
            self.land(outcome.ok(), run)
        }
        .boxed()
        .shared()
    }

    fn land(self, outcome: Option<Result<V, E>>, run: RunContext) -> Landed<V, E> {
        match outcome {
            Some(Ok(value)) if value.may_be_shared() => {
                let value = Arc::new(value);
                let answer = Arc::new(Answer { value, run });
                if let Some(reads) = self.reads.upgrade() {
                    reads.keep(&self.key, self.number, &answer);
                }
                Landed::Shared(answer)
            }
            outcome => {
                let own = outcome.map(|outcome| (outcome, run));
                Landed::Own(Arc::new(Mutex::new(own)))
            }
        }
    }
}

impl<K: Ord, V, E> Drop for Place<K, V, E> {
    fn drop(&mut self) {
        if let Some(reads) = self.reads.upgrade() {
            reads.leave(&self.key, self.number);
        }
    }
}

/// Takes what only one may have.
pub(super) fn take<V, E>(own: &OwnAnswer<V, E>) -> Option<(Result<V, E>, RunContext)> {
    lock(own).take()
}
