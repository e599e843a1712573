//! What there is to say of a plugin.

/// What there is to say of a plugin, whichever server runs it in the end.
#[derive(Clone, Debug)]
pub(super) struct Note {
    /// If Argo CD's own plugin server does.
    pub(super) classic: String,
    /// If the native server does.
    pub(super) native: String,
}

impl Note {
    /// A note that holds for both.
    pub(super) fn of_both(text: String) -> Self {
        Note {
            native: text.clone(),
            classic: text,
        }
    }
}
