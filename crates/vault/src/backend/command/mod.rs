#![doc = include_str!("README.md")]

#[cfg(feature = "command")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "command")]
pub use backend::*;
pub use info::INFO;
