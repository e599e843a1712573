//! How backends reach what holds the secrets: over HTTP, through programs, in files.

#[cfg(feature = "http")]
pub mod http;
#[cfg(any(feature = "command", feature = "kubernetessecret", feature = "sops"))]
pub(crate) mod process;
#[cfg(any(feature = "http", feature = "command"))]
pub(crate) mod runtime;
#[cfg(any(feature = "file", feature = "sops"))]
pub(crate) mod text_file;
