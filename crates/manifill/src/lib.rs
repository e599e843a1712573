//! Fills secret placeholders in Kubernetes manifests with values from a vault.
//!
//! This is the crate that a Rust program adds. Data goes one way, and each step belongs to the one
//! before it by type:
//!
//! ```text
//! Renderer::plan(&inputs)   -> Plan      no I/O; every mistake of syntax, path, policy and modifier
//! plan.fetch(&context).await -> Answers  each secret once, all backends at the same time
//! answers.apply()           -> Rendered  texts, warnings, notes and what it cost
//! ```
//!
//! [`Renderer::render`] does the three in one call:
//!
//! ```
//! use manifill::vault::backend::memory::Memory;
//! use manifill::{Input, Renderer, RunContext};
//!
//! # futures_util::future::FutureExt::now_or_never(async {
//! let vault = Memory::new().with("vaults/Home/items/db", [("password", "it's: #1")]);
//! let renderer = Renderer::with_backend("memory", vault);
//! let source = "kind: Secret\nstringData:\n  # the database\n  password: <path:vaults/Home/items/db#password>\n";
//! let inputs = [Input::new("secret.yaml", source)];
//! let rendered = renderer.render(&inputs, &RunContext::new()).await.unwrap();
//! assert_eq!(
//!     rendered.texts()[0],
//!     "kind: Secret\nstringData:\n  # the database\n  password: \"it's: #1\"\n"
//! );
//! # }).unwrap();
//! ```
//!
//! # I want to …
//!
//! | I want to … | use … |
//! |---|---|
//! | fill texts with a backend of my choice | [`Renderer::with_backend`], [`Renderer::render`] |
//! | fill as a settings file and the environment say | `Config::load`, `Renderer::from_config` (feature `settings`) |
//! | fill values of a chart, `.env` files, JSON, TOML or any text | [`Input::with_format`], [`Format`] (feature `fill`) |
//! | fill for very many apps in one program | `SharedBackends` (feature `shared`) |
//! | fill the files of a folder | `inputs::read` (feature `files`), [`Renderer::render`] |
//! | use one of the backends by its settings | [`vault::backend::by_name`], [`Backends::from_settings`] |
//! | use several backends | [`Backends::with_named`], [`Renderer::new`] |
//! | write a backend | [`vault::VaultBackend`] |
//! | see what would be read, without a network | [`Renderer::plan`], [`Plan::reads`], [`Plan::fields`] |
//! | see whether what would be read is there | [`Renderer::inspect`], and the crate `manifill-check` |
//! | know which keys a path has | [`Renderer::keys`] |
//! | read a secret myself | [`Renderer::read`] |
//! | show people what is wrong | [`RenderError::report`], or `{:#}` |
//! | act on what is wrong | [`RenderError::diagnostics`], [`Diagnostic::kind`] |
//! | forbid paths | [`Rules`], [`Renderer::with_rules`] |
//! | limit time, requests and output | [`RunContext`], [`Renderer::with_timeout`], [`Renderer::with_max_output`] |
//! | run a modifier on a value | [`transform::run`] |
//! | see what is left of placeholders after a run | [`find_left_in`], and the crate `manifill-check` |
//! | find placeholders in a text | the crate `manifill-placeholder` |
//! | read and change YAML without losing a comment | the crate `manifill-manifest` |
//!
//! The chapters of the [guide](https://docs.rs/manifill/latest/manifill/guide/) go on from here: choose
//! a backend, settings and policy, errors, write a backend.
//!
//! # Features
//!
//! `memory` and `file` (both on by default) and one feature for each other backend, such as
//! `1passwordconnect`; `settings` reads settings files and the environment, `files` finds the
//! manifests of a folder, `fill` is for texts that are no manifests; `full` has them all. `shared`,
//! for servers, is not part of it. Without a network backend neither an HTTP client nor
//! an async runtime is pulled in.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod apply;
mod backends;
mod causes;
#[cfg(any(feature = "files", feature = "settings"))]
mod confines;
mod diagnostic;
mod digest_key;
#[cfg(any(feature = "files", feature = "settings"))]
#[cfg_attr(not(feature = "files"), allow(dead_code, unreachable_pub))]
mod disk;
mod door;
mod fetch;
#[cfg(any(feature = "files", feature = "settings"))]
#[cfg_attr(not(feature = "files"), allow(dead_code, unreachable_pub))]
mod file_source;
mod finding;
mod findings;
#[cfg(feature = "fill")]
mod formats;
#[cfg(any(docsrs, feature = "full"))]
pub mod guide;
mod input;
#[cfg(feature = "files")]
pub mod inputs;
mod inspection;
mod near;
mod parallel;
mod pending;
mod plan;
mod plan_only;
pub mod policy;
mod rendered;
mod rendered_from;
mod renderer;
mod report;
mod restart;
mod setting_places;
#[cfg(feature = "settings")]
pub mod settings;
#[cfg(feature = "shared")]
mod shared;
mod stand_ins;
mod sync;
pub mod transform;

pub use backends::Backends;
pub use diagnostic::{Diagnostic, DiagnosticKind, Place, RenderError, Severity, printable};
pub use digest_key::DigestKey;
pub use door::Door;
pub use fetch::Answers;
pub use findings::{Finding, Findings};
#[cfg(feature = "fill")]
pub use formats::Format;
pub use input::{Input, Options};
pub use inspection::{Depth, FoundValue, Inspection, KeyReport, SizeClass};
pub use manifill_vault::RunContext;
pub use near::{backends as near_backends, names as near_names};
pub use plan::{
    FieldReport, LeftIn, LeftInKind, Plan, ReadReport, annotation_rules, find_left_in,
    may_need_filling,
};
pub use policy::Rules;
pub use rendered::{Rendered, Stats};
pub use renderer::Renderer;
pub use report::{Report, ReportPart};
#[cfg(feature = "settings")]
pub use settings::Config;
#[cfg(feature = "shared")]
pub use shared::SharedBackends;

/// Where secrets come from: what a program with this crate needs of [`manifill_vault`].
///
/// Whoever writes a backend depends on that crate itself, which also has the HTTP transport and the
/// suite that every backend runs.
pub mod vault {
    pub use manifill_vault::{
        ConnectContext, Exposed, KeyNames, Keys, PathError, Secret, SecretPath, SecretRequest,
        SecretValue, Settings, VaultBackend, VaultError, VaultErrorKind, backend, settings,
    };
}

/// What is planned on one thread can be fetched on another.
const _: () = {
    const fn sent<T: Send>() {}
    const fn shared<T: Send + Sync>() {}
    sent::<Plan<'static, 'static>>();
    sent::<Answers<'static, 'static>>();
    shared::<Renderer>();
};
