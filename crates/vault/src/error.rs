//! What goes wrong when a secret is read.

use std::fmt::{self, Write as _};
use std::num::NonZeroU16;

/// Why a secret could not be read: what happened, in fixed words, with the names it happened to.
///
/// The words are fixed at compile time and the names come from the manifest or the settings, so
/// that no error can carry a value, a token or an answer of a server. `Display` is one line, lower
/// case, without a full stop. There is no source: foreign errors quote what they choke on.
///
/// ```
/// use manifill_vault::{VaultError, VaultErrorKind};
/// let error = VaultError::new(VaultErrorKind::NotFound, "no item {} in vault {}")
///     .with_name("db").with_name("Home").with_hint("list the vault's items");
/// assert_eq!(error.to_string(), "no item `db` in vault `Home`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultError(Box<Details>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    kind: VaultErrorKind,
    message: &'static str,
    names: Names,
    status: Option<NonZeroU16>,
    tries: u32,
    candidates: Box<[String]>,
    hint: Option<&'static str>,
    /// The setting that is to blame.
    setting: Option<&'static str>,
    means_missing_keys: bool,
    /// What else was found wrong at the same time.
    others: Box<[VaultError]>,
}

/// The situations a caller may want to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VaultErrorKind {
    /// There is no such secret (item, path, version). This, and only this, is what `default` and
    /// `||` act on.
    NotFound,
    /// Several things have this name.
    Ambiguous,
    /// The login works but does not allow this.
    PermissionDenied,
    /// The login does not work.
    Unauthenticated,
    /// The server could not be reached, or answered that it cannot serve now.
    Unavailable,
    /// The time of the run was over.
    Timeout,
    /// The server's answer makes no sense.
    InvalidAnswer,
    /// A setting is missing or wrong.
    Configuration,
    /// The path, key or version is not one this backend can have.
    InvalidRequest,
    /// All apps together have sent as many requests as the operator allows in a minute.
    RequestBudget,
}

impl VaultErrorKind {
    /// A stable word for reports: `not-found`, `ambiguous`, …
    pub fn as_str(self) -> &'static str {
        match self {
            VaultErrorKind::NotFound => "not-found",
            VaultErrorKind::Ambiguous => "ambiguous",
            VaultErrorKind::PermissionDenied => "permission-denied",
            VaultErrorKind::Unauthenticated => "unauthenticated",
            VaultErrorKind::Unavailable => "unavailable",
            VaultErrorKind::Timeout => "timeout",
            VaultErrorKind::InvalidAnswer => "invalid-answer",
            VaultErrorKind::Configuration => "configuration",
            VaultErrorKind::InvalidRequest => "invalid-request",
            VaultErrorKind::RequestBudget => "request-budget",
        }
    }
}

impl VaultError {
    /// An error with fixed words; each `{}` in them takes the next [`with_name`](VaultError::with_name).
    pub fn new(kind: VaultErrorKind, message: &'static str) -> Self {
        VaultError(Box::new(Details {
            kind,
            message,
            names: Names::default(),
            status: None,
            tries: 1,
            candidates: Box::default(),
            hint: None,
            setting: None,
            means_missing_keys: false,
            others: Box::default(),
        }))
    }

    /// Both values, or everything that is wrong with them: whoever has several settings to mend
    /// should not need a run for each.
    ///
    /// ```
    /// use manifill_vault::VaultError;
    /// let missing = |name| Err::<(), _>(VaultError::configuration("{} is not set").with_name(name));
    /// let error = VaultError::both(missing("HOST"), missing("TOKEN")).unwrap_err();
    /// assert_eq!(error.to_string(), "`HOST` is not set; `TOKEN` is not set");
    /// assert_eq!(error.each().count(), 2);
    /// ```
    ///
    /// # Errors
    /// If either of them is one; of two the second is kept [beside](VaultError::each) the first.
    pub fn both<A, B>(
        one: Result<A, VaultError>,
        other: Result<B, VaultError>,
    ) -> Result<(A, B), VaultError> {
        match (one, other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
            (Err(mut error), Err(other)) => {
                let mut others = std::mem::take(&mut error.0.others).into_vec();
                others.extend(other.each());
                error.0.others = others.into_boxed_slice();
                Err(error)
            }
        }
    }

    /// The mistakes one by one, if several were found [at once](VaultError::both).
    pub fn each(&self) -> impl Iterator<Item = VaultError> {
        let mut first = self.clone();
        let others = std::mem::take(&mut first.0.others).into_vec();
        std::iter::once(first).chain(others)
    }

    /// A setting that is missing or wrong; see [`new`](VaultError::new).
    pub fn configuration(message: &'static str) -> Self {
        VaultError::new(VaultErrorKind::Configuration, message)
    }

    /// An answer that makes no sense; see [`new`](VaultError::new).
    pub fn invalid_answer(message: &'static str) -> Self {
        VaultError::new(VaultErrorKind::InvalidAnswer, message)
    }

    /// Adds a name that came from the manifest or the settings, never anything from an answer.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.0.names.push(name.into());
        self
    }

    /// Says that a secret which is not there counts as one without keys, as argocd-vault-plugin has it
    /// for this backend (AVP rule 64): `remove-missing` acts on it.
    #[must_use]
    pub fn with_missing_keys(mut self) -> Self {
        self.0.means_missing_keys = true;
        self
    }

    /// Adds the HTTP status of the answer.
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = NonZeroU16::new(status);
        self
    }

    /// Adds how often the request was sent; more than once is shown.
    pub fn with_tries(mut self, tries: u32) -> Self {
        self.0.tries = tries;
        self
    }

    /// Adds names that could have been meant: item titles, field names, ids, never values.
    ///
    /// They are kept apart from the message so that a caller with a policy can withhold them.
    pub fn with_candidates(mut self, candidates: impl IntoIterator<Item = String>) -> Self {
        self.0.candidates = candidates.into_iter().collect();
        self
    }

    /// Adds what to do about it.
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.0.hint = Some(hint);
        self
    }

    /// Says which setting is to blame, where the message does not name it: a file or program that is
    /// not there. It is then told where the setting stands.
    pub fn about_setting(mut self, name: &'static str) -> Self {
        self.0.setting = Some(name);
        self
    }

    /// The setting that is to blame, if [that was said](VaultError::about_setting).
    pub fn setting(&self) -> Option<&'static str> {
        self.0.setting
    }

    /// The situation.
    pub fn kind(&self) -> VaultErrorKind {
        self.0.kind
    }

    /// The names in the message, which say what it is about.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.names.0.iter().map(AsRef::as_ref)
    }

    /// Whether it [counts](VaultError::with_missing_keys) as a secret without keys.
    pub fn means_missing_keys(&self) -> bool {
        self.0.means_missing_keys
    }

    /// The HTTP status, if an answer had one.
    pub fn status(&self) -> Option<u16> {
        self.0.status.map(NonZeroU16::get)
    }

    /// Names that could have been meant.
    pub fn candidates(&self) -> &[String] {
        &self.0.candidates
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        self.0.hint
    }

    /// Whether another try could succeed without anything being changed.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.0.kind,
            VaultErrorKind::Unavailable | VaultErrorKind::Timeout | VaultErrorKind::RequestBudget
        )
    }
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fill(f, self.0.message, &self.0.names)?;
        match (self.0.status, self.0.tries) {
            (Some(status), ..2) => write!(f, " (HTTP {status})")?,
            (Some(status), tries) => write!(f, " (HTTP {status}, {tries} tries)")?,
            (None, ..2) => {}
            (None, tries) => write!(f, " ({tries} tries)")?,
        }
        let mut others = self.0.others.iter();
        others.try_for_each(|other| write!(f, "; {other}"))
    }
}

impl std::error::Error for VaultError {}

/// A path that a backend cannot read: what is wrong with it and how a right one looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    message: &'static str,
    names: Names,
    hint: Option<&'static str>,
}

impl PathError {
    /// An error with fixed words; each `{}` in them takes the next [`with_name`](PathError::with_name).
    pub fn new(message: &'static str) -> Self {
        PathError {
            message,
            names: Names::default(),
            hint: None,
        }
    }

    /// Adds a part of the path.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// Adds how a right path looks.
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// How a right path looks.
    pub fn hint(&self) -> Option<&'static str> {
        self.hint
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fill(f, self.message, &self.names)
    }
}

impl std::error::Error for PathError {}

/// The names of an error. They take no more than they need: a run in which a whole vault is missing
/// can have very many errors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names(Box<[Box<str>]>);

impl Names {
    fn push(&mut self, name: String) {
        let mut names = std::mem::take(&mut self.0).into_vec();
        names.reserve_exact(1);
        names.push(name.into_boxed_str());
        self.0 = names.into_boxed_slice();
    }
}

/// Writes a message with its names in backquotes where it says `{}`; names left over follow in
/// brackets, so that none is lost.
fn fill(f: &mut fmt::Formatter<'_>, message: &str, names: &Names) -> fmt::Result {
    let mut names = names.0.iter();
    let mut pieces = message.split("{}");
    if let Some(first) = pieces.next() {
        f.write_str(first)?;
    }
    for piece in pieces {
        match names.next() {
            Some(name) => quote(f, name)?,
            None => f.write_str("…")?,
        }
        f.write_str(piece)?;
    }
    for name in names {
        f.write_str(" (")?;
        quote(f, name)?;
        f.write_str(")")?;
    }
    Ok(())
}

/// Writes a name in backquotes. Control characters are escaped: a name comes from a manifest that
/// others may write, and must not move the cursor or begin a new line in a log.
fn quote(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    f.write_char('`')?;
    for c in name.chars() {
        if c.is_control() {
            write!(f, "{}", c.escape_default())?;
        } else {
            f.write_char(c)?;
        }
    }
    f.write_char('`')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(message: &'static str) -> VaultError {
        VaultError::new(VaultErrorKind::NotFound, message)
    }

    #[test]
    fn names_fill_the_gaps_in_order() {
        let two = error("no item {} in vault {}");
        assert_eq!(
            two.clone().with_name("db").with_name("Home").to_string(),
            "no item `db` in vault `Home`"
        );
        assert_eq!(
            two.clone().with_name("{}").with_name("b").to_string(),
            "no item `{}` in vault `b`"
        );
        assert_eq!(two.to_string(), "no item … in vault …");
        assert_eq!(
            error("no item").with_name("a").with_name("b").to_string(),
            "no item (`a`) (`b`)"
        );
        assert_eq!(
            PathError::new("{} is no path").with_name("x").to_string(),
            "`x` is no path"
        );
    }

    #[test]
    fn status_and_tries_follow() {
        let error = error("no {}").with_name("item");
        assert_eq!(
            error.clone().with_status(404).to_string(),
            "no `item` (HTTP 404)"
        );
        assert_eq!(error.clone().with_tries(1).to_string(), "no `item`");
        assert_eq!(
            error.clone().with_tries(3).to_string(),
            "no `item` (3 tries)"
        );
        let both = error.with_status(503).with_tries(5);
        assert_eq!(both.to_string(), "no `item` (HTTP 503, 5 tries)");
        assert_eq!(both.status(), Some(503));
    }

    #[test]
    fn a_name_cannot_forge_a_line() {
        let error = error("no item {}").with_name("a\nerror: b\u{1b}[2K\u{7f}é");
        assert_eq!(
            error.to_string(),
            "no item `a\\nerror: b\\u{1b}[2K\\u{7f}é`"
        );
    }

    #[test]
    fn hints_and_candidates_stay_out_of_the_message() {
        let error = error("no")
            .with_hint("look")
            .with_candidates(["a".to_owned()]);
        assert_eq!(error.to_string(), "no");
        assert_eq!(
            (error.hint(), error.candidates()),
            (Some("look"), &["a".to_owned()][..])
        );
        assert!(std::error::Error::source(&error).is_none());
    }

    #[test]
    fn only_an_absent_server_is_worth_another_try() {
        use VaultErrorKind::*;
        for kind in [Unavailable, Timeout] {
            assert!(VaultError::new(kind, "x").is_retryable());
        }
        for kind in [
            NotFound,
            Ambiguous,
            PermissionDenied,
            Unauthenticated,
            InvalidAnswer,
        ] {
            assert!(!VaultError::new(kind, "x").is_retryable());
        }
    }
}
