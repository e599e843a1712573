//! Fills secret placeholders in Kubernetes manifests with values from a vault.
//!
//! This is the crate that a Rust program adds. Data goes one way: [`Input`]s are [planned](Plan)
//! without I/O, [`fetch`] reads what the plan wants, and [`Plan::apply`] puts the values in and
//! leaves every other byte as it is. [`Renderer`] does the three in one call.
//!
//! ```
//! use manifill::vault::backend::memory::Memory;
//! use manifill::{Input, Renderer};
//!
//! # futures_util::future::FutureExt::now_or_never(async {
//! let vault = Memory::new().with("vaults/Home/items/db", [("password", "it's: #1")]);
//! let renderer = Renderer::with_backend("memory", vault);
//! let source = "kind: Secret\nstringData:\n  # the database\n  password: <path:vaults/Home/items/db#password>\n";
//! let inputs = [Input::new("secret.yaml", source)];
//! let rendered = renderer.render(&inputs).await.unwrap();
//! assert_eq!(
//!     rendered.texts()[0],
//!     "kind: Secret\nstringData:\n  # the database\n  password: \"it's: #1\"\n"
//! );
//! # }).unwrap();
//! ```
//!
//! # Features
//!
//! `memory` and `file` (both on by default) and one feature for each other backend, such as
//! `1passwordconnect`; `full` has them all. Without a network backend neither an HTTP client nor an
//! async runtime is pulled in.

mod apply;
mod backends;
pub mod config;
mod diagnostic;
mod fetch;
mod finding;
mod input;
mod near;
mod parallel;
mod plan;
mod renderer;
pub mod transform;

pub use apply::Rendered;
pub use backends::Backends;
pub use config::{Config, Rules};
pub use diagnostic::{Diagnostic, DiagnosticKind, Place, RenderError, Severity};
pub use fetch::{Fetched, fetch};
pub use input::{Input, Options};
pub use plan::{Plan, ReadReport, SiteReport};
pub use renderer::Renderer;
pub use {
    manifill_manifest as manifest, manifill_placeholder as placeholder, manifill_vault as vault,
};
