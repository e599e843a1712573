#![doc = include_str!("README.md")]

#[cfg(feature = "awsssmparameterstore")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "awsssmparameterstore")]
pub use backend::*;
pub use info::INFO;
