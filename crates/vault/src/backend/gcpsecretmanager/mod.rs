#![doc = include_str!("README.md")]

#[cfg(feature = "gcpsecretmanager")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "gcpsecretmanager")]
pub use backend::*;
pub use info::INFO;
