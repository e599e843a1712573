//! The record of what clients asked for.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::time;

/// One request as it arrived. The token is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The target as it stood in the request, neither decoded nor normalised.
    pub target: String,
    /// The target up to `?`, not decoded.
    pub path: String,
    /// The status of the answer; `None` as long as there is none, or if the connection was
    /// dropped instead.
    pub status: Option<u16>,
    /// The headers but `authorization`, names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The number of the connection, from 1: requests with the same number shared it.
    pub connection: u64,
    /// The last mark that was set before (see the [crate] about `/__ctl`).
    pub mark: Option<String>,
}

impl fmt::Display for Recorded {
    /// Writes `GET /v1/vaults -> 200`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> ", self.method, self.target)?;
        match self.status {
            Some(status) => write!(f, "{status}"),
            None => f.write_str("no answer"),
        }
    }
}

/// A request and what `/v1/activity` tells about it.
pub(crate) struct Entry {
    pub(crate) number: u64,
    pub(crate) seconds: u64,
    pub(crate) request: Recorded,
}

#[derive(Default)]
pub(crate) struct Log(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    entries: Vec<Entry>,
    mark: Option<String>,
    number: u64,
}

impl Log {
    /// Records a request; the number is for [`Log::answered`].
    pub(crate) fn push(&self, mut request: Recorded) -> u64 {
        let mut inner = self.lock();
        request.mark.clone_from(&inner.mark);
        inner.number += 1;
        let number = inner.number;
        inner.entries.push(Entry {
            number,
            seconds: time::now(),
            request,
        });
        number
    }

    pub(crate) fn answered(&self, number: u64, status: u16) {
        let mut inner = self.lock();
        let entry = inner
            .entries
            .iter_mut()
            .rev()
            .find(|entry| entry.number == number);
        if let Some(entry) = entry {
            entry.request.status = Some(status);
        }
    }

    pub(crate) fn mark(&self, text: &str) {
        self.lock().mark = Some(text.to_owned());
    }

    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        inner.entries.clear();
        inner.mark = None;
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&[Entry]) -> T) -> T {
        read(&self.lock().entries)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
