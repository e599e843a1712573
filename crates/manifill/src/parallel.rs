//! Spreads work over the cores.

use std::collections::BTreeMap;
use std::sync::{Mutex, mpsc};
use std::thread;

use crate::sync::lock;

/// Below this many bytes a second thread costs more than it saves.
const WORTH_A_THREAD: usize = 256 * 1024;

/// How many bytes of work are handed out at once: enough to be worth it.
const BATCH_BYTES: usize = 64 * 1024;

/// The most items handed out at once: results should not pile up before their turn.
const LONGEST_BATCH: usize = 512;

/// Works on every item, several at a time when there is enough work, and takes the results in the
/// order of the items, each as soon as it is its turn.
///
/// `bytes` is the size of all the work, `size` that of an item. Items are made as they are needed
/// and handed out in batches of neighbours, so that a long list of small documents costs little more
/// than their work. An item without a result takes no memory from then on: most documents have
/// nothing to fill, and until it is their turn there can be very many of them.
pub(crate) fn each<T: Send, R: Send>(
    mut items: impl Iterator<Item = T> + Send,
    bytes: usize,
    size: impl Fn(&T) -> usize + Sync,
    work: impl Fn(T) -> Option<R> + Sync,
    take: impl FnMut(R),
) {
    // A thread has memory of its own, of which the others have no use afterwards.
    let first: Vec<T> = items.by_ref().take(2).collect();
    let is_alone = first.len() < 2;
    let items = first.into_iter().chain(items);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(bytes / WORTH_A_THREAD + 1).min(16);
    if threads < 2 || is_alone {
        return items.filter_map(work).for_each(take);
    }
    spread(items, threads, size, work, take);
}

fn spread<T: Send, R: Send>(
    items: impl Iterator<Item = T> + Send,
    threads: usize,
    size: impl Fn(&T) -> usize + Sync,
    work: impl Fn(T) -> Option<R> + Sync,
    mut take: impl FnMut(R),
) {
    let queue = Mutex::new((0, items));
    let next = || -> (usize, Vec<T>) {
        let mut queue = lock(&queue);
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while bytes < BATCH_BYTES && batch.len() < LONGEST_BATCH {
            let Some(item) = queue.1.next() else {
                break;
            };
            bytes += size(&item);
            batch.push(item);
        }
        queue.0 += 1;
        (queue.0 - 1, batch)
    };
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let send = send.clone();
            let (next, work) = (&next, &work);
            scope.spawn(move || {
                loop {
                    let (number, items) = next();
                    // The receiver goes away only when this whole call panics.
                    if items.is_empty() || send.send((number, results(items, work))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut early: BTreeMap<usize, Vec<R>> = BTreeMap::new();
        let mut turn = 0;
        for (number, results) in receive {
            early.insert(number, results);
            while let Some(results) = early.remove(&turn) {
                results.into_iter().for_each(&mut take);
                turn += 1;
            }
        }
    });
}

/// The results of a batch, with room for no more of them than there can be.
fn results<T, R>(items: Vec<T>, work: impl Fn(T) -> Option<R>) -> Vec<R> {
    let mut results = Vec::new();
    let mut left = items.len();
    for item in items {
        if let Some(result) = work(item) {
            if results.is_empty() {
                results.reserve_exact(left);
            }
            results.push(result);
        }
        left -= 1;
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubled(items: Vec<usize>, bytes: usize) -> Vec<usize> {
        let mut taken = Vec::new();
        let double = |item| (item % 3 > 0).then_some(item * 2);
        each(
            items.into_iter(),
            bytes,
            |_| 1000,
            double,
            |result| taken.push(result),
        );
        taken
    }

    #[test]
    fn the_order_is_kept() {
        let items: Vec<usize> = (0..10_000).collect();
        let expected: Vec<usize> = items
            .iter()
            .filter(|&item| item % 3 > 0)
            .map(|item| item * 2)
            .collect();
        assert_eq!(doubled(items.clone(), usize::MAX), expected);
        assert_eq!(doubled(items, 0), expected);
        assert!(doubled(Vec::new(), usize::MAX).is_empty());
        assert_eq!(doubled(vec![1], usize::MAX), [2]);
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on() {
        let work = |item: usize| {
            assert!(item < 500);
            Some(())
        };
        each(0..1000, usize::MAX, |_| 1000, work, |()| {});
    }
}
