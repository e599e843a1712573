//! A look at manifests before they are filled.

use manifill::{
    Depth, Diagnostic, Door, Findings, Input, Inspection, KeyReport, RenderError, Renderer,
    RunContext, Stats,
};

use crate::allowed::AllowedField;
use crate::externals::Externals;
use crate::guard::refuse_mocks;
use crate::problem;
use crate::set::Set;
use crate::{contents, literals, placed, references};

/// What [`check`] looks for.
///
/// ```
/// use manifill::Depth;
/// use manifill_check::Check;
///
/// let check = Check::new().with_depth(Depth::Offline).with_external("wildcard-tls");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Check {
    depth: Depth,
    externals: Externals,
    literals: bool,
    only_kinds: Vec<String>,
    allowed: Vec<AllowedField>,
}

impl Check {
    /// Placeholders, whether their secrets exist, and references among the manifests.
    pub fn new() -> Self {
        Check::default()
    }

    /// Sets how far it goes; [`Depth::Exists`] if nothing is said.
    pub fn with_depth(mut self, depth: Depth) -> Self {
        self.depth = depth;
        self
    }

    /// Says that something else makes an object of this name, or adds keys to one.
    pub fn with_external(mut self, name: impl Into<String>) -> Self {
        self.externals.add(name.into());
        self
    }

    /// Sets whether secrets that are written out in Secrets are errors.
    pub fn with_literals(mut self, literals: bool) -> Self {
        self.literals = literals;
        self
    }

    /// Lets values go to objects of this kind; with one kind or more, any other place is an error.
    pub fn with_only_kind(mut self, kind: impl Into<String>) -> Self {
        self.only_kinds.push(kind.into());
        self
    }

    /// Lets a field have a value where none should be, written out or filled.
    pub fn with_allowed(mut self, field: AllowedField) -> Self {
        self.allowed.push(field);
        self
    }
}

/// What has come of a [`check`]. It holds no value.
#[derive(Debug)]
#[must_use]
pub struct Checked {
    depth: Depth,
    keys: Vec<KeyReport>,
    notes: Vec<String>,
    stats: Option<Stats>,
    found: Result<Vec<Diagnostic>, RenderError>,
}

impl Checked {
    /// How far it went.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// The keys that the manifests want, with the type and the size class of what is there; none if
    /// nothing was read.
    pub fn keys(&self) -> &[KeyReport] {
        &self.keys
    }

    /// Remarks for the user, names only.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What the manifests hold and what the look cost; `None` if their placeholders cannot be planned.
    pub fn stats(&self) -> Option<Stats> {
        self.stats
    }

    /// Warnings and notes, each with its place.
    ///
    /// # Errors
    /// Everything that is wrong, warnings and notes included.
    pub fn found(&self) -> Result<&[Diagnostic], &RenderError> {
        self.found.as_ref().map(Vec::as_slice)
    }
}

/// Looks through manifests for what would fail later, and tells all of it at once: placeholders and
/// the secrets behind them as far as [`Check::with_depth`] says, what objects name of each other, and
/// where values go. No value is told, whatever happens.
///
/// With [`Depth::Offline`] nothing is read, and a [renderer for plans](Renderer::for_plans) will do.
///
/// ```
/// use manifill::vault::backend::memory::Memory;
/// use manifill::{Depth, Input, Renderer, RunContext};
/// use manifill_check::{Check, check};
///
/// # futures_util::future::FutureExt::now_or_never(async {
/// let source = "kind: Secret
/// metadata: {name: db}
/// stringData: {user: <path:db#user>}
/// ---
/// kind: Pod
/// metadata: {name: web}
/// spec:
///   containers:
///     - envFrom: [{secretRef: {name: db}}]
///       env:
///         - valueFrom: {secretKeyRef: {name: db, key: usr}}
/// ";
/// let renderer = Renderer::with_backend("memory", Memory::new()).for_plans();
/// let inputs = [Input::new("web.yaml", source)];
/// let look = Check::new().with_depth(Depth::Offline);
/// let checked = check(&renderer, &inputs, &look, &RunContext::new()).await;
/// let error = checked.found().unwrap_err();
/// assert_eq!(error.to_string(), "web.yaml:11:53: Secret `db` has no key `usr`; it has `user`");
/// # }).unwrap();
/// ```
pub async fn check(
    renderer: &Renderer,
    inputs: &[Input],
    check: &Check,
    context: &RunContext,
) -> Checked {
    let inspected = renderer.inspect(inputs, check.depth, context).await;
    let set = Set::read(inputs);
    let seen = inspected.as_ref().ok();
    let filled = filled(&set, seen);
    let mut problems = references::check(&set, filled.as_ref(), &check.externals);
    // They are told at the places that they are written at.
    problems.extend(contents::check(filled.as_ref().unwrap_or(&set)));
    if check.literals {
        problems.extend(literals::find(&set, &check.allowed));
    }
    let mut findings = Findings::new(inputs);
    problem::tell(problems, &set, inputs, &mut findings);
    let placed = placed::find(inputs, &check.only_kinds, &check.allowed, Door::CommandLine);
    let (keys, notes, stats) = match seen {
        Some(seen) => (
            seen.keys().to_vec(),
            seen.notes().to_vec(),
            Some(seen.stats()),
        ),
        None => (Vec::new(), Vec::new(), None),
    };
    let looks = [
        inspected.map(|seen| seen.warnings().to_vec()),
        findings.settle(NOTHING),
        placed.settle(NOTHING),
        refuse_mocks(inputs).map(|()| Vec::new()),
    ];
    Checked {
        depth: check.depth,
        keys,
        notes,
        stats,
        found: RenderError::of_all(looks, NOTHING),
    }
}

/// The last words of a report.
const NOTHING: &str = "the check has failed";

/// The set as it is filled, if it was. Filling changes no object's place among the others.
fn filled(set: &Set, seen: Option<&Inspection<'_>>) -> Option<Set> {
    let texts = seen.and_then(Inspection::rendered)?;
    let filled = Set::of_texts(texts.texts().iter().map(AsRef::as_ref));
    (filled.objects.len() == set.objects.len()).then_some(filled)
}
