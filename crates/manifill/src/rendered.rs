//! What a run gives.

use std::borrow::Cow;
use std::fmt;

use crate::diagnostic::Diagnostic;

/// The finished texts. They hold secrets, so `Debug` does not show them.
///
/// ```
/// use manifill::vault::backend::memory::Memory;
/// use manifill::{Input, Renderer, RunContext};
///
/// let renderer = Renderer::with_backend("memory", Memory::new().with("db", [("user", "svc")]));
/// let inputs = [Input::new("a.yaml", "kind: A\nuser: <path:db#user>\n")];
/// let rendered = futures_util::future::FutureExt::now_or_never(renderer.render(&inputs, &RunContext::new()));
/// let rendered = rendered.unwrap().unwrap();
/// assert!(rendered.texts()[0].contains("svc"));
/// assert_eq!(format!("{rendered:?}"), "Rendered { texts: 1, warnings: [], .. }");
/// ```
#[must_use]
pub struct Rendered<'i> {
    pub(crate) texts: Vec<Cow<'i, str>>,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) notes: Vec<String>,
    pub(crate) stats: Stats,
}

impl fmt::Debug for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered")
            .field("texts", &self.texts.len())
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl<'i> Rendered<'i> {
    /// The finished text of each input, in their order.
    pub fn texts(&self) -> &[Cow<'i, str>] {
        &self.texts
    }

    /// The finished texts themselves; one in which nothing was filled is still the input's.
    ///
    /// ```
    /// use std::borrow::Cow;
    /// use manifill::vault::backend::memory::Memory;
    /// use manifill::{Input, Renderer, RunContext};
    ///
    /// let renderer = Renderer::with_backend("memory", Memory::new());
    /// let inputs = [Input::new("a.yaml", "kind: A\n")];
    /// let rendered = futures_util::future::FutureExt::now_or_never(renderer.render(&inputs, &RunContext::new()));
    /// assert!(matches!(rendered.unwrap().unwrap().into_texts()[0], Cow::Borrowed("kind: A\n")));
    /// ```
    pub fn into_texts(self) -> Vec<Cow<'i, str>> {
        self.texts
    }

    /// The finished texts as one stream of documents: `---` between them unless one is there.
    pub fn joined(&self) -> Cow<'_, str> {
        match self.texts.as_slice() {
            [only] => Cow::Borrowed(only),
            several => {
                let several: Vec<&str> = several.iter().map(AsRef::as_ref).collect();
                Cow::Owned(manifill_manifest::join(&several))
            }
        }
    }

    /// What is remarkable but did not stop the run.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Remarks for the user, such as that a one-time code changes every 30 s. Names only.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What the run was made of and what it cost.
    pub fn stats(&self) -> Stats {
        self.stats
    }
}

/// What a run was made of and what it cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The requests that were sent, each try counted.
    pub requests: u64,
    /// The secrets that were read, each of them once.
    pub secrets: usize,
    /// The placeholders that were filled.
    pub placeholders: usize,
    /// The documents of the inputs, empty ones not counted.
    pub documents: usize,
}
