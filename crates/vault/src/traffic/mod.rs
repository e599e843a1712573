//! What all runs of a long-lived program send together.

mod budget;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use self::budget::Budget;
use crate::{VaultError, VaultErrorKind};

/// The servers that did not get well in all the tries of a request.
pub(crate) type GivenUp = Arc<Mutex<BTreeSet<String>>>;

/// The requests of all runs of a long-lived program, counted, and how many there may be in a
/// minute. A clone counts into the same numbers.
///
/// ```
/// use manifill_vault::Traffic;
///
/// let traffic = Traffic::new();
/// assert_eq!((traffic.requests_sent(), traffic.reads_shared()), (0, 0));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Traffic(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    shared: AtomicU64,
    budget: Budget,
}

impl Traffic {
    /// Nothing sent yet, and no limit.
    pub fn new() -> Self {
        Traffic::default()
    }

    /// Sets how many requests may be sent in any minute, by all runs together; `None` for as many
    /// as they like.
    ///
    /// A request beyond that waits until it may be sent. If that would be after the deadline of its
    /// run, it is an error of kind [`RequestBudget`](VaultErrorKind::RequestBudget) at once.
    pub fn set_most_per_minute(&self, most: Option<u64>) {
        self.0.budget.set(most, Duration::from_secs(60));
    }

    #[cfg(test)]
    pub(crate) fn set_most(&self, most: u64, window: Duration) {
        self.0.budget.set(Some(most), window);
    }

    /// How many requests were sent to servers.
    pub fn requests_sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// How many reads were spared, since another run had just done them or was about to.
    pub fn reads_shared(&self) -> u64 {
        self.0.shared.load(Ordering::Relaxed)
    }

    pub(crate) fn count_request(&self) {
        self.0.sent.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_shared(&self) {
        self.0.shared.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes one request from the budget.
    ///
    /// # Errors
    /// How long it takes until the next one may be sent.
    pub(crate) fn take_request(&self) -> Result<(), Duration> {
        self.0.budget.take()
    }

    /// Why a run that waits gets no answer in time, if that is because of the limit.
    pub(crate) fn why_late(&self) -> Option<VaultError> {
        self.0.budget.is_used_up().then(|| self.used_up())
    }

    /// The request cannot be sent before the end of its run.
    pub(crate) fn used_up(&self) -> VaultError {
        let message = "the vault is not asked: {} requests a minute may be sent, and none is left before the end of this run";
        VaultError::new(VaultErrorKind::RequestBudget, message)
            .with_name(self.0.budget.most().to_string())
            .with_hint("MANIFILL_MAX_REQUESTS_PER_MINUTE sets how many all apps may send together")
    }
}
