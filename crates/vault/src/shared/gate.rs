//! The place where runs wait that want to log in.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Mutex, MutexGuard};

use crate::{RunContext, VaultError, VaultErrorKind};

/// Lets one run log in at a time. Runs that waited while it failed are told so, since servers count
/// failed logins and lock out who has too many; whoever comes later tries again.
#[derive(Default)]
pub(crate) struct Gate {
    /// How many logins have ended.
    ended: AtomicU64,
    /// Why the last one failed.
    last: Mutex<Option<VaultError>>,
}

/// The turn of a run.
pub(crate) struct Turn<'g> {
    gate: &'g Gate,
    last: MutexGuard<'g, Option<VaultError>>,
    /// Whether a login has ended while this run waited.
    is_late: bool,
}

impl Gate {
    /// Waits for the turn of a run; `None` if its time ends before.
    pub(crate) async fn turn(&self, run: &RunContext) -> Option<Turn<'_>> {
        let before = self.ended.load(Ordering::Acquire);
        let last = match self.last.try_lock() {
            Ok(last) => last,
            Err(_) => tokio::time::timeout(run.remaining(), self.last.lock())
                .await
                .ok()?,
        };
        Some(Turn {
            gate: self,
            is_late: self.ended.load(Ordering::Acquire) != before,
            last,
        })
    }
}

impl Turn<'_> {
    /// Why the login failed that this run has waited for.
    pub(crate) fn failure(&self) -> Option<VaultError> {
        self.last.clone().filter(|_| self.is_late)
    }

    /// Says how the login of this run has ended. That its time was over says nothing to others.
    pub(crate) fn end(&mut self, error: Option<&VaultError>) {
        use VaultErrorKind::{RequestBudget, Timeout};
        let is_own = |error: &VaultError| matches!(error.kind(), Timeout | RequestBudget);
        *self.last = error.filter(|error| !is_own(error)).cloned();
        self.gate.ended.fetch_add(1, Ordering::Release);
    }
}
