//! What is rendered.

/// A text to render and the name it has in messages, such as its file name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Input {
    /// The name, shown in messages as it is.
    pub name: String,
    /// The text: one or more YAML documents, or JSON.
    pub source: String,
    /// What the file is called below the folder in which it was found, if it was found in one.
    pub(crate) found_as: Option<String>,
}

impl Input {
    /// An input of that name and text.
    pub fn new(name: impl Into<String>, source: impl Into<String>) -> Self {
        Input {
            name: name.into(),
            source: source.into(),
            found_as: None,
        }
    }
}

/// How manifests are read; the default is what argocd-vault-plugin does, made safe.
///
/// ```
/// let options = manifill::Options::new().with_strict(true);
/// assert!(options.strict && !options.escaped);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Options {
    /// Stricter grammar: keys of generic placeholders are `[A-Za-z0-9_.-]+`, every document is
    /// parsed, and a key that stands twice in a map is an error.
    pub strict: bool,
    /// Fills escaped placeholders (`\u003cpath:…\u003e`, `%3Cpath:…%3E`, `&lt;path:…&gt;`) and
    /// escapes their values the same way.
    pub escaped: bool,
    /// Lets text pass that looks like a placeholder and is none, as argocd-vault-plugin does.
    pub allow_unresolved: bool,
}

impl Options {
    /// The default options.
    pub fn new() -> Self {
        Options::default()
    }

    /// Sets the stricter grammar.
    pub fn with_strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Sets whether escaped placeholders are filled.
    pub fn with_escaped(mut self, escaped: bool) -> Self {
        self.escaped = escaped;
        self
    }

    /// Sets whether text may pass that looks like a placeholder and is none.
    pub fn with_allow_unresolved(mut self, allow: bool) -> Self {
        self.allow_unresolved = allow;
        self
    }
}
