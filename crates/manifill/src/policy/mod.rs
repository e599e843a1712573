//! Which app may read which path (rules R7 and R8).
//!
//! [`Rules`] are what every path of a plan must pass before anything is read: the operator's
//! [`Policy`] for the [`App`] that a run is for, and path validations. The settings make them of a
//! file; a program can also make them itself.
//!
//! ```
//! use manifill::policy::{App, Policy, Rule, Rules};
//!
//! let policy = Policy::new([Rule::new("team-a-*", ["vaults/Team A/**"])]);
//! let app = App::new().with_project("team-a-web");
//! let rules = Rules::default().with_policy(policy, app);
//! assert!(rules.check("vault", true, "vaults/Team A/items/db", "vaults/Team A/items/db").is_ok());
//! let error = rules.check("vault", true, "vaults/Team B/items/db", "vaults/Team B/items/db");
//! assert!(error.unwrap_err().to_string().starts_with("the policy does not allow"));
//! ```

mod app;
mod glob;
mod message;
mod path;
#[allow(clippy::module_inception)]
mod policy;
mod rules;

pub use app::App;
pub use glob::{Glob, PathGlob};
#[cfg(feature = "settings")]
pub(crate) use message::fill;
pub use path::{PathRuleError, PathRuleErrorKind, PathRules, refuse_odd_segments};
#[cfg(feature = "settings")]
pub(crate) use policy::only_derived;
pub use policy::{Policy, Rule};
pub use rules::{Purpose, RuleError, Rules};
