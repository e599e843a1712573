//! The logins that servers have refused in a run.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex};

use zeroize::Zeroizing;

use crate::sync::lock;

/// What servers said to logins that they do not accept, as the transport that heard it keeps it.
/// Another request with the same login would hear the same, and servers count such requests and lock
/// out who sends too many: so it is answered with what is known (rule R11). `Debug` shows nothing.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Vec<Refusal>>);

struct Refusal {
    server: String,
    login: Zeroizing<String>,
    heard: Arc<dyn Any + Send + Sync>,
}

impl Refusals {
    /// What the server said to this login, if it has refused it.
    pub(crate) fn heard<T: Send + Sync + 'static>(
        &self,
        server: &str,
        login: &str,
    ) -> Option<Arc<T>> {
        let known = lock(&self.0);
        let refusal = known.iter().find(|refusal| refusal.is_of(server, login))?;
        Arc::clone(&refusal.heard).downcast().ok()
    }

    /// Remembers what the server said to a login that it refuses.
    pub(crate) fn add<T: Send + Sync + 'static>(&self, server: &str, login: &str, heard: T) {
        let mut known = lock(&self.0);
        if !known.iter().any(|refusal| refusal.is_of(server, login)) {
            known.push(Refusal {
                server: server.to_owned(),
                login: Zeroizing::new(login.to_owned()),
                heard: Arc::new(heard),
            });
        }
    }
}

impl Refusal {
    fn is_of(&self, server: &str, login: &str) -> bool {
        self.server == server && self.login.as_str() == login
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
