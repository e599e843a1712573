//! How much a run may write.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::diagnostic::DiagnosticKind;
use crate::input::Input;
use crate::pending::PendingDiagnostic;
use crate::renderer::Room;

/// The most that the texts of a run may hold together, unless it is set (rule R11).
const MOST: u64 = 256 << 20;

/// So many times their inputs they may hold in any case.
const TIMES: u64 = 16;

/// What to do about a result that is too large for the settings.
const HINT: &str = "MANIFILL_MAX_OUTPUT sets how many bytes a run may write";

/// The bytes of the result, counted by all threads while it is made.
#[derive(Debug)]
pub(super) struct Budget {
    most: i64,
    hint: &'static str,
    written: AtomicI64,
}

impl Budget {
    /// For these inputs, which are the result as long as nothing is filled: what is set, and no more
    /// than there is room for.
    ///
    /// # Errors
    /// The input with which there is too much already.
    pub(super) fn new(
        max_output: Option<u64>,
        room: Option<Room>,
        inputs: &[Input],
    ) -> Result<Self, PendingDiagnostic> {
        let bytes: u64 = inputs.iter().map(|input| input.source.len() as u64).sum();
        let most = max_output.unwrap_or_else(|| MOST.max(bytes.saturating_mul(TIMES)));
        let budget = match room {
            Some(room) if room.bytes < most => Budget::of(room.bytes, room.hint),
            _ => Budget::of(most, HINT),
        };
        for (number, input) in inputs.iter().enumerate() {
            if !budget.replace(0, input.source.len()) {
                let kind = DiagnosticKind::Manifest;
                let finding = PendingDiagnostic::error(kind, budget.message());
                return Err(finding.at(number, 0).with_hint(budget.hint));
            }
        }
        Ok(budget)
    }

    /// For a run that writes nothing.
    pub(super) fn unlimited() -> Self {
        Budget::of(u64::MAX, HINT)
    }

    fn of(most: u64, hint: &'static str) -> Self {
        Budget {
            most: i64::try_from(most).unwrap_or(i64::MAX),
            hint,
            written: AtomicI64::new(0),
        }
    }

    /// Whether it allows no more than so many bytes.
    pub(super) fn is_within(&self, bytes: u64) -> bool {
        u64::try_from(self.most).is_ok_and(|most| most <= bytes)
    }

    /// Whether so many bytes may take the place of others.
    pub(super) fn replace(&self, old: usize, new: usize) -> bool {
        let bytes = |count: usize| i64::try_from(count).unwrap_or(i64::MAX / 2);
        let more = bytes(new) - bytes(old);
        let before = self.written.fetch_add(more, Ordering::Relaxed);
        before.saturating_add(more) <= self.most
    }

    /// Whether there is too much already.
    pub(super) fn is_spent(&self) -> bool {
        self.written.load(Ordering::Relaxed) > self.most
    }

    /// What is told when they may not.
    pub(super) fn message(&self) -> String {
        format!("the result is larger than {} bytes", self.most)
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> &'static str {
        self.hint
    }
}
