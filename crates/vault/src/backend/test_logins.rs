//! What the tests of several logins have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::settings::Origin;
use crate::suite::{Reply, Seen, Server};
use crate::{ConnectContext, RunContext, SecretRequest, Settings, VaultBackend, VaultError};

/// A file with the token of an account, as a pod has one.
pub(crate) fn token_file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

/// A server that counts its logins, which are the requests that post something.
pub(crate) struct Numbered {
    pub(crate) server: Server,
    logins: Arc<AtomicU64>,
}

impl Numbered {
    /// Starts a server whose answers depend on the number of the newest login.
    pub(crate) async fn start(
        answer: impl Fn(&Seen, u64) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let logins = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&logins);
        let server = Server::start(move |seen| {
            let more = u64::from(seen.method == "POST");
            answer(seen, counted.fetch_add(more, Ordering::SeqCst) + more)
        })
        .await;
        Numbered { server, logins }
    }

    /// Checks that a backend logs in once for several runs, and once more if somebody else's login
    /// makes its token worthless.
    pub(crate) async fn is_asked_for_one_token_at_a_time(
        &self,
        backend: &Arc<dyn VaultBackend>,
        requests: &[SecretRequest],
    ) {
        let run = async || {
            let answers = backend.read(requests, &RunContext::new()).await;
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        };
        for _ in 0..3 {
            run().await;
        }
        assert_eq!(self.server.seen().len(), 1 + 3 * requests.len());
        assert_eq!(self.logins.fetch_add(1, Ordering::SeqCst), 1);
        self.server.forget();
        run().await;
        assert_eq!(self.logins.load(Ordering::SeqCst), 3);
        // One request at least has met the refusal before it was sent again.
        let sent = self.server.seen().len() - requests.len() - 1;
        assert!((1..=requests.len()).contains(&sent), "{sent}");
    }
}

/// Checks that a token of this machine does not go where an app's author says (rule R7). `own` are
/// settings of the operator, and each of `addresses` names a server in them.
pub(crate) fn stays_on_this_machine(
    own: &Settings,
    addresses: &[&str],
    connect: impl Fn(&Settings, &ConnectContext) -> Result<Arc<dyn VaultBackend>, VaultError>,
) {
    let is_allowed = |settings: &Settings, context: &ConnectContext| {
        let error = connect(settings, context).err();
        let told = error.map(|error| error.to_string());
        let is_told = |text: &String| text.contains("token of this machine");
        assert!(told.as_ref().is_none_or(is_told), "{told:?}");
        told.is_none()
    };
    let (as_set, with) = (ConnectContext::new(), |allowed| {
        ConnectContext::new().with_local_login(allowed)
    });
    assert!(is_allowed(own, &as_set) && !is_allowed(own, &with(false)));
    for address in addresses {
        let mut authors = own.clone();
        let origin = Origin::AppEnvironment;
        authors.set(address, "https://author.example.com", origin);
        assert!(!is_allowed(&authors, &as_set), "{address}");
        assert!(is_allowed(&authors, &with(true)), "{address}");
    }
}
