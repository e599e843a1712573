//! Reads that several runs share: those under way, and those that have ended a short while ago.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use super::Sharing;
use super::flight::{Answer, Flight, Landed, Shareable, WeakFlight, begin, take};
use crate::sync::lock;
use crate::transport::runtime;
use crate::{RunContext, VaultError, VaultErrorKind};

/// What was read, by what tells one read from another: all of the path, the version and the options
/// that a backend tells apart.
///
/// It belongs to one backend, with all of its settings and its login. An error, and what is not
/// [`Shareable`], goes to the run that has asked and to nobody else. `Debug` shows how much there
/// is and nothing of it.
pub(crate) struct SharedReads<K: Ord, V, E>(Arc<Inner<K, V, E>>);

struct Inner<K: Ord, V, E> {
    sharing: Sharing,
    /// What is asked, for messages.
    server: String,
    slots: Mutex<Slots<K, V, E>>,
}

struct Slots<K: Ord, V, E> {
    /// How many reads were begun.
    begun: u64,
    by_key: BTreeMap<K, Slot<V, E>>,
}

struct Slot<V, E> {
    /// The number of its read, which tells it from an earlier or later one of the same key.
    number: u64,
    state: State<V, E>,
}

enum State<V, E> {
    UnderWay(WeakFlight<V, E>),
    Kept {
        answer: Arc<Answer<V>>,
        until: Instant,
    },
}

/// A thing that was read, for this run or before.
pub(crate) struct Found<V> {
    pub(crate) value: Arc<V>,
    /// Whether it was asked for before this run asked. Then something may be there now that was not
    /// there yet, so nothing is missing before it has been read again.
    pub(crate) is_old: bool,
}

impl<V> Found<V> {
    /// What this run has read itself.
    pub(crate) fn own(value: V) -> Self {
        Found {
            value: Arc::new(value),
            is_old: false,
        }
    }
}

impl<V> Deref for Found<V> {
    type Target = V;

    fn deref(&self) -> &V {
        &self.value
    }
}

impl<K, V, E> SharedReads<K, V, E>
where
    K: Clone + Ord + Send + Sync + 'static,
    V: Shareable,
    E: From<VaultError> + Send + 'static,
{
    /// Shares what is read from a server, or from whatever else messages call so.
    pub(crate) fn new(sharing: &Sharing, server: impl Into<String>) -> Self {
        SharedReads(Arc::new(Inner {
            sharing: sharing.clone(),
            server: server.into(),
            slots: Mutex::new(Slots {
                begun: 0,
                by_key: BTreeMap::new(),
            }),
        }))
    }

    /// Reads a thing, or gets what another run is reading or has just read. `ask` makes the read,
    /// for a run that is not this one; what that run leaves is told to this one.
    ///
    /// # Errors
    /// Those of the read, if this run began it. If another one did, this run reads for itself. A
    /// run whose time ends before the read does gets an error; the others wait on.
    pub(crate) async fn read<A, F>(&self, key: &K, run: &RunContext, ask: A) -> Result<Found<V>, E>
    where
        A: Fn(RunContext) -> F,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        runtime::ready()?;
        let (flight, began) = match self.join(key, run, &ask) {
            Joined::Kept(answer) => return Ok(self.given(&answer, run)),
            Joined::UnderWay(flight) => (flight, false),
            Joined::Begun(flight) => (flight, true),
        };
        let landed = tokio::time::timeout(run.remaining(), flight).await;
        let landed = landed.map_err(|_| self.late(run))?;
        match landed {
            Landed::Shared(answer) if !began => return Ok(self.given(&answer, run)),
            Landed::Shared(answer) => {
                run.count_requests_of(&answer.run);
                run.hear(&answer.run);
                return Ok(Found {
                    value: Arc::clone(&answer.value),
                    is_old: false,
                });
            }
            Landed::Own(own) => {
                if let Some((outcome, own_run)) = take(&own).filter(|_| began) {
                    run.count_requests_of(&own_run);
                    run.hear(&own_run);
                    return outcome.map(Found::own);
                }
            }
        }
        let alone = self.0.sharing.alone(run);
        ask(alone).await.map(Found::own)
    }

    /// The same as [`read`](SharedReads::read), but what another run has read is read again if it is
    /// not enough for this one: something that is missing in it may have come since.
    pub(crate) async fn read_enough<A, F>(
        &self,
        key: &K,
        run: &RunContext,
        ask: A,
        is_enough: impl Fn(&V) -> bool,
    ) -> Result<Found<V>, E>
    where
        A: Fn(RunContext) -> F,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        let found = self.read(key, run, &ask).await?;
        if !found.is_old || is_enough(&found) {
            return Ok(found);
        }
        self.forget(key, &found);
        self.read(key, run, ask).await
    }

    /// Forgets what was found, unless it has been read again since.
    pub(crate) fn forget(&self, key: &K, old: &Found<V>) {
        let mut slots = lock(&self.0.slots);
        let is_same = |slot: &Slot<V, E>| match &slot.state {
            State::Kept { answer, .. } => Arc::ptr_eq(&answer.value, &old.value),
            State::UnderWay(_) => false,
        };
        let gone = match slots.by_key.get(key) {
            Some(slot) if is_same(slot) => slots.by_key.remove(key),
            _ => None,
        };
        drop(slots);
        drop(gone);
    }

    fn given(&self, answer: &Answer<V>, run: &RunContext) -> Found<V> {
        self.0.sharing.traffic().count_shared();
        run.hear(&answer.run);
        Found {
            value: Arc::clone(&answer.value),
            is_old: true,
        }
    }

    fn join<A, F>(&self, key: &K, run: &RunContext, ask: &A) -> Joined<V, E>
    where
        A: Fn(RunContext) -> F,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        let mut slots = lock(&self.0.slots);
        match slots.by_key.get(key).map(|slot| &slot.state) {
            Some(State::Kept { answer, until }) if Instant::now() < *until => {
                return Joined::Kept(Arc::clone(answer));
            }
            Some(State::UnderWay(flight)) => {
                if let Some(flight) = flight.upgrade() {
                    return Joined::UnderWay(flight);
                }
            }
            _ => {}
        }
        slots.begun += 1;
        let place = Place {
            reads: Arc::downgrade(&self.0),
            key: key.clone(),
            number: slots.begun,
        };
        let (number, own_run) = (place.number, self.0.sharing.own_run(run));
        let keep = move |answer: &Arc<Answer<V>>| place.keep(answer);
        let flight = begin(ask(own_run.clone()), own_run, keep);
        let mut before = None;
        if let Some(under_way) = flight.downgrade() {
            let state = State::UnderWay(under_way);
            before = slots.by_key.insert(key.clone(), Slot { number, state });
        }
        // What was there is dropped when nothing is locked.
        drop(slots);
        drop(before);
        Joined::Begun(flight)
    }

    /// The time of a run ended before the read did.
    fn late(&self, run: &RunContext) -> E {
        let reason = self.0.sharing.traffic().why_late();
        let message = "no answer from {} in time, which was {}";
        let late = || {
            VaultError::new(VaultErrorKind::Timeout, message)
                .with_name(&self.0.server)
                .with_name(run.shown_timeout())
                .with_hint(run.timeout_hint())
        };
        reason.unwrap_or_else(late).into()
    }
}

enum Joined<V, E> {
    Kept(Arc<Answer<V>>),
    UnderWay(Flight<V, E>),
    Begun(Flight<V, E>),
}

/// The place where a read will land. If the read is given up, the place is free again.
struct Place<K: Ord, V, E> {
    reads: Weak<Inner<K, V, E>>,
    key: K,
    number: u64,
}

impl<K, V, E> Place<K, V, E>
where
    K: Clone + Ord + Send + Sync + 'static,
    V: Shareable,
    E: Send + 'static,
{
    /// Keeps an answer until the window ends, and sees that it is wiped then, whether somebody asks
    /// again or not. Where nothing can wait for that, it is not kept.
    fn keep(&self, answer: &Arc<Answer<V>>) {
        let runtime = tokio::runtime::Handle::try_current();
        let (Ok(runtime), Some(reads)) = (runtime, self.reads.upgrade()) else {
            return;
        };
        let (window, number) = (reads.sharing.window(), self.number);
        let mut slots = lock(&reads.slots);
        let slot = slots.by_key.get_mut(&self.key);
        let Some(slot) = slot.filter(|slot| slot.number == number) else {
            return;
        };
        slot.state = State::Kept {
            answer: Arc::clone(answer),
            until: Instant::now() + window,
        };
        drop(slots);
        let (reads, key) = (Weak::clone(&self.reads), self.key.clone());
        runtime.spawn(async move {
            tokio::time::sleep(window).await;
            if let Some(reads) = reads.upgrade() {
                reads.remove(&key, number, |_| true);
            }
        });
    }
}

impl<K: Ord, V, E> Drop for Place<K, V, E> {
    fn drop(&mut self) {
        if let Some(reads) = self.reads.upgrade() {
            let is_under_way = |state: &State<V, E>| matches!(state, State::UnderWay(_));
            reads.remove(&self.key, self.number, is_under_way);
        }
    }
}

impl<K: Ord, V, E> Inner<K, V, E> {
    fn remove(&self, key: &K, number: u64, may_go: impl Fn(&State<V, E>) -> bool) {
        let mut slots = lock(&self.slots);
        let goes = |slot: &Slot<V, E>| slot.number == number && may_go(&slot.state);
        let gone = match slots.by_key.get(key) {
            Some(slot) if goes(slot) => slots.by_key.remove(key),
            _ => None,
        };
        // Values are wiped when nothing is locked.
        drop(slots);
        drop(gone);
    }
}

impl<K: Ord, V, E> fmt::Debug for SharedReads<K, V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = lock(&self.0.slots).by_key.len();
        f.debug_struct("SharedReads")
            .field("reads", &count)
            .finish_non_exhaustive()
    }
}
