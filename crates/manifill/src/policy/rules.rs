//! What may be read: `AVP_PATH_VALIDATION` and the policy.

use std::borrow::Cow;
use std::fmt;

use super::path::{PathRuleError, PathRules, refuse_odd_segments};

use super::app::App;
use super::message::fill;
use super::policy::Policy;

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

    /// Judges a path of a backend: as it was written (without `name!`), and as the backend
    /// understands it. Both must pass (rule R8), so that neither spelling is a way round.
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
        match spellings()
            .into_iter()
            .find(|path| !policy.allows(&self.app, backend, is_default, path))
        {
            None => Ok(()),
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
