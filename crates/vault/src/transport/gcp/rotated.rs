//! Refresh tokens that have taken the place of those in credentials.

use std::sync::Mutex;

use zeroize::Zeroizing;

use crate::sync::lock;

/// The token that came with the last login, beside that of the credentials. Whoever logs in anew
/// writes other credentials, and what came with the earlier ones is over.
#[derive(Default)]
pub(super) struct Rotated(Mutex<Option<Pair>>);

struct Pair {
    written: Zeroizing<String>,
    last: Zeroizing<String>,
}

impl Rotated {
    /// The token to send for the one that is written.
    pub(super) fn last(&self, written: &Zeroizing<String>) -> Zeroizing<String> {
        match &*lock(&self.0) {
            Some(pair) if pair.written == *written => pair.last.clone(),
            _ => written.clone(),
        }
    }

    /// Keeps the token to send the next time.
    pub(super) fn keep(&self, written: &Zeroizing<String>, last: Zeroizing<String>) {
        let written = written.clone();
        *lock(&self.0) = Some(Pair { written, last });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_were_written_anew_begin_with_their_own_token() {
        let token = |text: &str| Zeroizing::new(text.to_owned());
        let rotated = Rotated::default();
        assert_eq!(*rotated.last(&token("a")), "a");
        rotated.keep(&token("a"), token("b"));
        assert_eq!(*rotated.last(&token("a")), "b");
        rotated.keep(&token("a"), token("c"));
        assert_eq!(*rotated.last(&token("a")), "c");
        assert_eq!(*rotated.last(&token("d")), "d");
    }
}
