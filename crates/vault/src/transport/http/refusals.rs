//! The logins that servers have refused in a run.

use std::fmt;
use std::sync::{Arc, Mutex};

use zeroize::Zeroizing;

use super::Answer;
use crate::RunContext;
use crate::sync::lock;

/// What servers said to logins that they do not accept. Another request with the same login would
/// hear the same, and servers count such requests and lock out who sends too many: so it is
/// answered with what is known (rule R11). `Debug` shows none.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Vec<Refusal>>);

struct Refusal {
    server: String,
    login: Zeroizing<String>,
    answer: Answer,
}

impl Refusals {
    /// The answer to a login that the server has refused.
    pub(super) fn answer(&self, server: &str, login: &str) -> Option<Answer> {
        let known = lock(&self.0);
        let mut known = known.iter();
        let refusal = known.find(|refusal| refusal.is_of(server, login))?;
        Some(refusal.answer.again())
    }

    /// Remembers an answer that refuses a login.
    pub(super) fn add(&self, server: &str, login: &str, answer: &Answer) {
        let mut known = lock(&self.0);
        if !known.iter().any(|refusal| refusal.is_of(server, login)) {
            known.push(Refusal {
                server: server.to_owned(),
                login: Zeroizing::new(login.to_owned()),
                answer: answer.again(),
            });
        }
    }
}

impl Refusal {
    fn is_of(&self, server: &str, login: &str) -> bool {
        self.server == server && self.login.as_str() == login
    }
}

impl RunContext {
    /// The same run, which shares with another one which logins are refused.
    pub(crate) fn with_refusals(mut self, refusals: &Arc<Refusals>) -> Self {
        self.refusals = Arc::clone(refusals);
        self
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
