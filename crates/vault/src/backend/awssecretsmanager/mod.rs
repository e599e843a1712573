#![doc = include_str!("README.md")]

#[cfg(feature = "awssecretsmanager")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "awssecretsmanager")]
pub use backend::*;
pub use info::INFO;
