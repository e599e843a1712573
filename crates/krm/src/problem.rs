//! What is wrong with `functionConfig`.

use manifill_manifest::FieldPath;

/// Something that is wrong with `functionConfig`.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The way from `functionConfig`.
    pub(crate) path: FieldPath,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(path: FieldPath, message: impl Into<String>) -> Self {
        Problem {
            path,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
