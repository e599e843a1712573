//! The tokens that logins bring: at most one login for each run, and one for all runs while its
//! token is good.

use std::future::Future;
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
    /// When it ends, in seconds since 1970; `None` if nobody knows.
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

    /// The token, to be sent and for nothing else.
    pub(crate) fn expose(&self) -> &str {
        &self.text
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

    /// Whether it may be no longer what it was when it was new.
    fn may_be_over(&self, now: u64) -> bool {
        self.is_old || self.ends.is_some_and(|ends| ends <= now)
    }
}

/// The token of a backend that logs in.
pub(crate) struct Tokens {
    /// What is logged in to, for messages.
    server: String,
    kept: Mutex<Option<Arc<LoginToken>>>,
    /// Runs log in one after the other.
    gate: Gate,
}

/// What one run finds out about its login.
#[derive(Default)]
pub(crate) struct RunTokens {
    first: OnceCell<Result<Arc<LoginToken>, VaultError>>,
    /// The one in its place if that is over.
    second: OnceCell<Result<Arc<LoginToken>, VaultError>>,
}

impl Tokens {
    /// No token yet.
    pub(crate) fn new(server: impl Into<String>) -> Self {
        Tokens {
            server: server.into(),
            kept: Mutex::default(),
            gate: Gate::default(),
        }
    }

    /// The token of a run: that of an earlier login if it is good, else of this one. A login that
    /// failed is not tried again.
    ///
    /// # Errors
    /// If there is no login.
    pub(crate) async fn token(
        &self,
        run: &RunContext,
        of_run: &RunTokens,
        log_in: impl Future<Output = Result<LoginToken, VaultError>>,
    ) -> Result<Arc<LoginToken>, VaultError> {
        if let Some(Ok(renewed)) = of_run.second.get() {
            return Ok(Arc::clone(renewed));
        }
        let first = || self.log_in_once(run, None, log_in);
        of_run.first.get_or_init(first).await.clone()
    }

    /// A token in the place of one that was refused: once in a run. `None` if the refused one is
    /// fresh from its login, so that another would be refused, too.
    pub(crate) async fn renewed(
        &self,
        run: &RunContext,
        of_run: &RunTokens,
        refused: &Arc<LoginToken>,
        log_in: impl Future<Output = Result<LoginToken, VaultError>>,
    ) -> Option<Result<Arc<LoginToken>, VaultError>> {
        if !refused.may_be_over(now()) {
            return None;
        }
        let second = || self.log_in_once(run, Some(refused), log_in);
        Some(of_run.second.get_or_init(second).await.clone())
    }

    /// The token of an earlier login, if it is still good and not the refused one.
    fn kept(&self, refused: Option<&Arc<LoginToken>>) -> Option<Arc<LoginToken>> {
        let kept = lock(&self.kept).clone()?;
        let is_other = refused.is_none_or(|refused| kept.text != refused.text);
        Some(kept).filter(|kept| is_other && kept.is_good(now()))
    }

    /// Logs in unless there is a token already. Of runs that want to at the same time one does so
    /// for all.
    async fn log_in_once(
        &self,
        run: &RunContext,
        refused: Option<&Arc<LoginToken>>,
        log_in: impl Future<Output = Result<LoginToken, VaultError>>,
    ) -> Result<Arc<LoginToken>, VaultError> {
        if let Some(kept) = self.kept(refused) {
            return Ok(kept);
        }
        let late = || {
            VaultError::new(VaultErrorKind::Timeout, "no login to {} in time")
                .with_name(&self.server)
                .with_hint(run.timeout_hint())
        };
        let mut turn = self.gate.turn(run).await.ok_or_else(late)?;
        if let Some(kept) = self.kept(refused) {
            return Ok(kept);
        }
        if let Some(error) = turn.failure() {
            return Err(error);
        }
        let token = log_in.await;
        turn.end(token.as_ref().err());
        let token = token?;
        *lock(&self.kept) = Some(Arc::new(token.as_old()));
        Ok(Arc::new(token))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Logins that are counted, each with a token of its own.
    #[derive(Default)]
    struct Logins(AtomicU64);

    impl Logins {
        async fn log_in(&self, seconds: Option<u64>) -> Result<LoginToken, VaultError> {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(LoginToken::new(Zeroizing::new(number.to_string()), seconds))
        }

        async fn fail(&self) -> Result<LoginToken, VaultError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            let kind = VaultErrorKind::Unauthenticated;
            Err(VaultError::new(kind, "the login is not accepted"))
        }

        fn count(&self) -> u64 {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[tokio::test]
    async fn runs_share_a_login_until_shortly_before_its_end() {
        let (tokens, logins, run) = (Tokens::new("s"), Logins::default(), RunContext::new());
        for seconds in [Some(3600), None] {
            *lock(&tokens.kept) = None;
            let before = logins.count();
            for _ in 0..3 {
                let of_run = RunTokens::default();
                let log_in = || logins.log_in(seconds);
                let (one, two) = tokio::join!(
                    tokens.token(&run, &of_run, log_in()),
                    tokens.token(&run, &of_run, log_in()),
                );
                let (one, two) = (one.unwrap(), two.unwrap());
                assert_eq!(one.expose(), before.to_string());
                assert_eq!(two.expose(), one.expose());
            }
            assert_eq!(logins.count(), before + 1);
        }
        for seconds in [MARGIN - 1, 0] {
            let before = logins.count();
            *lock(&tokens.kept) = None;
            for _ in 0..2 {
                let of_run = RunTokens::default();
                let token = tokens.token(&run, &of_run, logins.log_in(Some(seconds)));
                token.await.unwrap();
            }
            assert_eq!(logins.count(), before + 2);
        }
    }

    #[tokio::test]
    async fn only_what_may_be_over_is_replaced_and_once() {
        let (tokens, logins, run) = (Tokens::new("s"), Logins::default(), RunContext::new());
        let log_in = || logins.log_in(Some(3600));
        let of_run = RunTokens::default();
        let fresh = tokens.token(&run, &of_run, log_in()).await.unwrap();
        let renewed = tokens.renewed(&run, &of_run, &fresh, log_in()).await;
        assert!(renewed.is_none() && logins.count() == 1);

        let of_run = RunTokens::default();
        let old = tokens.token(&run, &of_run, log_in()).await.unwrap();
        assert_eq!((old.expose(), logins.count()), ("0", 1));
        let renew = || tokens.renewed(&run, &of_run, &old, log_in());
        let (one, two) = tokio::join!(renew(), renew());
        for renewed in [one, two] {
            assert_eq!(renewed.unwrap().unwrap().expose(), "1");
        }
        let next = tokens.token(&run, &of_run, log_in()).await.unwrap();
        assert_eq!((next.expose(), logins.count()), ("1", 2));
        // Another run that had the first one finds the second.
        let of_run = RunTokens::default();
        let renewed = tokens.renewed(&run, &of_run, &old, log_in()).await;
        assert_eq!(renewed.unwrap().unwrap().expose(), "1");
        assert_eq!(logins.count(), 2);
    }

    #[tokio::test]
    async fn a_login_that_failed_is_tried_once_in_a_run() {
        let (tokens, logins, run) = (Tokens::new("s"), Logins::default(), RunContext::new());
        let of_run = RunTokens::default();
        for _ in 0..3 {
            assert!(tokens.token(&run, &of_run, logins.fail()).await.is_err());
        }
        assert_eq!(logins.count(), 1);
        // Runs that wait meanwhile are told so; later ones try again.
        let (one, two) = (RunTokens::default(), RunTokens::default());
        let _ = tokio::join!(
            tokens.token(&run, &one, logins.fail()),
            tokens.token(&run, &two, logins.fail()),
        );
        assert_eq!(logins.count(), 2);
        let of_run = RunTokens::default();
        let token = tokens.token(&run, &of_run, logins.log_in(None)).await;
        assert_eq!(token.unwrap().expose(), "2");
    }
}
