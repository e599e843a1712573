//! Spreads work over the cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Below this many bytes a second thread costs more than it saves.
const WORTH_A_THREAD: usize = 256 * 1024;

/// Maps every item, several at a time when there is enough work, and keeps the order.
///
/// `bytes` is the size of all the work. Items are handed out in runs of neighbours, so that a
/// long list of small documents costs little more than their work.
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    bytes: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(bytes / WORTH_A_THREAD + 1).min(items.len()).min(16);
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let run = items.len().div_ceil(threads * 8).max(1);
    let runs: Vec<&[T]> = items.chunks(run).collect();
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<R>)>> = Mutex::new(Vec::with_capacity(runs.len()));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(items) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    runs.get(index).map(|items| (index, *items))
                } {
                    let results = items.1.iter().map(&work).collect();
                    if let Ok(mut done) = done.lock() {
                        done.push((items.0, results));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_kept() {
        let items: Vec<usize> = (0..10_000).collect();
        let expected: Vec<usize> = items.iter().map(|item| item * 2).collect();
        assert_eq!(map(&items, usize::MAX, |item| item * 2), expected);
        assert_eq!(map(&items, 0, |item| item * 2), expected);
        assert!(map::<usize, usize>(&[], usize::MAX, |item| *item).is_empty());
    }
}
