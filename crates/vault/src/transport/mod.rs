//! How backends reach what holds the secrets: over HTTP, through programs, in files.
//!
//! Which backends use one is theirs to say: none is named here, and a build of few backends leaves
//! something unused.

#[cfg_attr(not(feature = "full"), allow(dead_code, unused_imports))]
pub(crate) mod aws;
#[cfg_attr(not(feature = "full"), allow(dead_code, unused_imports))]
pub(crate) mod azure;
#[cfg_attr(not(feature = "full"), allow(dead_code, unused_imports))]
pub(crate) mod gcp;
#[cfg(feature = "gpg")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod gpg;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "kept")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod kept_file;
#[cfg(feature = "process")]
mod orphans;
#[cfg(feature = "process")]
pub mod process;
#[cfg(feature = "shared")]
pub(crate) mod runtime;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod text_file;
#[cfg(feature = "http")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod vault_api;
