//! What all reads of one run share: the deadline, the concurrency, the counters.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _};

use crate::{Secret, SecretRequest, VaultError};

/// The limits and the counters of one run.
///
/// It is shared by every backend of the run and lives no longer than it.
#[derive(Debug)]
pub struct Run {
    deadline: Instant,
    concurrency: usize,
    roots: Vec<PathBuf>,
    sent: AtomicU64,
    notes: Mutex<BTreeSet<String>>,
    /// The servers that did not get well in all the tries of a request.
    #[cfg(feature = "http")]
    given_up: Mutex<BTreeSet<String>>,
}

impl Run {
    /// The deadline of a run, from its start, if none is given: below the 60 s after which Argo
    /// CD gives up on a plugin.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(45);

    /// How many requests run at the same time if nothing else is said.
    pub const DEFAULT_CONCURRENCY: usize = 10;

    /// A run that ends after `timeout` and sends at most `concurrency` requests at a time.
    pub fn new(timeout: Duration, concurrency: usize) -> Self {
        let now = Instant::now();
        Run {
            // A timeout too long for the clock is as good as a day.
            deadline: now
                .checked_add(timeout)
                .unwrap_or(now + Duration::from_secs(86_400)),
            concurrency: concurrency.max(1),
            roots: Vec::new(),
            sent: AtomicU64::new(0),
            notes: Mutex::default(),
            #[cfg(feature = "http")]
            given_up: Mutex::default(),
        }
    }

    /// Sets the folders of the inputs: files that placeholders name must lie in one of them, and
    /// relative names may start from them (rule R7). Without any it is the working folder.
    pub fn with_roots<P: Into<PathBuf>>(mut self, roots: impl IntoIterator<Item = P>) -> Self {
        self.roots = roots.into_iter().map(Into::into).collect();
        self
    }

    /// The folders of the inputs; none for the working folder.
    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// When the run ends.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The time that is left; zero when the run is over.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// How many requests may run at the same time.
    pub fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Answers each request on its own, several at a time, in order: what a simple backend's
    /// `read` consists of.
    pub async fn each<'r, F, Fut>(
        &self,
        requests: &'r [SecretRequest],
        read: F,
    ) -> Vec<Result<Secret, VaultError>>
    where
        F: FnMut(&'r SecretRequest) -> Fut,
        Fut: Future<Output = Result<Secret, VaultError>>,
    {
        // The futures are made before the stream: a stream that held the closure could not be part
        // of a `Send` future of `async_trait` (rust-lang/rust#102211).
        let reads: Vec<Fut> = requests.iter().map(read).collect();
        stream::iter(reads)
            .buffered(self.concurrency)
            .collect()
            .await
    }

    /// Counts a request that was sent.
    pub fn count_request(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests were sent.
    pub fn requests_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether the last request to a server that used up its tries was in vain.
    #[cfg(feature = "http")]
    pub(crate) fn has_given_up(&self, server: &str) -> bool {
        self.given_up
            .lock()
            .is_ok_and(|servers| servers.contains(server))
    }

    /// Remembers whether a server answers.
    #[cfg(feature = "http")]
    pub(crate) fn set_given_up(&self, server: &str, given_up: bool) {
        if let Ok(mut servers) = self.given_up.lock() {
            match given_up {
                true => servers.insert(server.to_owned()),
                false => servers.remove(server),
            };
        }
    }

    /// Leaves a remark for the user, such as that a one-time code changes every 30 s. Names only,
    /// never values; the same remark is kept once.
    pub fn note(&self, note: impl Into<String>) {
        if let Ok(mut notes) = self.notes.lock() {
            notes.insert(note.into());
        }
    }

    /// The remarks, sorted.
    pub fn notes(&self) -> Vec<String> {
        self.notes
            .lock()
            .map(|notes| notes.iter().cloned().collect())
            .unwrap_or_default()
    }
}

impl Default for Run {
    fn default() -> Self {
        Run::new(Run::DEFAULT_TIMEOUT, Run::DEFAULT_CONCURRENCY)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::{Keys, SecretPath, VaultErrorKind};

    fn requests(count: usize) -> Vec<SecretRequest> {
        let path = |index: usize| SecretPath::verbatim(index.to_string());
        (0..count)
            .map(|index| SecretRequest::new(path(index), Keys::All))
            .collect()
    }

    #[tokio::test]
    async fn each_answers_in_order_and_never_stops_at_a_failure() {
        let (run, requests) = (Run::new(Duration::from_secs(60), 3), requests(20));
        let answers = run
            .each(&requests, |request| async move {
                let index: usize = request.path.as_str().parse().unwrap();
                // The first of them take the longest.
                for _ in index..20 {
                    tokio::task::yield_now().await;
                }
                match index % 4 {
                    0 => {
                        Err(VaultError::new(VaultErrorKind::NotFound, "{}").name(index.to_string()))
                    }
                    _ => Ok(Secret::new().with_id(index.to_string())),
                }
            })
            .await;
        let ids: Vec<String> = answers
            .iter()
            .map(|answer| match answer {
                Ok(secret) => secret.id().unwrap().to_owned(),
                Err(error) => error.to_string().replace('`', ""),
            })
            .collect();
        assert_eq!(
            ids,
            (0..20).map(|index| index.to_string()).collect::<Vec<_>>()
        );
    }

    #[tokio::test]
    async fn each_runs_as_many_at_a_time_as_allowed() {
        for (allowed, seen) in [(0, 1), (1, 1), (4, 4), (99, 20)] {
            let (run, requests) = (Run::new(Duration::from_secs(60), allowed), requests(20));
            let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let (now, most) = (&now, &most);
            run.each(&requests, |_| async move {
                most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                for _ in 0..5 {
                    tokio::task::yield_now().await;
                }
                now.fetch_sub(1, Ordering::Relaxed);
                Ok(Secret::new())
            })
            .await;
            assert_eq!(most.load(Ordering::Relaxed), seen, "{allowed} allowed");
        }
    }

    #[test]
    fn a_run_is_over_at_its_deadline_and_never_fails_on_a_long_one() {
        let over = Run::new(Duration::ZERO, 1);
        assert_eq!(over.remaining(), Duration::ZERO);
        let long = Run::new(Duration::MAX, 1);
        assert!(long.remaining() > Duration::from_secs(86_000));
    }

    #[test]
    fn requests_are_counted_and_notes_kept_once() {
        let run = Run::default();
        run.count_request();
        run.count_request();
        assert_eq!(run.requests_sent(), 2);
        for note in ["b", "a", "b"] {
            run.note(note);
        }
        assert_eq!(run.notes(), ["a", "b"]);
    }
}
