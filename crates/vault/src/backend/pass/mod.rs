#![doc = include_str!("README.md")]

#[cfg(feature = "pass")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "pass")]
pub use backend::*;
pub use info::INFO;
