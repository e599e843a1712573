#![doc = include_str!("README.md")]

#[cfg(feature = "httpservice")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "httpservice")]
pub use backend::*;
pub use info::INFO;
