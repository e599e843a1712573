//! What is rendered.

use crate::door::Door;
#[cfg(feature = "fill")]
use crate::formats::Format;

/// A text to render and the name it has in messages, such as its file name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Input {
    /// The name, shown in messages as it is.
    pub name: String,
    /// The text: one or more YAML documents, or JSON.
    pub source: String,
    /// What the text is.
    #[cfg(feature = "fill")]
    pub(crate) format: Format,
    /// What the file is called below the folder in which it was found, if it was found in one.
    pub(crate) found_as: Option<String>,
}

impl Input {
    /// An input of that name and text.
    pub fn new(name: impl Into<String>, source: impl Into<String>) -> Self {
        Input {
            name: name.into(),
            source: source.into(),
            #[cfg(feature = "fill")]
            format: Format::default(),
            found_as: None,
        }
    }

    /// Says what the text is, if it is no manifest. Only inline placeholders are filled there,
    /// `<path:…>` and `<op://…>`: any other `<…>` is text.
    ///
    /// ```
    /// use manifill::vault::backend::memory::Memory;
    /// use manifill::{Format, Input, Renderer, RunContext};
    ///
    /// # futures_util::future::FutureExt::now_or_never(async {
    /// let renderer = Renderer::with_backend("memory", Memory::new().with("db", [("password", "it's")]));
    /// let source = "# the database\nDB_PASSWORD=<path:db#password>\n";
    /// let inputs = [Input::new(".env", source).with_format(Format::Dotenv)];
    /// let rendered = renderer.render(&inputs, &RunContext::new()).await.unwrap();
    /// assert_eq!(rendered.texts()[0], "# the database\nDB_PASSWORD=\"it's\"\n");
    /// # }).unwrap();
    /// ```
    #[cfg(feature = "fill")]
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Whether it consists of documents in YAML.
    pub(crate) fn is_yaml(&self) -> bool {
        #[cfg(feature = "fill")]
        return self.format.is_yaml();
        #[cfg(not(feature = "fill"))]
        true
    }

    /// Whether each of its documents has to be an object of Kubernetes.
    pub(crate) fn holds_objects(&self) -> bool {
        #[cfg(feature = "fill")]
        return self.format == Format::Manifest;
        #[cfg(not(feature = "fill"))]
        true
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
    /// Parses every document, also one whose bytes show that it has nothing to fill (rule R1).
    pub(crate) every_document: bool,
    /// Refuses objects with mock values, since Argo CD applies what is rendered.
    pub(crate) for_app: bool,
    /// What hints may name.
    pub door: Door,
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

    /// Parses every document, for whoever looks at manifests and fills none.
    pub(crate) fn with_every_document(mut self) -> Self {
        self.every_document = true;
        self
    }

    /// Sets whether Argo CD applies what is rendered.
    pub(crate) fn with_for_app(mut self, for_app: bool) -> Self {
        self.for_app = for_app;
        self
    }

    /// Sets whether text may pass that looks like a placeholder and is none.
    pub fn with_allow_unresolved(mut self, allow: bool) -> Self {
        self.allow_unresolved = allow;
        self
    }

    /// Sets what hints may name.
    pub fn with_door(mut self, door: Door) -> Self {
        self.door = door;
        self
    }
}
