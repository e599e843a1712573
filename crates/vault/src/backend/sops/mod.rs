#![doc = include_str!("README.md")]

#[cfg(feature = "sops")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "sops")]
pub use backend::*;
pub use info::INFO;
