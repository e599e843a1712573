#![doc = include_str!("README.md")]

#[cfg(feature = "1passwordconnect")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "1passwordconnect")]
pub use backend::*;
pub use info::INFO;
