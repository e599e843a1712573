//! The token that a login brings, and how long it is good for.

use zeroize::Zeroizing;

/// A token that ends sooner than this is not used for another run.
const MARGIN: u64 = 10;

/// A token, wiped when dropped. It has no `Debug`.
pub(super) struct Token {
    pub(super) text: Zeroizing<String>,
    /// When it ends, in seconds since 1970; `None` if it does not, or nobody knows.
    pub(super) ends: Option<u64>,
    /// Whether it can be used a few times only.
    pub(super) is_limited: bool,
    /// Whether it comes from before this run.
    pub(super) is_old: bool,
}

impl Token {
    /// The same token, for the next run.
    pub(super) fn as_old(&self) -> Token {
        Token {
            text: self.text.clone(),
            is_old: true,
            ..*self
        }
    }

    /// Whether another run may begin with it.
    pub(super) fn is_good(&self, now: u64) -> bool {
        !self.is_limited
            && self
                .ends
                .is_none_or(|ends| now.saturating_add(MARGIN) < ends)
    }

    /// Whether it may be no longer what it was when it was new.
    pub(super) fn may_be_over(&self, now: u64) -> bool {
        self.is_limited || self.ends.is_some_and(|ends| ends <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(ends: Option<u64>, is_limited: bool) -> Token {
        Token {
            text: Zeroizing::default(),
            ends,
            is_limited,
            is_old: false,
        }
    }

    #[test]
    fn a_token_is_good_until_shortly_before_its_end() {
        assert!(token(Some(100), false).is_good(89));
        assert!(!token(Some(100), false).is_good(90));
        assert!(!token(Some(100), false).is_good(u64::MAX));
        assert!(token(None, false).is_good(u64::MAX));
        assert!(!token(None, true).is_good(0));
    }

    #[test]
    fn a_token_is_over_at_its_end() {
        assert!(!token(Some(100), false).may_be_over(99));
        assert!(token(Some(100), false).may_be_over(100));
        assert!(!token(None, false).may_be_over(u64::MAX));
        assert!(token(None, true).may_be_over(0));
    }
}
