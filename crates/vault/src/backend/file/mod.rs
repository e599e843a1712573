#![doc = include_str!("README.md")]

#[cfg(feature = "file")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "file")]
pub use backend::*;
pub use info::INFO;
