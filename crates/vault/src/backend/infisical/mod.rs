#![doc = include_str!("README.md")]

#[cfg(feature = "infisical")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "infisical")]
pub use backend::*;
pub use info::INFO;
