//! How many requests may be sent in a minute.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::sync::lock;

/// A limit for any stretch of time of one length: no such stretch holds more requests, wherever it
/// begins. (A limit for each minute of the clock would let twice as many through around its turn.)
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// 0 for no limit.
    most: AtomicU64,
    sent: Mutex<Sent>,
}

#[derive(Debug, Default)]
struct Sent {
    window: Duration,
    /// When the requests of the last window were sent.
    times: VecDeque<Instant>,
}

impl Budget {
    pub(super) fn set(&self, most: Option<u64>, window: Duration) {
        lock(&self.sent).window = window;
        self.most.store(most.unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }

    /// Takes one request from the budget.
    ///
    /// # Errors
    /// How long it takes until the next one may be sent.
    pub(super) fn take(&self) -> Result<(), Duration> {
        let most = self.most();
        if most == 0 {
            return Ok(());
        }
        let (mut sent, now) = (lock(&self.sent), Instant::now());
        match sent.wait(most, now) {
            Some(wait) => Err(wait),
            None => {
                sent.times.push_back(now);
                Ok(())
            }
        }
    }

    /// Whether a request would have to wait now.
    pub(super) fn is_used_up(&self) -> bool {
        let most = self.most();
        most > 0 && lock(&self.sent).wait(most, Instant::now()).is_some()
    }
}

impl Sent {
    /// How long the next request has to wait.
    fn wait(&mut self, most: u64, now: Instant) -> Option<Duration> {
        let window = self.window;
        let is_over = |time: &Instant| now.duration_since(*time) >= window;
        while self.times.front().is_some_and(is_over) {
            self.times.pop_front();
        }
        let count = u64::try_from(self.times.len()).unwrap_or(u64::MAX);
        // If the limit was lowered, more than one has to go first.
        let index = usize::try_from(count.checked_sub(most)?).ok()?;
        let first = self.times.get(index)?;
        Some(window.saturating_sub(now.duration_since(*first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_stretch_of_time_holds_more_than_the_limit() {
        let minute = Duration::from_secs(60);
        let start = Instant::now();
        let mut sent = Sent {
            window: minute,
            times: VecDeque::new(),
        };
        let at = |seconds| start + Duration::from_secs(seconds);
        for seconds in [0, 10, 59] {
            assert_eq!(sent.wait(3, at(seconds)), None, "{seconds}");
            sent.times.push_back(at(seconds));
        }
        assert_eq!(sent.wait(3, at(59)), Some(Duration::from_secs(1)));
        assert_eq!(sent.wait(3, at(60)), None);
        sent.times.push_back(at(60));
        assert_eq!(sent.wait(3, at(61)), Some(Duration::from_secs(9)));
        // A limit that is lowered holds at once: two of the three must be over.
        assert_eq!(sent.wait(1, at(61)), Some(Duration::from_secs(59)));
        assert_eq!(sent.wait(1, at(200)), None);
        assert!(sent.times.is_empty());
    }

    #[test]
    fn without_a_limit_nothing_is_kept() {
        let budget = Budget::default();
        for _ in 0..10 {
            assert_eq!(budget.take(), Ok(()));
        }
        assert!(!budget.is_used_up() && lock(&budget.sent).times.is_empty());
        budget.set(Some(1), Duration::from_secs(3600));
        assert_eq!(budget.take(), Ok(()));
        assert!(budget.take().is_err() && budget.is_used_up());
        budget.set(None, Duration::from_secs(60));
        assert_eq!(budget.take(), Ok(()));
        assert!(!budget.is_used_up());
    }
}
