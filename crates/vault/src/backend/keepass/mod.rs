#![doc = include_str!("README.md")]

#[cfg(feature = "keepass")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "keepass")]
pub use backend::*;
pub use info::INFO;
