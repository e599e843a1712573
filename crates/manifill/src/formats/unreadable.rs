//! Why a text cannot be read.

/// Why a text cannot be read, at a byte.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) message: &'static str,
    pub(crate) at: usize,
    pub(crate) hint: Option<&'static str>,
}

impl Unreadable {
    pub(super) fn new(message: &'static str, at: usize) -> Self {
        Unreadable {
            message,
            at,
            hint: None,
        }
    }

    pub(super) fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(super) fn key(at: usize) -> Self {
        Unreadable::new("a placeholder in a key is not filled", at)
            .with_hint("write the key itself; only values are filled")
    }

    pub(super) fn unterminated(at: usize) -> Self {
        Unreadable::new("a placeholder has no closing `>` on its line", at)
            .with_hint("a placeholder is on one line and contains neither `<` nor `>`")
    }
}
