//! What may be read: `AVP_PATH_VALIDATION` and the policy.

use std::borrow::Cow;
use std::fmt;

use super::path::{PathRuleError, PathRules, refuse_odd_segments};

use manifill_placeholder::{Modifier, ModifierKind};

use super::app::App;
use super::message::fill;
use super::policy::Policy;

/// What is wanted of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose<'l> {
    /// The values there, or what any modifier makes of them.
    Value,
    /// What `derive` makes of a value there with this label, and nothing else.
    Derived(&'l str),
    /// The names of its keys, or no more than to be named.
    Names,
}

impl<'l> Purpose<'l> {
    /// What a placeholder with these modifiers wants.
    ///
    /// ```
    /// use manifill::policy::Purpose;
    /// use manifill_placeholder::parse;
    ///
    /// let purpose = |text| Purpose::of(&parse(text, Default::default()).unwrap().modifiers) == Purpose::Value;
    /// assert!(purpose("<path:a#b | trim | derive \"team/x\" 32>"));
    /// assert!(!purpose("<path:a#b | derive \"team/x\" 32 | base64encode>"));
    /// ```
    pub fn of(modifiers: &'l [Modifier]) -> Self {
        match modifiers.first().map(|modifier| &modifier.kind) {
            Some(ModifierKind::Derive { label, .. }) => Purpose::Derived(label),
            _ => Purpose::Value,
        }
    }
}

/// The rules that every path must pass before anything is read.
///
/// [`Rules::default`] allows everything.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Rules {
    validation: PathRules,
    policy: Option<Policy>,
    app: App,
}

impl Rules {
    /// Adds the policy of an operator, for the app that the runs are for.
    pub fn with_policy(mut self, policy: Policy, app: App) -> Self {
        self.policy = Some(policy);
        self.app = app;
        self
    }

    /// Adds validations that every path must pass.
    pub fn with_validation(mut self, validation: PathRules) -> Self {
        self.validation = validation;
        self
    }

    /// Rules that only validate paths, for programs that have no settings file.
    pub fn validating(validation: PathRules) -> Self {
        Rules::default().with_validation(validation)
    }

    /// Whether anything is forbidden at all. If so, an error must not name what it found beside
    /// the path that was asked for, and a path is not repaired but refused (rule R8).
    pub fn is_restricted(&self) -> bool {
        self.policy.is_some() || !self.validation.is_empty()
    }

    /// Judges whether the values at a path of a backend may be had. The path is looked at as it was
    /// written (without `name!`), and as the backend understands it. Both must pass (rule R8), so
    /// that neither spelling is a way round.
    ///
    /// # Errors
    /// Which rule forbids it.
    pub fn check(
        &self,
        backend: &str,
        is_default: bool,
        raw: &str,
        plain: &str,
    ) -> Result<(), RuleError> {
        self.check_for(Purpose::Value, backend, is_default, raw, plain)
    }

    /// As [`check`](Self::check), for another purpose: an entry of a policy that ends in `| derive`
    /// allows that alone, with labels that begin with the project's name and a slash.
    ///
    /// ```
    /// use manifill::policy::{App, Policy, Purpose, Rule, Rules};
    ///
    /// let policy = Policy::new([Rule::new("*", ["vaults/Home/items/root | derive"])]);
    /// let rules = Rules::default().with_policy(policy, App::new().with_project("blog"));
    /// let check = |purpose| {
    ///     let path = "vaults/Home/items/root";
    ///     rules.check_for(purpose, "vault", true, path, path).map_err(|error| error.to_string())
    /// };
    /// assert_eq!(check(Purpose::Derived("blog/session")), Ok(()));
    /// let error = check(Purpose::Derived("shop/session")).unwrap_err();
    /// assert!(error.contains("only with labels that begin with `blog/`"));
    /// assert!(check(Purpose::Value).unwrap_err().contains("only what is derived"));
    /// ```
    ///
    /// # Errors
    /// Which rule forbids it.
    pub fn check_for(
        &self,
        purpose: Purpose<'_>,
        backend: &str,
        is_default: bool,
        raw: &str,
        plain: &str,
    ) -> Result<(), RuleError> {
        if !self.is_restricted() {
            return Ok(());
        }
        let spellings = || {
            if raw == plain {
                vec![raw]
            } else {
                vec![raw, plain]
            }
        };
        for path in spellings() {
            refuse_odd_segments(path)?;
        }
        for path in spellings() {
            self.validation.check(path)?;
        }
        let Some(policy) = &self.policy else {
            return Ok(());
        };
        let Some(project) = &self.app.project else {
            return Err(
                RuleError::new("the policy refuses every read: the project is not known")
                    .with_hint(
                        "ARGOCD_APP_PROJECT_NAME names it under Argo CD, --project elsewhere",
                    ),
            );
        };
        let app = &self.app;
        let refused = |path: &&str| !policy.allows(app, backend, is_default, path);
        if !spellings().iter().any(refused) {
            return Ok(());
        }
        let unknown = |path: &&str| !policy.allows_derived(app, backend, is_default, path);
        match spellings().into_iter().find(unknown) {
            None => derived(purpose, project, raw, backend),
            Some(path) => Err(RuleError::new(
                "the policy does not allow project {} to read {} from backend {}",
            )
            .with_name(project)
            .with_name(path)
            .with_name(backend)
            .with_hint(if raw.starts_with("op://") {
                Cow::from("a secret reference needs a rule in its own spelling, such as op://vault/*")
            } else if raw != plain {
                "rules must allow the path both as it is written and as the backend spells it".into()
            } else {
                let name = if is_default { String::new() } else { format!("{backend}!") };
                format!("a rule of the operator's `policy` must allow the path, as this does: {{project: {project:?}, allow: [{:?}]}}", format!("{name}{path}")).into()
            })),
        }
    }
}

/// Judges what is wanted of a path that is for `derive` alone.
fn derived(
    purpose: Purpose<'_>,
    project: &str,
    path: &str,
    backend: &str,
) -> Result<(), RuleError> {
    let label = match purpose {
        Purpose::Names => return Ok(()),
        Purpose::Derived(label) => label,
        Purpose::Value => {
            let message = "the policy gives project {} only what is derived of {} of backend {}";
            return Err(RuleError::new(message)
                .with_name(project)
                .with_name(path)
                .with_name(backend)
                .with_hint(format!(
                    "the first modifier must be `derive`, with a label of the project: | derive \"{project}/NAME\" 32"
                )));
        }
    };
    let own = label
        .strip_prefix(project)
        .is_some_and(|rest| rest.starts_with('/'));
    if own {
        return Ok(());
    }
    let message = "the policy lets project {} derive of {} only with labels that begin with {}";
    Err(RuleError::new(message)
        .with_name(project)
        .with_name(path)
        .with_name(&format!("{project}/"))
        .with_hint(format!(
            "the label begins with the project's name: | derive \"{project}/NAME\" 32"
        )))
}

/// A path that may not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError(Reason);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Path(PathRuleError),
    Policy {
        message: &'static str,
        names: Vec<String>,
        hint: Option<Cow<'static, str>>,
    },
}

impl RuleError {
    fn new(message: &'static str) -> Self {
        RuleError(Reason::Policy {
            message,
            names: Vec::new(),
            hint: None,
        })
    }

    fn with_name(mut self, name: &str) -> Self {
        if let Reason::Policy { names, .. } = &mut self.0 {
            names.push(name.to_owned());
        }
        self
    }

    fn with_hint(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        if let Reason::Policy { hint, .. } = &mut self.0 {
            *hint = Some(text.into());
        }
        self
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match &self.0 {
            Reason::Path(error) => error.hint(),
            Reason::Policy { hint, .. } => hint.as_deref(),
        }
    }
}

impl From<PathRuleError> for RuleError {
    fn from(error: PathRuleError) -> Self {
        RuleError(Reason::Path(error))
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Path(error) => write!(f, "{error}"),
            Reason::Policy { message, names, .. } => fill(f, message, names),
        }
    }
}

impl std::error::Error for RuleError {}
