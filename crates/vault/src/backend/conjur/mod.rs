#![doc = include_str!("README.md")]

#[cfg(feature = "conjur")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "conjur")]
pub use backend::*;
pub use info::INFO;
