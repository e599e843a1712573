//! What a long-lived program shares between the runs of many apps (rule R14): reads for a short
//! time, and how much may be asked of servers.
//!
//! The engine gives a backend a [`Sharing`] in its
//! [`ConnectContext`](crate::ConnectContext::with_sharing), one for each backend that is made, so
//! what is shared can never reach a backend of other settings or with another login. The backend
//! says in its own folder what it shares, with a [`SharedReads`] for each kind of thing that it
//! reads. A run of the command line has none of this.

mod flight;
mod gate;
mod reads;
#[cfg(test)]
mod test_properties;
#[cfg(test)]
mod tests;
mod tokens;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use flight::Shareable;
pub(crate) use gate::Gate;
pub(crate) use reads::{Found, SharedReads};
pub(crate) use tokens::{LoginToken, RunTokens, Tokens};

use crate::RunContext;
use crate::traffic::{GivenUp, Traffic};

/// How a backend shares what it reads, for one backend of a long-lived program.
///
/// A clone belongs to the same backend. `Debug` shows the window.
#[derive(Clone)]
#[must_use]
pub struct Sharing {
    window: Duration,
    traffic: Traffic,
    given_up: GivenUp,
}

impl Sharing {
    /// Shares each read for so long after it has ended, and counts that into this traffic.
    pub fn new(window: Duration, traffic: &Traffic) -> Self {
        Sharing {
            window,
            traffic: traffic.clone(),
            given_up: GivenUp::default(),
        }
    }

    /// How long a read is shared after it has ended.
    pub fn window(&self) -> Duration {
        self.window
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// The run of a read that belongs to no app. It has all the time of a usual run, or that of the
    /// run that began it if this is longer, and what it leaves is told to each run that shares it.
    fn own_run(&self, beginner: &RunContext) -> RunContext {
        let time = beginner.remaining().max(RunContext::DEFAULT_TIMEOUT);
        let mut run = RunContext::new()
            .with_timeout(time)
            .with_concurrency(beginner.concurrency())
            .with_traffic(&self.traffic)
            .with_given_up(&self.given_up)
            .without_suggestions();
        run.refusals = Arc::clone(&beginner.refusals);
        run
    }

    /// The same run for a read of its own, which knows what others have found out about servers:
    /// all of them trying as often as they can would be a storm.
    fn alone(&self, run: &RunContext) -> RunContext {
        run.clone().with_given_up(&self.given_up)
    }
}

/// Two are equal if they are of the same backend.
impl PartialEq for Sharing {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.given_up, &other.given_up)
    }
}

impl Eq for Sharing {}

impl fmt::Debug for Sharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sharing")
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}
