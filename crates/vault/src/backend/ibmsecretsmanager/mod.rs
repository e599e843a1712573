#![doc = include_str!("README.md")]

#[cfg(feature = "ibmsecretsmanager")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "ibmsecretsmanager")]
pub use backend::*;
pub use info::INFO;
