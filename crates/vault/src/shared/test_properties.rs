//! Whatever the order in which runs begin, wait, give up and are answered, each gets what it may.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use proptest::prelude::*;
use tokio::sync::oneshot;

use super::*;
use crate::{VaultError, VaultErrorKind};

const RUNS: usize = 6;
const KEYS: usize = 3;
const BACKENDS: usize = 2;

/// What happens next.
#[derive(Clone, Debug)]
enum Event {
    /// A run asks a backend for a key, if it is not waiting.
    Ask {
        run: usize,
        backend: usize,
        key: usize,
    },
    /// A run looks whether there is an answer.
    Look(usize),
    /// A run is cancelled.
    Cancel(usize),
    /// One of the reads that are under way is answered.
    Answer { read: usize, with: With },
    /// A run forgets what it has found.
    Forget(usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum With {
    AValue,
    AValueForOne,
    AnError,
}

fn event() -> impl Strategy<Value = Event> {
    let with = prop_oneof![
        4 => Just(With::AValue),
        1 => Just(With::AValueForOne),
        2 => Just(With::AnError),
    ];
    prop_oneof![
        4 => (0..RUNS, 0..BACKENDS, 0..KEYS)
            .prop_map(|(run, backend, key)| Event::Ask { run, backend, key }),
        4 => (0..RUNS).prop_map(Event::Look),
        1 => (0..RUNS).prop_map(Event::Cancel),
        3 => (0..RUNS, with).prop_map(|(read, with)| Event::Answer { read, with }),
        1 => (0..RUNS).prop_map(Event::Forget),
    ]
}

/// What a read has brought, with all that says whose it is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Value {
    asker: usize,
    backend: usize,
    key: usize,
    with: With,
}

impl Shareable for Value {
    fn may_be_shared(&self) -> bool {
        self.with == With::AValue
    }
}

/// A run, a backend and a key.
type Whose = (usize, usize, usize);
type Waiting<'r> = Option<(Reading<'r>, Whose)>;
type Outcome = Result<Found<Value>, VaultError>;
type Reading<'r> = Pin<Box<dyn Future<Output = Outcome> + 'r>>;

/// A read that is under way at a backend.
type Open = (Value, oneshot::Sender<Result<Value, VaultError>>);

fn read<'r>(
    reads: &'r SharedReads<usize, Value, VaultError>,
    run: &'r RunContext,
    open: &Rc<RefCell<Vec<Open>>>,
    (asker, backend, key): Whose,
) -> Reading<'r> {
    let open = Rc::clone(open);
    Box::pin(async move {
        let ask = |_| {
            let value = Value {
                asker,
                backend,
                key,
                with: With::AValue,
            };
            let (send, receive) = oneshot::channel();
            open.borrow_mut().push((value, send));
            async move {
                let gone = |_| VaultError::invalid_answer("gone");
                receive.await.map_err(gone).and_then(|answer| answer)
            }
        };
        reads.read(&key, run, ask).await
    })
}

/// What a run may have, and what it must not.
fn check(outcome: &Outcome, (asker, backend, key): Whose) {
    match outcome {
        Ok(found) => {
            assert_eq!(
                (found.backend, found.key),
                (backend, key),
                "{:?}",
                found.value
            );
            if found.with != With::AValue || !found.is_old {
                assert_eq!(found.asker, asker, "{:?}", found.value);
            }
        }
        Err(error) => {
            let whose: Vec<&str> = error.names().collect();
            assert_eq!(whose, [asker.to_string()], "{error}");
        }
    }
}

fn play(events: Vec<Event>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let traffic = Traffic::new();
        let backends: Vec<SharedReads<usize, Value, VaultError>> = (0..BACKENDS)
            .map(|_| SharedReads::new(&Sharing::new(Duration::from_secs(3600), &traffic), "here"))
            .collect();
        let contexts: Vec<RunContext> = (0..RUNS).map(|_| RunContext::new()).collect();
        let open: Rc<RefCell<Vec<Open>>> = Rc::default();
        let mut waiting: Vec<Waiting<'_>> = (0..RUNS).map(|_| None).collect();
        let mut found: Vec<Option<(Found<Value>, Whose)>> = (0..RUNS).map(|_| None).collect();
        let looks = (0..RUNS).map(Event::Look);
        let answers = |with| (0..RUNS * 2).map(move |_| Event::Answer { read: 0, with });
        // In the end everything is answered, again and again: some begin late or ask by themselves.
        let end = || looks.clone().chain(answers(With::AValue));
        let end = (0..4).flat_map(|_| end());
        for event in events.into_iter().chain(end) {
            match event {
                Event::Ask { run, backend, key } if waiting[run].is_none() => {
                    let whose = (run, backend, key);
                    let reading = read(&backends[backend], &contexts[run], &open, whose);
                    waiting[run] = Some((reading, whose));
                }
                Event::Ask { .. } => {}
                Event::Look(run) => {
                    let Some((reading, whose)) = &mut waiting[run] else {
                        continue;
                    };
                    if let Poll::Ready(outcome) = futures_util::poll!(reading) {
                        check(&outcome, *whose);
                        found[run] = outcome.ok().map(|outcome| (outcome, *whose));
                        waiting[run] = None;
                    }
                }
                Event::Cancel(run) => waiting[run] = None,
                Event::Answer { read, with } => {
                    let mut open = open.borrow_mut();
                    if read >= open.len() {
                        continue;
                    }
                    let (value, send) = open.remove(read);
                    let answer = match with {
                        With::AnError => {
                            let error = VaultError::new(VaultErrorKind::NotFound, "{}");
                            Err(error.with_name(value.asker.to_string()))
                        }
                        with => Ok(Value { with, ..value }),
                    };
                    // Nobody is there any more if all have given up.
                    let _ = send.send(answer);
                }
                Event::Forget(run) => {
                    if let Some((old, (_, backend, key))) = &found[run] {
                        backends[*backend].forget(key, old);
                    }
                }
            }
        }
        assert!(
            waiting.iter().all(Option::is_none),
            "somebody waits for ever"
        );
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nobody_gets_what_is_another_ones(events in prop::collection::vec(event(), 1..60)) {
        play(events);
    }
}
