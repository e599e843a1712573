//! What all reads of one run share: the deadline, the concurrency, the counters.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _};

use crate::app_files::AppFiles;
use crate::logins::Logins;
#[cfg(feature = "shared")]
use crate::refusals::Refusals;
#[cfg(feature = "shared")]
use crate::traffic::{GivenUp, Traffic};
use crate::{Secret, SecretRequest, SecretValue, VaultError};

/// How many names a run compares with ones that nothing has, before it stops to begin with more.
const MOST_COMPARED: usize = 500_000;

/// The limits, the counters and the remarks of one run.
///
/// Every backend of a run gets the same one, and it lives no longer than the run. Its clock starts
/// when it is made. A clone belongs to the same run: it counts into the same counters.
///
/// ```
/// use std::time::Duration;
/// use manifill_vault::RunContext;
///
/// let run = RunContext::new().with_timeout(Duration::from_secs(10)).with_concurrency(4);
/// assert!(run.remaining() <= Duration::from_secs(10));
/// assert_eq!((run.concurrency(), run.requests_sent()), (4, 0));
/// ```
#[derive(Clone, Debug)]
pub struct RunContext {
    start: Instant,
    timeout: Option<Duration>,
    timeout_hint: &'static str,
    concurrency: Option<usize>,
    roots: Arc<[PathBuf]>,
    app_files: Option<Arc<dyn AppFiles>>,
    logins: Arc<Logins>,
    suggests: bool,
    shared: Arc<Shared>,
    /// The logins that servers have refused.
    #[cfg(feature = "shared")]
    pub(crate) refusals: Arc<Refusals>,
    /// The servers that did not get well in all the tries of a request.
    #[cfg(feature = "shared")]
    given_up: GivenUp,
    /// Where a long-lived program counts what all its runs send.
    #[cfg(feature = "shared")]
    traffic: Option<Traffic>,
}

/// What to do about a run that takes longer than its settings allow.
const TIMEOUT_HINT: &str = "MANIFILL_TIMEOUT is how many seconds a run may take";

/// What the clones of a context have in common.
#[derive(Debug, Default)]
struct Shared {
    sent: AtomicU64,
    /// How many names were compared with one that nothing has.
    compared: AtomicUsize,
    notes: Mutex<BTreeSet<String>>,
}

impl RunContext {
    /// The deadline of a run, from its start, if none is given: below the 60 s after which Argo
    /// CD gives up on a plugin.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(45);

    /// How many requests run at the same time if nothing else is said.
    pub const DEFAULT_CONCURRENCY: usize = 10;

    /// A run that starts now. What is not set stays open: a renderer then uses its own limits, a
    /// backend that is called without one the defaults.
    pub fn new() -> Self {
        RunContext {
            start: Instant::now(),
            timeout: None,
            timeout_hint: TIMEOUT_HINT,
            concurrency: None,
            roots: Arc::default(),
            app_files: None,
            logins: Arc::default(),
            suggests: true,
            shared: Arc::default(),
            #[cfg(feature = "shared")]
            refusals: Arc::default(),
            #[cfg(feature = "shared")]
            given_up: GivenUp::default(),
            #[cfg(feature = "shared")]
            traffic: None,
        }
    }

    /// Sets how long the run may take, from its start.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets what to do about a run that takes too long, if it is not a setting that says how long it may
    /// take.
    pub fn with_timeout_hint(mut self, hint: &'static str) -> Self {
        self.timeout_hint = hint;
        self
    }

    /// Sets how many requests each backend may have under way, at least one.
    pub fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = Some(concurrency.max(1));
        self
    }

    /// The same run, with these limits where it has none of its own.
    pub fn with_default_limits(&self, timeout: Duration, concurrency: usize) -> Self {
        let mut run = self.clone();
        run.timeout.get_or_insert(timeout);
        run.concurrency.get_or_insert(concurrency.max(1));
        run
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

    /// Sets the files of the app, where they are not on the disk: files that placeholders name are
    /// then found in there, and not below the [roots](RunContext::roots).
    pub fn with_app_files(mut self, files: impl AppFiles + 'static) -> Self {
        self.app_files = Some(Arc::new(files));
        self
    }

    /// The files of the app, if they are not on the disk.
    pub fn app_files(&self) -> Option<&dyn AppFiles> {
        self.app_files.as_deref()
    }

    /// The same run, in which nobody may see names that could have been meant: they are not looked
    /// for.
    pub fn without_suggestions(mut self) -> Self {
        self.suggests = false;
        self
    }

    /// Whether a backend may compare so many names with one that nothing has, to tell which could
    /// have been meant.
    ///
    /// A run can have very many wrong names, and a vault very many right ones: so a run compares
    /// only so many in all, and none when its time is over (rule R11).
    pub fn may_compare(&self, names: usize) -> bool {
        self.suggests
            && !self.is_late()
            && self.shared.compared.fetch_add(names, Ordering::Relaxed) <= MOST_COMPARED
    }

    /// How long the run may take.
    pub fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(Self::DEFAULT_TIMEOUT)
    }

    /// How long the run may take, as messages say it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use manifill_vault::RunContext;
    ///
    /// let shown = |time| RunContext::new().with_timeout(time).shown_timeout();
    /// assert_eq!(shown(Duration::from_secs(45)), "45 s");
    /// assert_eq!(shown(Duration::from_nanos(1_793_749_225)), "1.79 s");
    /// ```
    pub fn shown_timeout(&self) -> String {
        let seconds = format!("{:.2}", self.timeout().as_secs_f64());
        let seconds = seconds.trim_end_matches('0').trim_end_matches('.');
        format!("{seconds} s")
    }

    /// What to do about a run that takes too long.
    pub fn timeout_hint(&self) -> &'static str {
        self.timeout_hint
    }

    /// When the run ends.
    pub fn deadline(&self) -> Instant {
        let timeout = self.timeout();
        // A timeout too long for the clock is as good as a day.
        let day = || self.start + Duration::from_secs(86_400);
        self.start.checked_add(timeout).unwrap_or_else(day)
    }

    /// The time that is left; zero when the run is over.
    pub fn remaining(&self) -> Duration {
        self.deadline().saturating_duration_since(Instant::now())
    }

    /// Whether the time is over; whoever computes for long looks at it now and then.
    pub fn is_late(&self) -> bool {
        self.remaining().is_zero()
    }

    /// How many requests may run at the same time.
    pub fn concurrency(&self) -> usize {
        self.concurrency.unwrap_or(Self::DEFAULT_CONCURRENCY)
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
            .buffered(self.concurrency())
            .collect()
            .await
    }

    /// Counts a request that was sent.
    pub fn count_request(&self) {
        self.shared.sent.fetch_add(1, Ordering::Relaxed);
        #[cfg(feature = "shared")]
        if let Some(traffic) = &self.traffic {
            traffic.count_request();
        }
    }

    /// Counts the requests of a run that was begun for this one; they are in the traffic already.
    #[cfg(feature = "shared")]
    pub(crate) fn count_requests_of(&self, other: &RunContext) {
        let sent = other.requests_sent();
        self.shared.sent.fetch_add(sent, Ordering::Relaxed);
    }

    /// The same run, counted into what all runs of a long-lived program send, and kept to what they
    /// may send.
    #[cfg(feature = "shared")]
    pub fn with_traffic(mut self, traffic: &Traffic) -> Self {
        self.traffic = Some(traffic.clone());
        self
    }

    /// The same run, which shares with others what it knows about servers.
    #[cfg(feature = "shared")]
    pub(crate) fn with_given_up(mut self, given_up: &GivenUp) -> Self {
        self.given_up = Arc::clone(given_up);
        self
    }

    /// Waits until a request may be sent, where there is a limit for all runs.
    ///
    /// # Errors
    /// If that is not before the end of this one.
    #[cfg(feature = "http")]
    pub(crate) async fn admit(&self) -> Result<(), VaultError> {
        let Some(traffic) = &self.traffic else {
            return Ok(());
        };
        while let Err(wait) = traffic.take_request() {
            if wait >= self.remaining() {
                return Err(traffic.used_up());
            }
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// Takes over what another run has told: remarks, and the logins that it has sent.
    #[cfg(feature = "shared")]
    pub(crate) fn hear(&self, other: &RunContext) {
        for note in other.notes() {
            self.note(note);
        }
        self.logins.add_all(&other.logins);
    }

    /// How many requests were sent.
    pub fn requests_sent(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
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
            if given_up {
                servers.insert(server.to_owned())
            } else {
                servers.remove(server)
            };
        }
    }

    /// Remembers a token that a backend sends. Where an app's author whom no policy binds chooses
    /// the paths, no value that equals it is given out (rule R7). Requests over
    /// [`transport::http`](crate::transport::http) remember theirs.
    pub fn remember_login(&self, token: &str) {
        self.logins.add(token);
    }

    /// The same run, with logins of its own to remember.
    pub(crate) fn with_own_logins(&self) -> Self {
        RunContext {
            logins: Arc::default(),
            ..self.clone()
        }
    }

    /// Whether a value is or holds one of the tokens that were sent.
    pub(crate) fn is_login(&self, value: &SecretValue) -> bool {
        self.logins.are_in(value)
    }

    /// Leaves a remark for the user, such as that a one-time code changes every 30 s. Names only,
    /// never values; the same remark is kept once.
    pub fn note(&self, note: impl Into<String>) {
        if let Ok(mut notes) = self.shared.notes.lock() {
            notes.insert(note.into());
        }
    }

    /// The remarks, sorted.
    pub fn notes(&self) -> Vec<String> {
        self.shared
            .notes
            .lock()
            .map(|notes| notes.iter().cloned().collect())
            .unwrap_or_default()
    }
}

impl Default for RunContext {
    fn default() -> Self {
        RunContext::new()
    }
}

#[cfg(test)]
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
        let (run, requests) = (
            RunContext::new()
                .with_timeout(Duration::from_secs(60))
                .with_concurrency(3),
            requests(20),
        );
        let answers = run
            .each(&requests, |request| async move {
                let index: usize = request.path.as_str().parse().unwrap();
                // The first of them take the longest.
                for _ in index..20 {
                    tokio::task::yield_now().await;
                }
                match index % 4 {
                    0 => Err(VaultError::new(VaultErrorKind::NotFound, "{}")
                        .with_name(index.to_string())),
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
            let (run, requests) = (
                RunContext::new()
                    .with_timeout(Duration::from_secs(60))
                    .with_concurrency(allowed),
                requests(20),
            );
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
        let over = RunContext::new()
            .with_timeout(Duration::ZERO)
            .with_concurrency(1);
        assert_eq!(over.remaining(), Duration::ZERO);
        let long = RunContext::new()
            .with_timeout(Duration::MAX)
            .with_concurrency(1);
        assert!(long.remaining() > Duration::from_secs(86_000));
    }

    #[test]
    fn what_is_open_takes_the_limits_of_others() {
        let open = RunContext::new();
        let seconds = Duration::from_secs;
        let filled = open.with_default_limits(seconds(600), 3);
        assert!(filled.remaining() > seconds(500) && open.remaining() < seconds(50));
        assert_eq!((filled.concurrency(), open.concurrency()), (3, 10));
        let own = open.with_timeout(seconds(5)).with_concurrency(2);
        let kept = own.with_default_limits(seconds(600), 3);
        assert!(kept.remaining() <= seconds(5));
        assert_eq!(kept.concurrency(), 2);
        kept.count_request();
        assert_eq!(own.requests_sent(), 1, "a clone counts into the same run");
    }

    #[test]
    fn a_run_compares_so_many_names_and_none_when_it_is_late_or_nobody_may_see_them() {
        let run = RunContext::new().with_timeout(Duration::from_secs(60));
        let clone = run.clone();
        let times = (0..200).filter(|_| clone.may_compare(5000)).count();
        assert_eq!(times, MOST_COMPARED / 5000 + 1);
        assert!(!run.may_compare(1), "a clone compares for the same run");
        assert!(!RunContext::new().without_suggestions().may_compare(1));
        assert!(
            !RunContext::new()
                .with_timeout(Duration::ZERO)
                .may_compare(1)
        );
        assert!(
            RunContext::new().may_compare(1_000_000),
            "what one error needs is always done"
        );
    }

    #[test]
    fn requests_are_counted_and_notes_kept_once() {
        let run = RunContext::default();
        run.count_request();
        run.count_request();
        assert_eq!(run.requests_sent(), 2);
        for note in ["b", "a", "b"] {
            run.note(note);
        }
        assert_eq!(run.notes(), ["a", "b"]);
    }
}
