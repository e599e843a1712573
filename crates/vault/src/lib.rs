//! Where secrets come from: the [`VaultBackend`] trait, its requests and answers, and the backends.
//!
//! A backend gets every request of a run at once ([`VaultBackend::read`]), so it can list a vault
//! once or batch its calls without a cache that could go stale in a long-lived process. What it
//! answers is a [`Secret`]: values by key, held as [`SecretValue`], a type that cannot be printed.
//!
#![cfg_attr(feature = "memory", doc = "```")]
#![cfg_attr(not(feature = "memory"), doc = "```ignore")]
//! use manifill_vault::{backend::memory::Memory, Keys, RunContext, SecretPath, SecretRequest, VaultBackend};
//!
//! # futures_util::future::FutureExt::now_or_never(async {
//! let backend = Memory::new().with("db", [("user", "svc_orders")]);
//! let request = SecretRequest::new(SecretPath::verbatim("db"), Keys::names(["user"]));
//! let run = RunContext::default();
//! let answers = backend.read(&[request], &run).await;
//! let secret = answers[0].as_ref().unwrap();
//! assert_eq!(secret.value("user").unwrap().unwrap().expose().as_text(), Some("svc_orders"));
//! # }).unwrap();
//! ```
#![cfg_attr(not(feature = "memory"), allow(rustdoc::broken_intra_doc_links))]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod app_files;
pub mod backend;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
mod clock;
mod error;
pub mod files;
mod format;
mod key_results;
mod logins;
#[cfg(feature = "shared")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
mod refusals;
mod request;
mod run_context;
mod secret;
pub mod settings;
#[cfg(feature = "shared")]
#[cfg_attr(not(feature = "full"), allow(dead_code, unused_imports))]
mod shared;
#[cfg(any(test, feature = "suite"))]
pub mod suite;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
mod sync;
#[cfg(feature = "shared")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
mod traffic;
pub mod transport;
mod value;

use std::borrow::Cow;
use std::fmt::Debug;

use async_trait::async_trait;

pub use app_files::{AppFiles, NoAppFile};
pub use error::{PathError, VaultError, VaultErrorKind};
pub use request::{KeyNames, Keys, SecretPath, SecretRequest};
pub use run_context::RunContext;
pub use secret::Secret;
pub use settings::{ConnectContext, Settings};
#[cfg(feature = "shared")]
pub use shared::Sharing;
#[cfg(feature = "shared")]
pub use traffic::Traffic;
pub use value::{Exposed, SecretValue};

/// A place that holds secrets.
///
/// Only [`read`](VaultBackend::read) is required. `CONTRIBUTING.md` shows a backend in a dozen
/// lines; the `suite` feature holds the suite that every backend runs.
#[async_trait]
pub trait VaultBackend: Debug + Send + Sync + 'static {
    /// Reads the secrets of one run and answers with one result per request, in their order.
    ///
    /// Look-ups are shared within the call; nothing but a login outlives it. The call ends before
    /// [`RunContext::deadline`]: requests that cannot be answered in time get
    /// [`VaultErrorKind::Timeout`].
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>>;

    /// Parses a path without I/O, so that mistakes and duplicates are found before the network.
    ///
    /// Two paths that name the same thing should give equal [`SecretPath`]s. The default takes
    /// the text as it is.
    ///
    /// # Errors
    /// A [`PathError`] that says what is wrong and how a right path looks.
    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        Ok(SecretPath::verbatim(path))
    }

    /// The annotations of a document that this backend understands, such as
    /// `avp.kubernetes.io/kv-version`.
    ///
    /// Only these reach [`SecretRequest::options`], so that an unrelated annotation never splits
    /// one read into two.
    fn options(&self) -> Cow<'_, [&str]> {
        Cow::Borrowed(&[])
    }

    /// Whether paths carry versions here. Where they do not, the engine leaves a version out of the
    /// request and notes that it has no effect.
    fn has_versions(&self) -> bool {
        true
    }
}
