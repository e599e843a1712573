//! What is reported: where something is wrong, what it is and what to do.

use std::borrow::Cow;
use std::fmt;

use manifill_vault::{SecretRequest, VaultError, VaultErrorKind};

/// One finding, with all it is about; never a value of a secret.
///
/// `Display` gives one line, `file:line:column: message`. Programs read the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Whether it stops the run.
    pub severity: Severity,
    /// The situation.
    pub kind: DiagnosticKind,
    /// What is wrong: one line, lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where it is; of a cause that is told once (rule R12), the first place that needs it.
    pub place: Place,
    /// The other places that need it, in the order of the sources. The message has their number,
    /// which can be larger: of very many, the first are kept.
    pub further_places: Vec<Place>,
    /// The placeholder as it is spelled, without the argument of `default`.
    pub placeholder: Option<String>,
    /// The backend's name.
    pub backend: Option<String>,
    /// The path in the vault.
    pub path: Option<String>,
    /// The version at that path, where one is asked for.
    pub version: Option<String>,
    /// The key at that path.
    pub key: Option<String>,
}

/// Where a finding is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Place {
    /// Which input it is, from 1, for sorting: what is in no input comes first.
    pub(crate) input: usize,
    /// The name of the input.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The file that the document was made from, as Helm (`# Source: …`) and kustomize
    /// (`config.kubernetes.io/origin`) say in it.
    pub rendered_from: Option<String>,
    /// `Kind/name`, or `Kind/namespace/name`.
    pub resource: Option<String>,
    /// The field, such as `stringData.apiKey`.
    pub field: Option<String>,
    /// The setting with where it was set, if that is no file: `OP_CONNECT_HOST (environment)`.
    pub setting: Option<String>,
}

/// Whether a finding stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Nothing is rendered.
    Error,
    /// The run goes on.
    Warning,
    /// Good to know; nothing need be wrong.
    Note,
}

impl Severity {
    /// A stable word for reports, such as `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// The situations a program may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DiagnosticKind {
    /// The YAML or JSON cannot be read, or not be edited.
    Manifest,
    /// A placeholder is malformed.
    Placeholder,
    /// A path is malformed, or names no backend.
    Path,
    /// A policy or a path validation does not allow the path.
    Disallowed,
    /// A setting is missing or wrong.
    Configuration,
    /// The secret or the key is not there.
    NotFound,
    /// Several things have this name.
    Ambiguous,
    /// The vault does not accept the login.
    Unauthenticated,
    /// The vault does not allow the read.
    PermissionDenied,
    /// The vault could not be reached or did not answer in time.
    Unavailable,
    /// The vault's answer makes no sense.
    InvalidAnswer,
    /// The vault is not asked, since the operator limits how often it may be.
    RequestBudget,
    /// A modifier does not fit its value.
    Modifier,
    /// The value does not fit the place it goes to.
    Value,
    /// A manifest names an object, or a key of one, that is not there.
    Reference,
    /// A value stands in a manifest where a placeholder is expected.
    Literal,
    /// A value goes to a place that is not made for secrets.
    Exposed,
}

impl DiagnosticKind {
    /// A stable word for reports.
    pub fn as_str(self) -> &'static str {
        match self {
            DiagnosticKind::Manifest => "manifest",
            DiagnosticKind::Placeholder => "placeholder",
            DiagnosticKind::Path => "path",
            DiagnosticKind::Disallowed => "disallowed",
            DiagnosticKind::Configuration => "configuration",
            DiagnosticKind::NotFound => "not-found",
            DiagnosticKind::Ambiguous => "ambiguous",
            DiagnosticKind::Unauthenticated => "unauthenticated",
            DiagnosticKind::PermissionDenied => "permission-denied",
            DiagnosticKind::Unavailable => "unavailable",
            DiagnosticKind::InvalidAnswer => "invalid-answer",
            DiagnosticKind::RequestBudget => "request-budget",
            DiagnosticKind::Modifier => "modifier",
            DiagnosticKind::Value => "value",
            DiagnosticKind::Reference => "reference",
            DiagnosticKind::Literal => "literal",
            DiagnosticKind::Exposed => "exposed",
        }
    }
}

impl From<VaultErrorKind> for DiagnosticKind {
    fn from(kind: VaultErrorKind) -> Self {
        use VaultErrorKind as Vault;
        match kind {
            Vault::NotFound => DiagnosticKind::NotFound,
            Vault::Ambiguous => DiagnosticKind::Ambiguous,
            Vault::PermissionDenied => DiagnosticKind::PermissionDenied,
            Vault::Unauthenticated => DiagnosticKind::Unauthenticated,
            Vault::InvalidAnswer => DiagnosticKind::InvalidAnswer,
            Vault::RequestBudget => DiagnosticKind::RequestBudget,
            Vault::Configuration => DiagnosticKind::Configuration,
            Vault::InvalidRequest => DiagnosticKind::Path,
            _ => DiagnosticKind::Unavailable,
        }
    }
}

/// A text that came from a manifest, a vault or a file name, fit for one line of a terminal: with
/// control characters in a name, an app's author could forge messages in the operator's logs.
pub fn printable(text: &str) -> Cow<'_, str> {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if odd(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

impl Diagnostic {
    pub(crate) fn error(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Error,
            kind,
            message: message.into(),
            hint: None,
            place: Place::default(),
            further_places: Vec::new(),
            placeholder: None,
            backend: None,
            path: None,
            version: None,
            key: None,
        }
    }

    pub(crate) fn warning(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(kind, message)
        }
    }

    pub(crate) fn note(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Note,
            ..Diagnostic::error(kind, message)
        }
    }

    /// What stands for the warnings that are not told; it comes last.
    pub(crate) fn more_warnings(count: usize) -> Self {
        let message = match count {
            1 => "1 more warning is not listed".to_owned(),
            _ => format!("{count} more warnings are not listed"),
        };
        let mut diagnostic = Diagnostic::warning(DiagnosticKind::Manifest, message);
        diagnostic.place.input = usize::MAX;
        diagnostic
    }

    /// What a vault answered. The names it could have meant are left out where rules about paths
    /// are set: they may be names that nobody may see (rule R8).
    pub(crate) fn from_vault(error: &VaultError, restricted: bool) -> Self {
        let mut message = error.to_string();
        let mut hint = error.hint().map(str::to_owned);
        let names = || error.candidates().iter().map(String::as_str);
        if !restricted && names().len() > 0 {
            if error.kind() == VaultErrorKind::Ambiguous {
                append_names(&mut message, ": ", names());
            } else {
                let mut meant = String::new();
                append_names(&mut meant, "did you mean ", names());
                hint = Some(meant + "?");
            }
        }
        let mut diagnostic = Diagnostic::error(error.kind().into(), message);
        diagnostic.hint = hint;
        diagnostic
    }

    pub(crate) fn with_read(
        mut self,
        backend: &str,
        request: &SecretRequest,
        key: Option<&str>,
    ) -> Self {
        self.backend = Some(backend.to_owned());
        self.path = Some(request.path.as_str().to_owned());
        self.version.clone_from(&request.version);
        self.key = key.map(str::to_owned);
        self
    }
}

/// Adds names to a message, as many as a person reads.
pub(crate) fn append_names<'n>(
    message: &mut String,
    lead: &str,
    names: impl ExactSizeIterator<Item = &'n str>,
) {
    const SHOWN: usize = 12;
    let count = names.len();
    if count == 0 {
        return;
    }
    let shown: Vec<String> = names.take(SHOWN).map(|name| format!("`{name}`")).collect();
    message.push_str(lead);
    message.push_str(&shown.join(", "));
    if count > SHOWN {
        message.push_str(&format!(" and {} more", count - SHOWN));
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.file.is_empty() {
            write!(f, "{}:", self.place.file)?;
            if self.place.line > 0 {
                write!(f, "{}:{}:", self.place.line, self.place.column)?;
            }
            f.write_str(" ")?;
        } else if let Some(setting) = &self.place.setting {
            write!(f, "{setting}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Why nothing was rendered: the findings of all documents, in the order of the sources.
///
/// Of very many it has the first thousand and the number of the others. `{}` is one line with the
/// first error, `{:#}` is the [report](RenderError::report) of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderError {
    diagnostics: Vec<Diagnostic>,
    errors_left_off: usize,
    secrets_unread: usize,
    notes: Vec<String>,
    /// What did not come about, for the last line of a report.
    nothing: &'static str,
}

impl RenderError {
    /// Sorts the findings; at least one of them is an error.
    pub(crate) fn new(mut diagnostics: Vec<Diagnostic>, errors_left_off: usize) -> Self {
        sort(&mut diagnostics);
        RenderError {
            diagnostics,
            errors_left_off,
            secrets_unread: 0,
            notes: Vec::new(),
            nothing: "nothing was rendered",
        }
    }

    /// Says that a plan was wanted, so that a report does not speak of rendering.
    pub(crate) fn of_plan(self) -> Self {
        self.with_nothing("nothing was planned")
    }

    /// Says what did not come about.
    pub(crate) fn with_nothing(mut self, nothing: &'static str) -> Self {
        self.nothing = nothing;
        self
    }

    /// What did not come about.
    pub(crate) fn nothing(&self) -> &'static str {
        self.nothing
    }

    /// Says how many secrets were to be read.
    pub(crate) fn with_unread(mut self, secrets: usize) -> Self {
        self.secrets_unread = secrets;
        self
    }

    /// The same findings, and what planning has warned of.
    pub(crate) fn with_warnings(mut self, warnings: &[Diagnostic]) -> Self {
        self.diagnostics.extend_from_slice(warnings);
        sort(&mut self.diagnostics);
        self
    }

    /// What several looks at the same inputs have found: the warnings and notes of all of them, if
    /// each of them let the run go on.
    ///
    /// # Errors
    /// If one did not: what all of them have found, as one error.
    pub fn of_all(
        looks: impl IntoIterator<Item = Result<Vec<Diagnostic>, RenderError>>,
        nothing: &'static str,
    ) -> Result<Vec<Diagnostic>, RenderError> {
        let mut found = Vec::new();
        let mut failed: Option<RenderError> = None;
        for look in looks {
            match (look, &mut failed) {
                (Ok(more), _) => found.extend(more),
                (Err(error), None) => failed = Some(error),
                (Err(error), Some(all)) => {
                    all.diagnostics.extend(error.diagnostics);
                    all.errors_left_off += error.errors_left_off;
                    all.secrets_unread += error.secrets_unread;
                    all.notes.extend(error.notes);
                }
            }
        }
        match failed {
            Some(error) => Err(error.with_warnings(&found).with_nothing(nothing)),
            None => {
                sort(&mut found);
                Ok(found)
            }
        }
    }

    /// The same findings, and remarks that were made on the way.
    pub(crate) fn with_notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// The same findings, with the files that a program knows documents to be made from. What a
    /// document says itself stays.
    #[must_use]
    pub fn with_rendered_from(mut self, file: impl Fn(&Place) -> Option<String>) -> Self {
        for one in &mut self.diagnostics {
            for place in std::iter::once(&mut one.place).chain(&mut one.further_places) {
                place.rendered_from = place.rendered_from.take().or_else(|| file(place));
            }
        }
        self
    }

    /// The same findings at places as whoever has made the inputs knows them better.
    #[must_use]
    pub fn with_places(mut self, change: impl Fn(&mut Place)) -> Self {
        for one in &mut self.diagnostics {
            let places = std::iter::once(&mut one.place).chain(&mut one.further_places);
            places.for_each(&change);
        }
        self
    }

    /// The findings, warnings included, in the order of the sources.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The errors among them.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// How many secrets were not read, since mistakes in the manifests ended the run before: what
    /// is wrong with them is not known yet.
    pub fn secrets_unread(&self) -> usize {
        self.secrets_unread
    }

    /// Remarks for the user, names only: one of them can be about the cause of an error.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How many errors there are beside those in the list.
    pub fn errors_left_off(&self) -> usize {
        self.errors_left_off
    }
}

/// Sorts findings in the order of the sources and drops repetitions.
pub(crate) fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        let place = |d: &Diagnostic| (d.place.input, d.place.line, d.place.column);
        place(a)
            .cmp(&place(b))
            .then_with(|| a.message.cmp(&b.message))
    });
    diagnostics.dedup();
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return f.write_str(&self.report());
        }
        let mut errors = self.errors();
        match errors.next() {
            Some(first) => write!(f, "{first}")?,
            None => f.write_str(self.nothing())?,
        }
        match errors.count() + self.errors_left_off {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more error)"),
            more => write!(f, " (and {more} more errors)"),
        }
    }
}

impl std::error::Error for RenderError {}
