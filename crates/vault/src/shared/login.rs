//! The login to a server that gives a token for it.

use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::Gate;
use crate::clock::now;
use crate::sync::lock;
use crate::{RunContext, VaultError, VaultErrorKind};

/// A token that ends sooner than this is not used for another run, in seconds.
const MARGIN: u64 = 10;

/// A token that a login has brought, wiped when dropped. It has no `Debug`.
pub(crate) struct LoginToken {
    text: Zeroizing<String>,
    /// When it ends, in seconds since 1970; `None` if it does not, or nobody knows.
    ends: Option<u64>,
    /// Whether it comes from before this run.
    is_old: bool,
}

impl LoginToken {
    /// A new token that is good for so many seconds; `None` if nobody knows.
    pub(crate) fn new(text: Zeroizing<String>, seconds: Option<u64>) -> Self {
        LoginToken {
            text,
            ends: seconds.map(|seconds| now().saturating_add(seconds)),
            is_old: false,
        }
    }

    /// The token, to be sent.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    /// Whether it may be no longer what it was when it was new, so that a server which refuses it
    /// may take another one.
    pub(crate) fn may_be_over(&self) -> bool {
        self.is_old || self.ends.is_some_and(|ends| ends <= now())
    }

    /// The same token, for the next run.
    fn as_old(&self) -> Self {
        LoginToken {
            text: self.text.clone(),
            is_old: true,
            ..*self
        }
    }

    /// Whether another run may begin with it.
    fn is_good(&self, now: u64) -> bool {
        let later = now.saturating_add(MARGIN);
        self.ends.is_none_or(|ends| later < ends)
    }
}

/// The login of a backend. Its token is kept in memory for the next run, and of runs that want to
/// log in at the same time one does so for all.
pub(crate) struct Login {
    /// What is logged in to, for messages.
    server: String,
    kept: Mutex<Option<Arc<LoginToken>>>,
    gate: Gate,
}

/// The tokens of one run: that with which it begins, and the one in its place if that is over.
#[derive(Default)]
pub(crate) struct RunTokens {
    first: OnceCell<Result<Arc<LoginToken>, VaultError>>,
    second: OnceCell<Result<Arc<LoginToken>, VaultError>>,
}

impl Login {
    /// A login to a server, or to whatever else messages call so.
    pub(crate) fn new(server: impl Into<String>) -> Self {
        Login {
            server: server.into(),
            kept: Mutex::default(),
            gate: Gate::default(),
        }
    }

    /// The token of a run: that of an earlier login if it is good, else of a new one. A login that
    /// failed is not tried again.
    ///
    /// # Errors
    /// Those of `log_in`, which makes a login for the run.
    pub(crate) async fn token<L, F>(
        &self,
        tokens: &RunTokens,
        run: &RunContext,
        log_in: L,
    ) -> Result<Arc<LoginToken>, VaultError>
    where
        L: FnOnce() -> F,
        F: Future<Output = Result<LoginToken, VaultError>>,
    {
        if let Some(Ok(renewed)) = tokens.second.get() {
            return Ok(Arc::clone(renewed));
        }
        let first = || self.log_in_once(run, None, log_in);
        tokens.first.get_or_init(first).await.clone()
    }

    /// A new token in the place of one that is over: once in a run.
    ///
    /// # Errors
    /// Those of `log_in`.
    pub(crate) async fn renewed<L, F>(
        &self,
        tokens: &RunTokens,
        refused: &LoginToken,
        run: &RunContext,
        log_in: L,
    ) -> Result<Arc<LoginToken>, VaultError>
    where
        L: FnOnce() -> F,
        F: Future<Output = Result<LoginToken, VaultError>>,
    {
        let second = || self.log_in_once(run, Some(refused), log_in);
        tokens.second.get_or_init(second).await.clone()
    }

    async fn log_in_once<L, F>(
        &self,
        run: &RunContext,
        refused: Option<&LoginToken>,
        log_in: L,
    ) -> Result<Arc<LoginToken>, VaultError>
    where
        L: FnOnce() -> F,
        F: Future<Output = Result<LoginToken, VaultError>>,
    {
        let is_usable = |kept: &Arc<LoginToken>| {
            kept.is_good(now()) && refused.is_none_or(|refused| refused.text != kept.text)
        };
        let kept = || lock(&self.kept).clone().filter(is_usable);
        if let Some(kept) = kept() {
            return Ok(kept);
        }
        let late = || {
            VaultError::new(VaultErrorKind::Timeout, "no login to {} in time")
                .with_name(&self.server)
                .with_hint("MANIFILL_TIMEOUT is how many seconds a run may take")
        };
        let mut turn = self.gate.turn(run).await.ok_or_else(late)?;
        if let Some(kept) = kept() {
            return Ok(kept);
        }
        if let Some(error) = turn.failure() {
            return Err(error);
        }
        let token = log_in().await;
        turn.end(token.as_ref().err());
        let token = Arc::new(token?);
        *lock(&self.kept) = Some(Arc::new(token.as_old()));
        Ok(token)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A server that numbers its tokens, all good for so many seconds.
    struct Source {
        login: Login,
        logins: AtomicUsize,
        seconds: Option<u64>,
    }

    impl Source {
        fn new(seconds: Option<u64>) -> Self {
            Source {
                login: Login::new("here"),
                logins: AtomicUsize::new(0),
                seconds,
            }
        }

        async fn log_in(&self) -> Result<LoginToken, VaultError> {
            tokio::task::yield_now().await;
            let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
            Ok(LoginToken::new(number.to_string().into(), self.seconds))
        }

        async fn token(&self, tokens: &RunTokens) -> Arc<LoginToken> {
            let run = RunContext::new();
            let token = self.login.token(tokens, &run, || self.log_in());
            token.await.unwrap()
        }
    }

    #[tokio::test]
    async fn runs_share_a_token_until_shortly_before_its_end() {
        for (seconds, logins) in [(None, 1), (Some(3600), 1), (Some(MARGIN), 3), (Some(0), 3)] {
            let source = Source::new(seconds);
            for _ in 0..3 {
                let tokens = RunTokens::default();
                let (one, other) = (source.token(&tokens).await, source.token(&tokens).await);
                assert_eq!(one.expose(), other.expose(), "one login in a run");
            }
            assert_eq!(source.logins.load(Ordering::SeqCst), logins, "{seconds:?}");
        }
    }

    #[tokio::test]
    async fn runs_that_want_to_log_in_at_once_do_so_once() {
        let source = Source::new(Some(3600));
        let runs: Vec<RunTokens> = (0..5).map(|_| RunTokens::default()).collect();
        let tokens = runs.iter().map(|tokens| source.token(tokens));
        let tokens = futures_util::future::join_all(tokens).await;
        assert!(tokens.iter().all(|token| token.expose() == "1"));
        assert_eq!(source.logins.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_token_that_is_over_is_replaced_once_in_a_run() {
        let source = Source::new(Some(3600));
        let fresh = source.token(&RunTokens::default()).await;
        assert!(!fresh.may_be_over(), "it is new");
        let (tokens, run) = (RunTokens::default(), RunContext::new());
        let old = source.token(&tokens).await;
        assert!(old.may_be_over() && old.expose() == "1");
        for _ in 0..2 {
            let renewed = source
                .login
                .renewed(&tokens, &old, &run, || source.log_in());
            assert_eq!(renewed.await.unwrap().expose(), "2");
        }
        assert_eq!(source.token(&tokens).await.expose(), "2");
        assert_eq!(source.token(&RunTokens::default()).await.expose(), "2");
        assert_eq!(source.logins.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_login_that_fails_is_tried_once_in_a_run_and_again_in_the_next() {
        let (login, asked) = (Login::new("here"), AtomicUsize::new(0));
        for runs in 1..=2 {
            let (tokens, run) = (RunTokens::default(), RunContext::new());
            for _ in 0..3 {
                let fail = || async {
                    asked.fetch_add(1, Ordering::SeqCst);
                    Err(VaultError::new(VaultErrorKind::Unauthenticated, "no"))
                };
                let error = login.token(&tokens, &run, fail).await.err().unwrap();
                assert_eq!(error.to_string(), "no");
            }
            assert_eq!(asked.load(Ordering::SeqCst), runs);
        }
    }
}
