//! Whose login a backend uses (rule R7).
//!
//! A login is used as a whole: secrets of one side are never sent with a part of the other's, but
//! for what is no secret, and never to a host that the author chose unless they are the author's.

use manifill_vault::settings::{Class, Kind, Required, Setting};

use super::layers::SourcedValue;
use super::open::OpenSettings;

/// What the author and the operator say of one setting.
pub(super) struct Said {
    pub(super) setting: &'static Setting,
    /// The author's value, and where the author wrote it.
    pub(super) author: Option<(SourcedValue, String)>,
    pub(super) operator: Option<SourcedValue>,
}

impl Said {
    /// Whether the author says something that the operator does not.
    pub(super) fn differs(&self) -> bool {
        let author = self.author.as_ref();
        author.is_some_and(|(author, _)| !author.is_same(self.operator.as_ref()))
    }

    /// Whether it is a part of what comes from one side as a whole.
    pub(super) fn is_bundle(&self) -> bool {
        self.setting.class == Class::Bundle
    }

    /// Whether it names a data file beside the manifests: the author's own settings file does, and
    /// the operator has none.
    pub(super) fn is_authors_data(&self) -> bool {
        let author = self.author.as_ref();
        self.setting.kind == Kind::DataFile
            && self.operator.is_none()
            && author.is_some_and(|(found, _)| found.is_from_file())
    }
}

/// Whose login it is, and whose host.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Login {
    /// The operator's.
    Operators,
    /// The author's, host included.
    Authors,
    /// The author's, for the operator's host.
    AuthorsHere,
}

impl Login {
    pub(super) fn of(said: &[Said], open: &OpenSettings) -> Self {
        let bundle = || said.iter().filter(|said| said.is_bundle());
        let is_own = |said: &Said| said.differs() && !open.has(said.setting.name);
        let mut required = bundle()
            .filter(|said| said.setting.is_required())
            .peekable();
        if !bundle().any(is_own) || required.peek().is_none() {
            Login::Operators
        } else if required.all(|said| said.author.is_some()) {
            Login::Authors
        } else if names_no_host(said) && secrets(said).is_some_and(|all| all.iter().all(has_author))
        {
            Login::AuthorsHere
        } else {
            Login::Operators
        }
    }
}

fn has_author(said: &&Said) -> bool {
    said.author.is_some()
}

/// Whether the host is the operator's and nobody else's.
fn names_no_host(said: &[Said]) -> bool {
    said.iter()
        .filter(|said| said.setting.kind == Kind::Url)
        .all(|said| !said.differs() && (said.operator.is_some() || !said.setting.is_required()))
}

/// The secrets of the login method in force, which may be the operator's choice; `None` if an
/// author cannot bring them all, as with the token of the pod.
fn secrets(said: &[Said]) -> Option<Vec<&Said>> {
    let method = said
        .iter()
        .find(|said| said.setting.kind == Kind::LoginMethod)
        .and_then(|said| {
            let author = said.author.as_ref().map(|(found, _)| found);
            author.or(said.operator.as_ref())
        })
        .map(|found| found.value.as_str());
    let needed: Vec<&Said> = said
        .iter()
        .filter(|said| said.setting.kind == Kind::Text && said.setting.is_needed_by(method))
        .collect();
    (!needed.is_empty() && needed.iter().all(|said| said.is_bundle())).then_some(needed)
}

/// What an author would have to bring, too: the rest of the secrets, or of host and login.
pub(super) fn missing(said: &[Said]) -> Vec<&'static str> {
    let here = secrets(said).filter(|_| names_no_host(said));
    let wanted = here.unwrap_or_else(|| {
        let required = |said: &&Said| said.is_bundle() && said.setting.is_required();
        said.iter().filter(required).collect()
    });
    let lacks = wanted.into_iter().filter(|said| said.author.is_none());
    lacks.map(|said| said.setting.name).collect()
}

/// Whether the operator's value stays beside an author's login for the operator's host: the host
/// itself, the method, and what no login needs, such as a namespace.
pub(super) fn is_shared(setting: &Setting) -> bool {
    matches!(setting.kind, Kind::Url | Kind::LoginMethod) || setting.required == Required::Never
}
