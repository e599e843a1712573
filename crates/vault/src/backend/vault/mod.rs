#![doc = include_str!("README.md")]

#[cfg(feature = "vault")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "vault")]
pub use backend::*;
pub use info::INFO;
