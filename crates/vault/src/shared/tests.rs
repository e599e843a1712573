//! What is shared, with whom, and for how long.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::*;
use crate::suite::SENTINEL;
use crate::{SecretValue, VaultError, VaultErrorKind};

/// Long enough for any test.
const LONG: Duration = Duration::from_secs(3600);

/// What a place of secrets gives; each read of it is a new one.
#[derive(Debug)]
struct Thing {
    number: usize,
    is_shared: bool,
    /// Says when it is dropped.
    _life: Option<Arc<()>>,
    _value: SecretValue,
}

impl Shareable for Thing {
    fn may_be_shared(&self) -> bool {
        self.is_shared
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Answers {
    Well,
    Alone,
    Error,
    Panic,
}

/// A place of secrets that counts its reads and answers when it may.
struct Source {
    reads: SharedReads<String, Thing, VaultError>,
    traffic: Traffic,
    asked: Arc<AtomicUsize>,
    answers: Arc<Mutex<Answers>>,
    gate: Arc<Semaphore>,
    life: Arc<()>,
}

impl Source {
    /// One that answers at once.
    fn open(window: Duration) -> Self {
        let source = Source::closed(window);
        source.gate.add_permits(1000);
        source
    }

    /// One that answers as often as its gate lets through.
    fn closed(window: Duration) -> Self {
        let traffic = Traffic::new();
        Source {
            reads: SharedReads::new(&Sharing::new(window, &traffic), "here"),
            traffic,
            asked: Arc::default(),
            answers: Arc::new(Mutex::new(Answers::Well)),
            gate: Arc::new(Semaphore::new(0)),
            life: Arc::default(),
        }
    }

    async fn read(&self, key: &str, run: &RunContext) -> Result<Found<Thing>, VaultError> {
        let ask = |run: RunContext| {
            let (asked, gate) = (Arc::clone(&self.asked), Arc::clone(&self.gate));
            let (answers, life) = (Arc::clone(&self.answers), Arc::clone(&self.life));
            async move {
                let number = asked.fetch_add(1, Ordering::SeqCst) + 1;
                run.count_request();
                run.note(format!("note {number}"));
                run.remember_login("token-of-it");
                gate.acquire().await.unwrap().forget();
                let answers = *answers.lock().unwrap();
                match answers {
                    Answers::Error => Err(VaultError::invalid_answer("no")),
                    Answers::Panic => panic!("a mistake in a backend"),
                    _ => Ok(Thing {
                        number,
                        is_shared: answers == Answers::Well,
                        _life: Some(life),
                        _value: SecretValue::text(SENTINEL),
                    }),
                }
            }
        };
        self.reads.read(&key.to_owned(), run, ask).await
    }

    fn answer(&self, answers: Answers) {
        *self.answers.lock().unwrap() = answers;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Waits until so many reads were begun.
    async fn until_asked(&self, count: usize) {
        while self.asked() < count {
            tokio::task::yield_now().await;
        }
    }
}

async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_read_serves_all_that_ask_for_the_same() {
    let source = Source::open(LONG);
    for round in 0..5 {
        let run = RunContext::new();
        let found = source.read("a", &run).await.unwrap();
        assert_eq!((found.number, found.is_old), (1, round > 0));
        // Each of them is told what the read has left, and the requests count where they were sent.
        assert_eq!(run.notes(), ["note 1"]);
        assert!(run.is_login(&SecretValue::text("token-of-it")));
        assert_eq!(run.requests_sent(), u64::from(round == 0));
    }
    assert_eq!(
        source.read("b", &RunContext::new()).await.unwrap().number,
        2
    );
    assert_eq!(
        (
            source.traffic.requests_sent(),
            source.traffic.reads_shared()
        ),
        (2, 4)
    );
}

#[tokio::test]
async fn runs_join_a_read_that_is_under_way() {
    let source = Source::closed(LONG);
    let run = RunContext::new();
    let reads = (0..10).map(|_| source.read("a", &run));
    let release = async {
        source.until_asked(1).await;
        settle().await;
        source.gate.add_permits(1);
    };
    let (found, ()) = tokio::join!(futures_util::future::join_all(reads), release);
    let numbers: Vec<usize> = found
        .into_iter()
        .map(|found| found.unwrap().number)
        .collect();
    assert_eq!((numbers, source.asked()), (vec![1; 10], 1));
}

#[tokio::test]
async fn a_read_goes_on_when_the_run_that_began_it_is_cancelled() {
    let source = Source::closed(LONG);
    let run = RunContext::new();
    let mut first = Box::pin(source.read("a", &run));
    assert!(futures_util::poll!(&mut first).is_pending());
    let mut second = Box::pin(source.read("a", &run));
    assert!(futures_util::poll!(&mut second).is_pending());
    drop(first);
    source.gate.add_permits(1);
    assert_eq!(second.await.unwrap().number, 1);
    assert_eq!(source.asked(), 1, "nobody had to ask again");
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_ends() {
    let source = Source::closed(LONG);
    let run = RunContext::new();
    let mut only = Box::pin(source.read("a", &run));
    assert!(futures_util::poll!(&mut only).is_pending());
    assert_eq!(
        format!("{:?}", source.reads),
        "SharedReads { reads: 1, .. }"
    );
    drop(only);
    assert_eq!(
        format!("{:?}", source.reads),
        "SharedReads { reads: 0, .. }"
    );
    source.gate.add_permits(1);
    assert_eq!(source.read("a", &run).await.unwrap().number, 2);
}

#[tokio::test]
async fn each_run_keeps_its_own_deadline() {
    let source = Source::closed(LONG);
    let short = RunContext::new().with_timeout(Duration::from_millis(20));
    let long = RunContext::new();
    let first = async {
        let late = source.read("a", &short).await;
        source.gate.add_permits(1);
        late
    };
    let second = async {
        source.until_asked(1).await;
        source.read("a", &long).await
    };
    let (first, second) = tokio::join!(first, second);
    let error = first.err().unwrap();
    assert_eq!(error.kind(), VaultErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        "no answer from `here` in time, which was `0.02 s`"
    );
    assert_eq!((second.unwrap().number, source.asked()), (1, 1));
}

#[tokio::test]
async fn an_error_goes_to_the_run_that_asked_and_to_no_other() {
    for answers in [Answers::Error, Answers::Panic] {
        let source = Source::closed(LONG);
        source.answer(answers);
        let (one, two, three) = (RunContext::new(), RunContext::new(), RunContext::new());
        let mut first = Box::pin(source.read("a", &one));
        assert!(futures_util::poll!(&mut first).is_pending());
        let mut second = Box::pin(source.read("a", &two));
        assert!(futures_util::poll!(&mut second).is_pending());
        source.gate.add_permits(1);
        if answers == Answers::Error {
            assert!(first.await.is_err());
        } else {
            // It reads once more by itself.
            assert!(futures_util::poll!(&mut first).is_pending());
        }
        source.answer(Answers::Well);
        source.gate.add_permits(3);
        let begun = source.asked();
        let found = second.await.unwrap();
        assert!(!found.is_old && found.number > begun, "{answers:?}");
        // Nothing of it is left for those who come later.
        let found = source.read("a", &three).await;
        assert!(!found.unwrap().is_old, "{answers:?}");
    }
}

#[tokio::test]
async fn what_is_made_for_one_is_given_to_one() {
    let source = Source::closed(LONG);
    source.answer(Answers::Alone);
    source.gate.add_permits(10);
    let runs = [RunContext::new(), RunContext::new(), RunContext::new()];
    let reads = runs.iter().map(|run| source.read("a", run));
    let found = futures_util::future::join_all(reads).await;
    let mut numbers: Vec<usize> = found
        .into_iter()
        .map(|found| found.unwrap().number)
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(source.read("a", &runs[0]).await.unwrap().number, 4);
    assert_eq!(source.traffic.reads_shared(), 0);
}

#[tokio::test]
async fn a_thing_of_one_is_lost_with_the_run_that_asked_for_it() {
    let source = Source::closed(LONG);
    source.answer(Answers::Alone);
    let run = RunContext::new();
    let mut first = Box::pin(source.read("a", &run));
    assert!(futures_util::poll!(&mut first).is_pending());
    let mut second = Box::pin(source.read("a", &run));
    assert!(futures_util::poll!(&mut second).is_pending());
    drop(first);
    source.gate.add_permits(2);
    assert_eq!(second.await.unwrap().number, 2);
}

#[tokio::test]
async fn values_are_gone_when_the_window_ends_though_nobody_asks() {
    let window = Duration::from_millis(20);
    let source = Source::open(window);
    drop(source.read("a", &RunContext::new()).await.unwrap());
    assert_eq!(Arc::strong_count(&source.life), 2, "one is kept");
    while Arc::strong_count(&source.life) > 1 {
        tokio::time::sleep(window).await;
    }
    assert_eq!(
        format!("{:?}", source.reads),
        "SharedReads { reads: 0, .. }"
    );
    assert_eq!(
        source.read("a", &RunContext::new()).await.unwrap().number,
        2
    );
}

#[tokio::test]
async fn the_window_begins_with_the_end_of_the_read() {
    let window = Duration::from_millis(1500);
    let source = Source::closed(window);
    let run = RunContext::new();
    let mut first = Box::pin(source.read("a", &run));
    assert!(futures_util::poll!(&mut first).is_pending());
    // The read takes longer than the window.
    tokio::time::sleep(window + Duration::from_millis(100)).await;
    source.gate.add_permits(1);
    first.await.unwrap();
    assert!(source.read("a", &run).await.unwrap().is_old);
}

#[tokio::test]
async fn without_a_window_only_reads_under_way_are_joined() {
    let source = Source::open(Duration::ZERO);
    for number in 1..4 {
        assert_eq!(
            source.read("a", &RunContext::new()).await.unwrap().number,
            number
        );
    }
}

#[tokio::test]
async fn what_was_found_is_read_again_once_it_is_forgotten() {
    let source = Source::open(LONG);
    let run = RunContext::new();
    let key = "a".to_owned();
    let first = source.read("a", &run).await.unwrap();
    source.reads.forget(&key, &first);
    let second = source.read("a", &run).await.unwrap();
    assert_eq!((second.number, second.is_old), (2, false));
    // What was read since stays: another run has renewed it.
    source.reads.forget(&key, &first);
    assert_eq!(source.read("a", &run).await.unwrap().number, 2);
    // Its end is not that of the first one.
    assert_eq!(Arc::strong_count(&source.life), 3);
}

#[tokio::test]
async fn nothing_of_what_is_shared_shows() {
    let source = Source::closed(LONG);
    let run = RunContext::new();
    let mut waiting = Box::pin(source.read(SENTINEL, &run));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    source.gate.add_permits(1);
    let mut shown = format!("{:?} {:#?}", source.reads, source.traffic);
    let found = waiting.await.unwrap();
    shown += &format!(
        "{:?} {:?} {run:?}",
        source.reads,
        Sharing::new(LONG, &source.traffic)
    );
    assert!(found.number == 1 && !shown.contains(SENTINEL), "{shown}");
    assert!(!shown.contains("token-of-it"), "{shown}");
    let context = crate::ConnectContext::new().with_sharing(Sharing::new(LONG, &source.traffic));
    assert!(context.sharing().is_some());
    assert!(
        context.with_author(true).sharing().is_none(),
        "an author's shares nothing"
    );
}

#[tokio::test]
async fn a_request_over_the_budget_waits_or_says_so() {
    let traffic = Traffic::new();
    let window = Duration::from_millis(30);
    traffic.set_most(2, window);
    let patient = RunContext::new().with_traffic(&traffic);
    for _ in 0..5 {
        patient.admit().await.unwrap();
    }
    traffic.set_most_per_minute(Some(2));
    let hasty = RunContext::new()
        .with_timeout(Duration::from_millis(50))
        .with_traffic(&traffic);
    let mut refused = None;
    for _ in 0..3 {
        refused = hasty.admit().await.err().or(refused);
    }
    let error = refused.expect("the budget is used up");
    assert_eq!(error.kind(), VaultErrorKind::RequestBudget);
    assert!(
        error.to_string().contains("`2` requests a minute"),
        "{error}"
    );
    assert!(
        error
            .hint()
            .unwrap()
            .contains("MANIFILL_MAX_REQUESTS_PER_MINUTE")
    );
    // Who waits for another one's read is told the same.
    let reads: SharedReads<u8, Thing, VaultError> =
        SharedReads::new(&Sharing::new(LONG, &traffic), "here");
    let ask = |run: RunContext| async move {
        run.admit().await?;
        Err(VaultError::invalid_answer("not reached"))
    };
    let error = reads.read(&1, &hasty, ask).await.err().unwrap();
    assert_eq!(error.kind(), VaultErrorKind::RequestBudget);
}
