//! Looks at whole sets of manifests before a cluster does. It keeps no secret, and what it reads it
//! reads through a renderer.
//!
//! [`check`] looks at manifests before they are filled: whether their placeholders can be filled, and
//! whether what they name of each other is there. [`guard`] is the last step of a pipe that renders manifests: it passes them on as they are, or
//! says what is left of placeholders in them.
//!
//! ```
//! use manifill::Input;
//! use manifill_check::{Guard, guard};
//!
//! let inputs = [Input::new("-", "kind: Secret\nmetadata: {name: db}\nstringData: {user: <path:db#user>}\n")];
//! let error = guard(&inputs, &Guard::new()).text().unwrap_err();
//! assert_eq!(error.to_string(), "-:3:20: a placeholder is not filled");
//!
//! let allowed = Guard::new().with_allowed("Secret/db:stringData.user".parse()?);
//! assert_eq!(guard(&inputs, &allowed).text()?, inputs[0].source);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod allowed;
mod blank;
mod check;
mod contents;
mod externals;
mod guard;
mod key_pair;
mod literals;
mod placed;
mod problem;
mod pull_secret;
mod references;
mod set;
mod written;

pub use allowed::{AllowedField, NotAField};
pub use blank::is_blank;
pub use check::{Check, Checked, check};
pub use guard::{Guard, Guarded, guard, refuse_mocks};
pub use placed::refuse_elsewhere;
